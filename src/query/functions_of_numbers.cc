#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "query/evaluation.h"
#include "query/function_bodies.h"
#include "query/json/number.h"

namespace flashflood::query {
namespace {

Value make_real(const Call& call, double number) {
  if (!std::isfinite(number)) {
    call.evaluation.fail(
        QueryError::Kind::invalid_value, call.node,
        fmt::format("the result of {}() is beyond the range of numbers", call.node.function->name));
  }
  return Value::make_real(number);
}

// A whole number as an integer, of as many digits as it takes.
Value make_whole(const Call& call, double whole) {
  if (std::abs(whole) < 9e18) return Value::make_integer(static_cast<std::int64_t>(whole));
  if (!std::isfinite(whole)) return make_real(call, whole);
  Value digits = call.evaluation.make_string(fmt::format("{:.0f}", whole), true);
  return Value::make_number_text(digits.view(), true);
}

// The same integer in its one spelling.
Value canonical_integer(const Number& number) {
  if (number.form == Number::Form::wide) return Value::make_number_text(number.text, true);
  return Value::make_integer(number.integer);
}

Sum sum_of(const Value& numbers) {
  Sum sum;
  for (std::size_t i = 0; i < numbers.size; ++i) sum.add(to_number(numbers.items[i]));
  return sum;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from the front of `text`; an underscore may stand between two digits, as in Python.
bool take_digits(std::string_view& text, std::string& digits) {
  if (text.empty() || !is_digit(text[0])) return false;
  while (!text.empty()) {
    if (is_digit(text[0])) {
      digits.push_back(text[0]);
    } else if (text[0] != '_' || text.size() < 2 || !is_digit(text[1])) {
      break;
    }
    text.remove_prefix(1);
  }
  return true;
}

// The number that int() or float() of Python reads, spelt without blanks, plus and underscores and
// with digits around the point; empty when there is none. Infinities and NaN are no JSON numbers.
std::string read_number(std::string_view text, bool& is_integer) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string number;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    if (text[0] == '-') number.push_back('-');
    text.remove_prefix(1);
  }
  std::string digits;
  bool has_digits = take_digits(text, digits);
  digits.erase(0, digits.find_first_not_of('0'));
  number.append(digits.empty() ? "0" : digits);
  is_integer = has_digits && text.empty();
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    number.push_back('.');
    if (take_digits(text, number)) {
      has_digits = true;
    } else {
      number.push_back('0');
    }
  }
  if (!has_digits) return {};
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    number.push_back('e');
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
      number.push_back(text[0]);
      text.remove_prefix(1);
    }
    if (!take_digits(text, number)) return {};
  }
  return text.empty() ? number : std::string();
}

}  // namespace

Value run_abs(const Call& call) {
  Number number = to_number(call.arguments[0]);
  if (number.form == Number::Form::real) return make_real(call, std::abs(number.real));
  if (number.form == Number::Form::wide && number.text[0] == '-') number.text.remove_prefix(1);
  if (number.form == Number::Form::integer && number.integer < 0) {
    if (number.integer == std::numeric_limits<std::int64_t>::min()) {
      return Value::make_number_text("9223372036854775808", true);
    }
    number.integer = -number.integer;
  }
  return canonical_integer(number);
}

Value run_ceil(const Call& call) {
  Number number = to_number(call.arguments[0]);
  if (number.form != Number::Form::real) return canonical_integer(number);
  return make_whole(call, std::ceil(number.real));
}

Value run_floor(const Call& call) {
  Number number = to_number(call.arguments[0]);
  if (number.form != Number::Form::real) return canonical_integer(number);
  return make_whole(call, std::floor(number.real));
}

Value run_sum(const Call& call) {
  Sum sum = sum_of(call.arguments[0]);
  return sum.is_integer() ? Value::make_integer(sum.integer()) : make_real(call, sum.real());
}

Value run_avg(const Call& call) {
  const Value& numbers = call.arguments[0];
  if (numbers.size == 0) return {};
  return make_real(call, sum_of(numbers).real() / static_cast<double>(numbers.size));
}

Value run_to_number(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == Kind::number) return value;
  if (value.kind != Kind::string) return {};
  call.evaluation.charge(value.size / 8);
  bool is_integer = false;
  std::string text = read_number(value.view(), is_integer);
  if (text.empty()) return {};
  if (is_integer) {
    std::int64_t integer = 0;
    auto outcome = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (outcome.ec == std::errc{}) return Value::make_integer(integer);
  } else {
    double real = parse_real(text);
    if (std::isfinite(real)) return Value::make_real(real);
  }
  Value kept = call.evaluation.make_string(text, true);
  return Value::make_number_text(kept.view(), is_integer);
}

}  // namespace flashflood::query
