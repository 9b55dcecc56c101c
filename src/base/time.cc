#include "base/time.h"

#include <chrono>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The number of `count` decimal digits at `at`, or -1.
int digits(const char* at, int count) noexcept {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned>(at[i]) - '0';
    if (digit > 9) return -1;
    value = value * 10 + static_cast<int>(digit);
  }
  return value;
}

void put_digits(char* at, unsigned value, int count) noexcept {
  for (int i = count - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Midnight of a day of the Gregorian calendar. Says what is wrong by `error`.
std::chrono::sys_days to_day(int year, int month, int day, const char*& error) noexcept {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 0) {
    error = "it must begin with a year of four digits";
  } else if (month < 1 || month > 12) {
    error = "the month must be 01 to 12";
  } else if (!date.ok()) {
    error = "there is no such day in that month";
  }
  return std::chrono::sys_days(date);
}

struct Fields {
  unsigned year, month, day, hour, minute, second, microsecond;
};

Fields split(Timestamp date) noexcept {
  const auto midnight = std::chrono::floor<days>(date);
  const std::chrono::year_month_day day(midnight);
  const auto rest = static_cast<std::uint64_t>((date - midnight).count());
  const auto second = static_cast<unsigned>(rest / 1'000'000);
  return {static_cast<unsigned>(static_cast<int>(day.year())),
          static_cast<unsigned>(day.month()),
          static_cast<unsigned>(day.day()),
          second / 3600,
          second / 60 % 60,
          second % 60,
          static_cast<unsigned>(rest % 1'000'000)};
}

// Reads "Z" or "+hh:mm", which is all that is left. Null, or what is wrong with it.
const char* read_offset(std::string_view rest, minutes& offset) noexcept {
  if (rest.empty()) return "the offset from UTC is missing ('Z' or like '+01:00')";
  const char sign = rest.front();
  offset = minutes(0);
  if (sign == 'Z' || sign == 'z') {
    return rest.size() == 1 ? nullptr : "something follows after the 'Z'";
  }
  if (sign != '+' && sign != '-') {
    return "after the seconds comes an offset from UTC ('Z' or like '+01:00')";
  }
  if (rest.size() != 6 || rest[3] != ':') return "the offset must look like '+01:00'";
  const int hour = digits(&rest[1], 2);
  const int minute = digits(&rest[4], 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return "the offset must lie between '-23:59' and '+23:59'";
  }
  offset = hours(hour) + minutes(minute);
  if (sign == '-') offset = -offset;
  return nullptr;
}

}  // namespace

const char* read_rfc3339(std::string_view text, Timestamp& date) noexcept {
  constexpr std::size_t fixed = std::string_view("2011-03-01T08:26:00").size();
  if (text.size() < fixed) return "it is too short";
  const char* const at = text.data();
  if (at[4] != '-' || at[7] != '-') return "the day must look like '2011-03-01'";
  if (at[10] != 'T' && at[10] != 't' && at[10] != ' ') return "between day and time stands a 'T'";
  if (at[13] != ':' || at[16] != ':') return "the time must look like '08:26:00'";

  const char* error = nullptr;
  const std::chrono::sys_days day =
      to_day(digits(at, 4), digits(at + 5, 2), digits(at + 8, 2), error);
  if (error != nullptr) return error;
  const int hour = digits(at + 11, 2);
  const int minute = digits(at + 14, 2);
  const int second = digits(at + 17, 2);
  if (hour < 0 || hour > 23) return "the hour must be 00 to 23";
  if (minute < 0 || minute > 59) return "the minute must be 00 to 59";
  if (second < 0 || second > 60) return "the second must be 00 to 60";

  std::size_t end = fixed;
  int fraction = 0;
  if (end < text.size() && at[end] == '.') {
    const std::size_t begin = ++end;
    int scale = 100'000;
    for (; end < text.size() && at[end] >= '0' && at[end] <= '9'; ++end) {
      fraction += (at[end] - '0') * scale;
      scale /= 10;
    }
    if (end == begin) return "digits must follow after the decimal point";
  }

  auto time = hours(hour) + minutes(minute) + seconds(second) + microseconds(fraction);
  if (second == 60) time = hours(hour) + minutes(minute + 1) - microseconds(1);
  minutes offset{};
  if ((error = read_offset(text.substr(end), offset)) != nullptr) return error;
  const Timestamp read = day + time - offset;
  if (read < timestamp_min) return "in UTC it lies before the year 1";
  if (read > timestamp_max) return "in UTC it lies after the year 9999";
  date = read;
  return nullptr;
}

Timestamp parse_timestamp(std::string_view text) {
  Timestamp date;
  if (const char* const reason = read_rfc3339(text, date)) {
    throw InvalidArgument("the date " + quote(text) + " is refused: " + reason +
                          " (RFC 3339, like 2011-03-01T08:26:00Z, is expected)");
  }
  return date;
}

std::string format_timestamp(Timestamp date) {
  const Fields f = split(date);
  std::string out = "0000-00-00T00:00:00.000000Z";
  put_digits(&out[0], f.year, 4);
  put_digits(&out[5], f.month, 2);
  put_digits(&out[8], f.day, 2);
  put_digits(&out[11], f.hour, 2);
  put_digits(&out[14], f.minute, 2);
  put_digits(&out[17], f.second, 2);
  put_digits(&out[20], f.microsecond, 6);
  return out;
}

std::string compact_timestamp(Timestamp date) {
  const Fields f = split(date);
  std::string out = "00000000T000000.000000Z";
  put_digits(&out[0], f.year, 4);
  put_digits(&out[4], f.month, 2);
  put_digits(&out[6], f.day, 2);
  put_digits(&out[9], f.hour, 2);
  put_digits(&out[11], f.minute, 2);
  put_digits(&out[13], f.second, 2);
  put_digits(&out[16], f.microsecond, 6);
  return out;
}

std::optional<Timestamp> parse_compact_timestamp(std::string_view text) {
  if (text.size() != 23 || text[8] != 'T' || text[15] != '.' || text[22] != 'Z') {
    return std::nullopt;
  }
  const char* const at = text.data();
  const char* error = nullptr;
  const std::chrono::sys_days day =
      to_day(digits(at, 4), digits(at + 4, 2), digits(at + 6, 2), error);
  const int hour = digits(at + 9, 2);
  const int minute = digits(at + 11, 2);
  const int second = digits(at + 13, 2);
  const int fraction = digits(at + 16, 6);
  if (error != nullptr || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59 || fraction < 0) {
    return std::nullopt;
  }
  const Timestamp date =
      day + hours(hour) + minutes(minute) + seconds(second) + microseconds(fraction);
  if (date < timestamp_min || date > timestamp_max) return std::nullopt;
  return date;
}

}  // namespace flashflood
