#include "values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "failure.h"
#include "query_advice.h"
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

std::chrono::milliseconds parse_interval(std::string_view option, std::string_view text) {
  const auto interval = parse_duration(option, text);
  constexpr std::chrono::milliseconds least{10};
  if (interval < least) {
    throw UsageError(
        fmt::format("{}: {} is too short, 10ms is the least", option, quoted_text(text)));
  }
  return interval;
}

Timestamp parse_date(std::string_view option, std::string_view text,
                     std::optional<std::chrono::minutes> zone) {
  try {
    DateReading reading;
    reading.zone = zone;
    return read_date(text, reading);
  } catch (const InvalidArgument& error) {
    // The message says what a date looks like.
    throw UsageError(fmt::format("{}: {}", option, error.what()));
  }
}

std::chrono::minutes parse_zone(std::string_view option, std::string_view text) {
  try {
    return read_zone(text);
  } catch (const InvalidArgument& error) {
    throw UsageError(fmt::format("{}: {}", option, error.what()));
  }
}

namespace {

constexpr std::chrono::microseconds instant{1};

// The last moment before `date`; nothing before the first one.
std::optional<Timestamp> before(Timestamp date) {
  if (date == timestamp_min) return std::nullopt;
  return date - instant;
}

}  // namespace

DateRange parse_range(const RangeArguments& arguments) {
  const auto both = [](const char* a, const char* b) {
    return UsageError(fmt::format("{} and {} do not go together", a, b));
  };
  if (arguments.from && arguments.since) throw both("--from", "--since");
  if (arguments.to && arguments.until) throw both("--to", "--until");
  for (const auto& [name, given] : {std::pair("--from", arguments.from.has_value()),
                                    {"--since", arguments.since.has_value()},
                                    {"--to", arguments.to.has_value()},
                                    {"--until", arguments.until.has_value()}}) {
    if (arguments.on && given) throw both("--on", name);
  }
  const auto zone =
      arguments.zone ? parse_zone("--zone", *arguments.zone) : std::chrono::minutes(0);
  const Timestamp now =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto span_of = [&](const char* option, const std::string& text) {
    try {
      return read_date_span(text, now, zone);
    } catch (const InvalidArgument& error) {
      throw UsageError(fmt::format("{}: {}", option, error.what()));
    }
  };
  DateRange range;
  std::optional<Timestamp> first, last;  // what was meant, for the comparison of both
  // The range is without its begin and with its end: a day, which has a length, is meant whole.
  const auto begin_with = [&](const DateSpan& span) {
    first = span.begin;
    range.from = before(span.begin);
  };
  const auto end_with = [&](const DateSpan& span) {
    range.to = span.begin == span.end || span.end == timestamp_max ? span.end : span.end - instant;
    last = range.to;
  };
  if (arguments.from) {
    const DateSpan span = span_of("--from", *arguments.from);
    begin_with(span);
    if (span.begin == span.end) range.from = span.begin;
  }
  if (arguments.to) end_with(span_of("--to", *arguments.to));
  if (arguments.since) begin_with(span_of("--since", *arguments.since));
  if (arguments.until) {
    last = span_of("--until", *arguments.until).begin;
    range.to = before(*last);
    if (!range.to) throw UsageError("--until: there is nothing before the year 1");
  }
  if (arguments.on) {
    const DateSpan span = span_of("--on", *arguments.on);
    if (span.begin == span.end) {
      throw UsageError(fmt::format("--on: {} is no day, month or year (such as 2011-03-01)",
                                   quoted_text(*arguments.on)));
    }
    begin_with(span);
    end_with(span);
  }
  if (first && last && *first > *last) {
    throw UsageError(fmt::format("{} is later than {}", arguments.since ? "--since" : "--from",
                                 arguments.until ? "--until" : "--to"));
  }
  // --since a moment --until the same one: nothing, as it says.
  if (range.from && range.to && *range.from > *range.to) range.from = range.to;
  return range;
}

Expression parse_expression(std::string_view option, const std::string& text) {
  try {
    return Expression(text);
  } catch (const QueryError& error) {
    // The message ends with the expression and a mark below the mistake, on lines of their own.
    const std::string_view what = error.what();
    const std::size_t first_line = std::min(what.find('\n'), what.size());
    const std::string advice = advice_on_syntax(text);
    throw UsageError(fmt::format("{}: {}{}{}", option, what.substr(0, first_line),
                                 advice.empty() ? "" : "; " + advice, what.substr(first_line)));
  }
}

}  // namespace flashflood::cli
