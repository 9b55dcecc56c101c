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

// An event to be recorded. Without an id one is made (a random 128-bit name, no look-up needed);
// without a date it is dated now, by this machine's clock.
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
