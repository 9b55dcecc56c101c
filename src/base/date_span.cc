// read_date_span of flashflood/event.h: words and dates that name a range.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "flashflood/error.h"
#include "flashflood/event.h"

namespace flashflood {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::year_month_day;
using std::chrono::years;

// Midnight of a day in a zone, within the range of dates.
Timestamp midnight(std::chrono::sys_days day, minutes zone) {
  return std::clamp(Timestamp(day) - zone, timestamp_min, timestamp_max);
}

std::optional<int> number(std::string_view text, std::size_t digits) {
  int value = 0;
  if (text.size() != digits) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "2011", "2011-03" or "2011-03-01".
std::optional<DateSpan> calendar_span(std::string_view text, minutes zone) {
  const auto year = number(text.substr(0, 4), 4);
  const bool has_month = text.size() > 4;
  const bool has_day = text.size() > 7;
  if (!year || text.size() > 10) return std::nullopt;
  if (has_month && text[4] != '-') return std::nullopt;
  if (has_day && text[7] != '-') return std::nullopt;
  const auto month = has_month ? number(text.substr(5, 2), 2) : std::optional(1);
  const auto day = has_day ? number(text.substr(8), 2) : std::optional(1);
  if (!month || !day) return std::nullopt;
  const year_month_day first{std::chrono::year(*year),
                             std::chrono::month(static_cast<unsigned>(*month)),
                             std::chrono::day(static_cast<unsigned>(*day))};
  if (!first.ok()) {
    throw InvalidArgument(fmt::format("the date {} is refused: there is no such {}", quote(text),
                                      has_day ? "day" : "month"));
  }
  const std::chrono::sys_days begin(first);
  std::chrono::sys_days end = begin + days(1);
  if (!has_day) end = has_month ? first + months(1) : first + years(1);
  return DateSpan{midnight(begin, zone), midnight(end, zone)};
}

// "1h" and "-1h": how long ago.
std::optional<std::chrono::microseconds> ago(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || text.starts_with('-') || end + 1 != text.data() + text.size())
    return std::nullopt;
  std::chrono::seconds unit{0};
  switch (*end) {
    case 's':
      unit = std::chrono::seconds(1);
      break;
    case 'm':
      unit = minutes(1);
      break;
    case 'h':
      unit = std::chrono::hours(1);
      break;
    case 'd':
      unit = days(1);
      break;
    case 'w':
      unit = days(7);
      break;
    default:
      return std::nullopt;
  }
  constexpr std::int64_t seconds_max = 400'000'000'000;  // more than all dates span
  return unit * std::min(count, seconds_max / unit.count());
}

}  // namespace

DateSpan read_date_span(std::string_view text, Timestamp now, minutes zone) {
  if (text == "now") return {now, now};
  const auto today = std::chrono::floor<days>(now + zone);
  if (text == "today") return {midnight(today, zone), midnight(today + days(1), zone)};
  if (text == "yesterday") return {midnight(today - days(1), zone), midnight(today, zone)};
  if (const auto span = calendar_span(text, zone)) return *span;
  if (const auto duration = ago(text)) {
    const Timestamp then = *duration > now - timestamp_min ? timestamp_min : now - *duration;
    return {then, then};
  }
  DateReading reading;
  reading.zone = zone;
  const Timestamp date = read_date(text, reading);
  return {date, date};
}

}  // namespace flashflood
