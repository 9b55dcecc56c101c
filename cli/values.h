// Values of options: text to numbers, sizes, durations, dates and expressions.
//
// Every function throws UsageError, which names `option`, says what is expected and shows what was
// given.
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flashflood/event.h"
#include "flashflood/jmespath.h"

namespace flashflood::cli {

// A whole number from `least` to `most`.
std::uint64_t parse_count(std::string_view option, std::string_view text, std::uint64_t least = 0,
                          std::uint64_t most = UINT64_MAX);
// "65536", "64K", "8M", "1.5G", also "8MiB" (all powers of 1024).
std::uint64_t parse_size(std::string_view option, std::string_view text);
// "250ms", "10s", "5m", "1h", "7d"; a bare number is seconds.
std::chrono::milliseconds parse_duration(std::string_view option, std::string_view text);
std::chrono::seconds parse_seconds(std::string_view option, std::string_view text);
// How often something is looked at: a duration of at least 10 ms.
std::chrono::milliseconds parse_interval(std::string_view option, std::string_view text);
// A date; one that has no offset counts in the zone.
Timestamp parse_date(std::string_view option, std::string_view text,
                     std::optional<std::chrono::minutes> zone = {});
std::chrono::minutes parse_zone(std::string_view option, std::string_view text);

// The options that name a range of dates, as typed.
struct RangeArguments {
  std::optional<std::string> from{}, to{}, on{}, since{}, until{}, zone{};
};
// (from, to], as the library takes it.
struct DateRange {
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
};
DateRange parse_range(const RangeArguments& arguments);
// A compiled expression; the error shows where in the text it went wrong.
Expression parse_expression(std::string_view option, const std::string& text);

}  // namespace flashflood::cli
