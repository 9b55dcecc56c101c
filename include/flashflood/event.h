// Events and dates.
//
// Threads: plain values. Lifetime: an EventView borrows its bytes; the function that returned it
// says for how long.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashflood {

// A date in UTC with microseconds, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr Timestamp timestamp_min{std::chrono::microseconds{-62'135'596'800'000'000}};
inline constexpr Timestamp timestamp_max{std::chrono::microseconds{253'402'300'799'999'999}};

// Reads an RFC 3339 date: "2011-03-01T08:26:00Z", with any offset ("+01:00") and any number of
// digits of a second (rounded down to microseconds). Accepts 't', 'z' and a blank between date and
// time, as RFC 3339 section 5.6 allows. A leap second ":60" becomes the last microsecond of its
// minute. Throws InvalidArgument, with the reason, for any other text and for dates outside
// [timestamp_min, timestamp_max] in UTC.
Timestamp parse_timestamp(std::string_view text);

// How dates that come from somewhere else are written there.
struct DateReading {
  enum class Unit { seconds, milliseconds, microseconds, nanoseconds, detect };
  // Of numbers, which count from 1970-01-01T00:00:00Z. `detect`: by the digits in front of the
  // point; up to 11 are seconds, up to 14 milliseconds, up to 17 microseconds, more nanoseconds.
  Unit unit = Unit::seconds;
  // What dates that have no offset from UTC count from; without one they are refused.
  std::optional<std::chrono::minutes> zone{};
};

// Reads a date in one of the forms of docs/guide.md ("Dates"): RFC 3339 and what is close to it,
// RFC 2822, ISO 8601's basic form, a day, a number, and MongoDB's {"$date": …}. More digits than
// microseconds have are rounded down. Throws InvalidArgument, with the reason, for anything else,
// and for dates outside [timestamp_min, timestamp_max].
Timestamp read_date(std::string_view text, const DateReading& reading = {});
// A number as JSON writes it: "1299573000.25", "1.3e9". Exact, rounded down to microseconds.
// Throws InvalidArgument; when it would be a date in another unit, the message names that.
Timestamp read_date_number(std::string_view number,
                           DateReading::Unit unit = DateReading::Unit::seconds);
// "UTC", or an offset from it such as "+02:00". Throws InvalidArgument.
std::chrono::minutes read_zone(std::string_view text);

// A time that somebody names for a range: from `begin` up to, without, `end`. A moment has no
// length.
struct DateSpan {
  Timestamp begin{};
  Timestamp end{};
};
// Reads "2011-03-01" (a day), "2011-03" (a month), "2011" (a year), "today", "yesterday", "now",
// "7d", "-1h" (before now; s, m, h, d, w), and any date that read_date() takes. Days, months and
// what has no offset are those of `zone`. Throws InvalidArgument.
DateSpan read_date_span(std::string_view text, Timestamp now,
                        std::chrono::minutes zone = std::chrono::minutes(0));

// RFC 3339 with six digits and "Z": 27 characters. The date must lie in the range above.
std::string format_timestamp(Timestamp date);

// Bounds on an event.
inline constexpr std::size_t id_bytes_max = 1024;
inline constexpr std::size_t data_bytes_max = std::size_t{64} << 20;

// An event as it is recorded and read.
struct Event {
  std::string id;              // UTF-8, 1 to id_bytes_max bytes
  Timestamp date{};            //
  std::string data;            // any bytes, at most data_bytes_max; usually one JSON document
  std::uint64_t revision = 1;  // 1 when recorded, one more with each update; not read by put
};

// An event to be recorded. Without an id one is made, with no look-up: a UUID of version 7 as 32
// hexadecimal digits, so that ids made by one handle ascend in the order in which they are made.
// Without a date it is dated now, by this machine's clock; a Recorder's dates ascend strictly,
// whatever the clock does.
struct NewEvent {
  std::optional<std::string> id{};
  std::optional<Timestamp> date{};
  std::string data{};
};

// An event seen in place, without a copy.
struct EventView {
  std::string_view id;
  Timestamp date{};
  std::string_view data;
  std::uint64_t revision = 1;

  Event copy() const { return {std::string(id), date, std::string(data), revision}; }
};

}  // namespace flashflood
