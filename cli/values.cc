#include "values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "failure.h"
#include "text.h"

namespace flashflood::cli {

namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view text,
                         std::string_view expected) {
  throw UsageError(fmt::format("{}: {} is not {}", option, quoted_text(text), expected));
}

struct Measure {
  double number;
  std::string_view unit;
};

// "1.5G" to 1.5 and "G"; nothing when it does not begin with a number that is not negative.
std::optional<Measure> split_unit(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || text.front() == '-') return std::nullopt;
  return Measure{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

}  // namespace

std::uint64_t parse_count(std::string_view option, std::string_view text, std::uint64_t least,
                          std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || number < least || number > most) {
    refuse(option, text,
           most == UINT64_MAX
               ? (least == 0 ? "a whole number" : fmt::format("a whole number from {}", least))
               : fmt::format("a whole number from {} to {}", least, most));
  }
  return number;
}

std::uint64_t parse_size(std::string_view option, std::string_view text) {
  constexpr std::string_view expected = "a size (such as 65536, 64K, 8M or 1G)";
  const auto measure = split_unit(text);
  if (!measure) refuse(option, text, expected);
  std::string_view unit = measure->unit;
  if (unit.ends_with("iB")) unit.remove_suffix(2);
  if (unit.ends_with("B")) unit.remove_suffix(1);
  constexpr std::string_view units = "KMGT";
  double factor = 1;
  if (unit.size() > 1) refuse(option, text, expected);
  if (unit.size() == 1) {
    const char letter = unit[0] == 'k' || unit[0] == 'm' || unit[0] == 'g' || unit[0] == 't'
                            ? static_cast<char>(unit[0] - 32)
                            : unit[0];
    const auto position = units.find(letter);
    if (position == std::string_view::npos) refuse(option, text, expected);
    factor = std::pow(1024.0, static_cast<double>(position + 1));
  }
  const double bytes = measure->number * factor;
  if (bytes > 1e18) refuse(option, text, expected);
  return static_cast<std::uint64_t>(bytes);
}

std::chrono::milliseconds parse_duration(std::string_view option, std::string_view text) {
  constexpr std::string_view expected = "a duration (such as 250ms, 10s, 5m, 1h or 7d)";
  const auto measure = split_unit(text);
  if (!measure) refuse(option, text, expected);
  const std::string_view unit = measure->unit;
  double factor = 0;
  if (unit == "ms") factor = 1;
  if (unit.empty() || unit == "s") factor = 1e3;
  if (unit == "m" || unit == "min") factor = 60e3;
  if (unit == "h") factor = 3600e3;
  if (unit == "d") factor = 86400e3;
  const double milliseconds = measure->number * factor;
  if (factor == 0 || milliseconds > 1e15) refuse(option, text, expected);
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

std::chrono::seconds parse_seconds(std::string_view option, std::string_view text) {
  const auto duration = parse_duration(option, text);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  if (seconds != duration) refuse(option, text, "whole seconds");
  return seconds;
}

Timestamp parse_date(std::string_view option, std::string_view text) {
  try {
    return parse_timestamp(text);
  } catch (const InvalidArgument& error) {
    // The message says what a date looks like.
    throw UsageError(fmt::format("{}: {}", option, error.what()));
  }
}

DateRange parse_range(const std::optional<std::string>& from,
                      const std::optional<std::string>& to) {
  DateRange range;
  if (from) range.from = parse_date("--from", *from);
  if (to) range.to = parse_date("--to", *to);
  if (range.from && range.to && *range.from > *range.to)
    throw UsageError("--from is later than --to");
  return range;
}

Expression parse_expression(std::string_view option, const std::string& text) {
  try {
    return Expression(text);
  } catch (const QueryError& error) {
    // The message ends with the expression and a mark below the mistake, on lines of their own.
    throw UsageError(fmt::format("{}: {}", option, error.what()));
  }
}

std::optional<Timestamp> date_of_seconds(std::string_view number) {
  constexpr std::int64_t second_min = -62'135'596'800;
  constexpr std::int64_t second_max = 253'402'300'799;
  std::int64_t seconds = 0;
  const char* const last = number.data() + number.size();
  const auto [end, error] = std::from_chars(number.data(), last, seconds);
  std::int64_t microseconds = 0;
  const bool decimal =
      error == std::errc{} &&
      (end == last ||
       (*end == '.' && std::all_of(end + 1, last, [](char c) { return c >= '0' && c <= '9'; })));
  if (decimal) {
    // Exact: a double has no room for microseconds of every date.
    if (seconds < second_min || seconds > second_max) return std::nullopt;
    std::int64_t fraction = 0;
    bool more = false;  // digits below a microsecond
    if (end != last) {
      std::int64_t unit = 100'000;
      for (const char* digit = end + 1; digit != last; ++digit) {
        fraction += (*digit - '0') * unit;
        more |= unit == 0 && *digit != '0';
        unit /= 10;
      }
    }
    const bool negative = number.front() == '-';
    microseconds = seconds * 1'000'000 + (negative ? -fraction - (more ? 1 : 0) : fraction);
  } else {
    double real = 0;
    const auto [real_end, real_error] = std::from_chars(number.data(), last, real);
    if (real_error != std::errc{} || real_end != last) return std::nullopt;
    if (!(std::abs(real) < 1e12)) return std::nullopt;
    microseconds = static_cast<std::int64_t>(std::floor(real * 1e6));
  }
  const Timestamp date{std::chrono::microseconds{microseconds}};
  if (date < timestamp_min || date > timestamp_max) return std::nullopt;
  return date;
}

}  // namespace flashflood::cli
