#include "query/json/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace flashflood::query {
namespace {

// Whether a number whose value from_chars found out of range is too big, not too small.
bool is_huge(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  std::size_t exponent_at = std::min(text.find_first_of("eE"), text.size());
  std::string_view mantissa = text.substr(0, exponent_at);
  // The place of the first digit that is not zero: 0 is that of the units.
  std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (exponent_at == text.size()) return place > 0;
  std::string_view exponent = text.substr(exponent_at + 1);
  bool negative = exponent[0] == '-';
  if (exponent[0] == '-' || exponent[0] == '+') exponent.remove_prefix(1);
  std::int64_t size = 0;
  auto outcome = std::from_chars(exponent.data(), exponent.data() + exponent.size(), size);
  if (outcome.ec != std::errc{}) return !negative;
  return place + (negative ? -size : size) > 0;
}

// Digits and perhaps a minus, this many characters at most.
constexpr std::size_t short_integer_digits = 18;
std::int64_t parse_short_integer(std::string_view text) {
  const bool negative = text[0] == '-';
  std::int64_t number = 0;
  for (std::size_t i = negative ? 1 : 0; i < text.size(); ++i)
    number = number * 10 + (text[i] - '0');
  return negative ? -number : number;
}

// Digits with a point among them, few enough that both they and the power of ten that divides them
// are doubles without rounding; then the quotient is the nearest double. Nothing for all others.
std::optional<double> parse_short_real(std::string_view text) {
  constexpr std::size_t digits_max = 15;
  constexpr double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.size() > digits_max + 1) return std::nullopt;
  std::int64_t digits = 0;
  std::size_t fraction_begin = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit < 10) {
      digits = digits * 10 + digit;
    } else if (text[i] == '.') {
      fraction_begin = i + 1;
    } else {
      return std::nullopt;
    }
  }
  const std::size_t fraction_digits = text.size() - fraction_begin;
  if (fraction_digits > digits_max) return std::nullopt;
  const double number = static_cast<double>(digits) / powers[fraction_digits];
  return negative ? -number : number;
}

std::partial_ordering compare_wide(std::string_view left, std::string_view right) {
  bool negative = left[0] == '-';
  if (negative != (right[0] == '-')) {
    return negative ? std::partial_ordering::less : std::partial_ordering::greater;
  }
  if (negative) std::swap(left, right);
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left.compare(right) <=> 0;
}

std::partial_ordering compare_integer_real(std::int64_t integer, double real) {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (real >= limit) return std::partial_ordering::less;
  if (real < -limit) return std::partial_ordering::greater;
  double whole = std::trunc(real);
  auto truncated = static_cast<std::int64_t>(whole);
  if (integer != truncated) return integer <=> truncated;
  return 0.0 <=> real - whole;
}

}  // namespace

double parse_real(std::string_view text) {
  if (auto number = parse_short_real(text)) return *number;
  double number = 0;
  auto outcome = std::from_chars(text.data(), text.data() + text.size(), number);
  if (outcome.ec == std::errc::result_out_of_range) {
    number = is_huge(text) ? std::numeric_limits<double>::infinity() : 0.0;
    if (text[0] == '-') number = -number;
  }
  return number;
}

Number to_number(const Value& value) {
  Number number;
  switch (value.form) {
    case NumberForm::integer:
      number.integer = value.integer;
      number.real = static_cast<double>(value.integer);
      break;
    case NumberForm::integer_text: {
      std::string_view text = value.view();
      if (text.size() <= short_integer_digits) {
        number.integer = parse_short_integer(text);
        number.real = static_cast<double>(number.integer);
        break;
      }
      auto outcome = std::from_chars(text.data(), text.data() + text.size(), number.integer);
      if (outcome.ec == std::errc{}) {
        number.real = static_cast<double>(number.integer);
      } else {
        number.form = Number::Form::wide;
        number.real = parse_real(text);
        number.text = text;
      }
      break;
    }
    case NumberForm::real:
      number.form = Number::Form::real;
      number.real = value.real;
      break;
    case NumberForm::real_text:
      number.form = Number::Form::real;
      number.real = parse_real(value.view());
      break;
  }
  return number;
}

void Sum::add(const Number& number) {
  if (is_integer_) {
    std::int64_t total = 0;
    if (number.form == Number::Form::integer &&
        !__builtin_add_overflow(integer_, number.integer, &total)) {
      integer_ = total;
      return;
    }
    is_integer_ = false;
    real_ = static_cast<double>(integer_);
  }
  real_ += number.real;
}

std::partial_ordering compare(const Number& left, const Number& right) {
  using Form = Number::Form;
  if (left.form == Form::integer && right.form == Form::integer)
    return left.integer <=> right.integer;
  if (left.form == Form::wide && right.form == Form::wide)
    return compare_wide(left.text, right.text);
  if (left.form == Form::integer && right.form == Form::real) {
    return compare_integer_real(left.integer, right.real);
  }
  if (left.form == Form::real && right.form == Form::integer) {
    return 0 <=> compare_integer_real(right.integer, left.real);
  }
  // A wide integer lies beyond all of 64 bit.
  if (left.form == Form::wide && right.form == Form::integer) return left.real <=> 0.0;
  if (left.form == Form::integer && right.form == Form::wide) return 0.0 <=> right.real;
  return left.real <=> right.real;
}

void append_real(double number, std::string& out) {
  char digits[40];
  auto outcome =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
  std::string_view text(digits, static_cast<std::size_t>(outcome.ptr - digits));
  if (text[0] == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  // text is d[.ddd]e[+-]dd
  std::size_t exponent_at = text.find('e');
  int exponent = 0;
  std::string_view exponent_text = text.substr(exponent_at + 1);
  if (exponent_text[0] == '+') exponent_text.remove_prefix(1);
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (exponent < -4 || exponent > 15) {
    out.append(text);
    return;
  }
  std::string mantissa(text.substr(0, 1));
  if (exponent_at > 2) mantissa.append(text.substr(2, exponent_at - 2));
  if (exponent < 0) {
    out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(mantissa);
    return;
  }
  auto whole = static_cast<std::size_t>(exponent) + 1;
  if (mantissa.size() < whole + 1) mantissa.append(whole + 1 - mantissa.size(), '0');
  out.append(mantissa, 0, whole).append(".").append(mantissa, whole);
}

void append_canonical(const Value& number, std::string& out) {
  std::string_view text = number.view();
  switch (number.form) {
    case NumberForm::integer_text:
      out.append(text == "-0" ? "0" : text);
      return;
    case NumberForm::integer: {
      char digits[24];
      auto outcome = std::to_chars(digits, digits + sizeof digits, number.integer);
      out.append(digits, outcome.ptr);
      return;
    }
    case NumberForm::real:
      append_real(number.real, out);
      return;
    case NumberForm::real_text: {
      double real = parse_real(text);
      if (std::isfinite(real)) {
        append_real(real, out);
      } else {
        out.append(text);
      }
      return;
    }
  }
}

void append_number(const Value& number, std::string& out) {
  if (number.form == NumberForm::integer_text || number.form == NumberForm::real_text) {
    out.append(number.view());
  } else {
    append_canonical(number, out);
  }
}

}  // namespace flashflood::query
