// Dates as they come: read_date, read_date_number and read_zone of flashflood/event.h.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"
#include "base/time.h"
#include "flashflood/error.h"
#include "flashflood/event.h"

namespace flashflood {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Unit = DateReading::Unit;

// Ends the reading of one form, with the reason.
struct Refused {
  std::string reason;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Takes a text apart from its beginning on.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }

  bool take(char c) {
    if (next() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (next() == ' ' || next() == '\t') rest_.remove_prefix(1);
  }
  // Exactly `count` digits.
  int number(std::size_t count, const char* what) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(next())) throw Refused{fmt::format("{} must have {} digits", what, count)};
      value = value * 10 + (next() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  // Letters, in lower case.
  std::string word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_letter(rest_[size])) ++size;
    std::string word = to_lower(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return word;
  }
  // Digits of a second behind a point or comma, rounded down; nothing when there is none.
  microseconds fraction() {
    if (next() != '.' && next() != ',') return {};
    rest_.remove_prefix(1);
    if (!is_digit(next())) throw Refused{"digits must follow after the decimal point"};
    int value = 0;
    for (int scale = 100'000; is_digit(next()); scale /= 10) {
      value += (next() - '0') * scale;
      rest_.remove_prefix(1);
    }
    return microseconds(value);
  }

 private:
  std::string_view rest_;
};

std::chrono::sys_days day_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (month < 1 || month > 12) throw Refused{"the month must be 01 to 12"};
  if (!date.ok()) throw Refused{"there is no such day in that month"};
  return date;
}

microseconds time_of(int hour, int minute, int second, microseconds fraction) {
  if (hour > 23) throw Refused{"the hour must be 00 to 23"};
  if (minute > 59) throw Refused{"the minute must be 00 to 59"};
  if (second > 60) throw Refused{"the second must be 00 to 60"};
  // A leap second is the last microsecond of its minute.
  if (second == 60) return hours(hour) + minutes(minute + 1) - microseconds(1);
  return hours(hour) + minutes(minute) + seconds(second) + fraction;
}

// "+01:00", "+0100" or "+01".
minutes numeric_offset(Scanner& scanner) {
  const int sign = scanner.take('-') ? -1 : (scanner.take('+'), 1);
  const int hour = scanner.number(2, "the hours of the offset from UTC");
  scanner.take(':');
  const int minute = scanner.at_end() ? 0 : scanner.number(2, "the minutes of the offset from UTC");
  if (hour > 23 || minute > 59) {
    throw Refused{"the offset from UTC must lie between -23:59 and +23:59"};
  }
  return sign * (hours(hour) + minutes(minute));
}

// Those of RFC 2822 section 4.3 that have one meaning there; in lower case.
std::optional<minutes> named_offset(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, int>, 12> zones{{{"z", 0},
                                                                    {"utc", 0},
                                                                    {"gmt", 0},
                                                                    {"ut", 0},
                                                                    {"edt", -4},
                                                                    {"est", -5},
                                                                    {"cdt", -5},
                                                                    {"cst", -6},
                                                                    {"mdt", -6},
                                                                    {"mst", -7},
                                                                    {"pdt", -7},
                                                                    {"pst", -8}}};
  for (const auto& [zone, offset] : zones) {
    if (name == zone) return hours(offset);
  }
  return std::nullopt;
}

// The offset at the end of a date; that of `zone` where there is none.
minutes offset_of(Scanner& scanner, const std::optional<minutes>& zone, bool takes_names) {
  scanner.skip_blanks();
  if (scanner.at_end()) {
    if (zone) return *zone;
    throw Refused{"it has no offset from UTC ('Z' or like '+01:00'), and no zone is given"};
  }
  if (scanner.next() == '+' || scanner.next() == '-') {
    const minutes offset = numeric_offset(scanner);
    if (!scanner.at_end()) throw Refused{"something follows after the offset from UTC"};
    return offset;
  }
  const auto offset = named_offset(scanner.word());
  const bool known = offset && (takes_names || *offset == minutes(0));
  if (!known || !scanner.at_end()) {
    throw Refused{"after the time comes an offset from UTC ('Z', 'UTC' or like '+01:00')"};
  }
  return *offset;
}

// "2011-03-01T08:26:00.25+01:00" and what is written in its way, also without separators.
Timestamp read_iso(std::string_view text, const std::optional<minutes>& zone) {
  Scanner scanner(text);
  const int year = scanner.number(4, "the year");
  const bool basic = !scanner.take('-');
  const int month = scanner.number(2, "the month");
  if (!basic && !scanner.take('-')) throw Refused{"the day must look like '2011-03-01'"};
  const auto day = day_of(year, month, scanner.number(2, "the day"));
  microseconds time{0};
  const bool has_time = scanner.take('T') || scanner.take('t') || scanner.take(' ');
  if (has_time && !scanner.at_end() && is_digit(scanner.next())) {
    const int hour = scanner.number(2, "the hour");
    const bool basic_time = !scanner.take(':');
    const int minute = scanner.number(2, "the minute");
    const bool has_second = basic_time ? is_digit(scanner.next()) : scanner.take(':');
    const int second = has_second ? scanner.number(2, "the second") : 0;
    time = time_of(hour, minute, second, scanner.fraction());
  } else if (has_time) {
    throw Refused{"the time must look like '08:26:00'"};
  }
  return day + time - offset_of(scanner, zone, false);
}

// "Tue, 01 Mar 2011 08:26:00 +0100": RFC 2822 section 3.3, and what HTTP makes of it.
Timestamp read_mail(std::string_view text, const std::optional<minutes>& zone) {
  constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
  constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed",
                                                     "thu", "fri", "sat"};
  Scanner scanner(text);
  const std::string weekday = scanner.word();
  if (!weekday.empty()) {
    if (std::find(weekdays.begin(), weekdays.end(), weekday) == weekdays.end()) {
      throw Refused{"it begins with no year and with no day of the week"};
    }
    if (!scanner.take(',')) throw Refused{"a comma must follow after the day of the week"};
    scanner.skip_blanks();
  }
  int day = scanner.number(1, "the day");
  if (is_digit(scanner.next())) day = day * 10 + scanner.number(1, "the day");
  scanner.skip_blanks();
  const auto month = std::find(months.begin(), months.end(), scanner.word());
  if (month == months.end()) throw Refused{"the month must be Jan to Dec"};
  scanner.skip_blanks();
  const int year = scanner.number(4, "the year");
  const auto date = day_of(year, static_cast<int>(month - months.begin()) + 1, day);
  const unsigned number = std::chrono::weekday(date).c_encoding();
  if (!weekday.empty() && weekday != weekdays[number]) {
    throw Refused{"that day has another day of the week"};
  }
  scanner.skip_blanks();
  const int hour = scanner.number(2, "the hour");
  if (!scanner.take(':')) throw Refused{"the time must look like '08:26:00'"};
  const int minute = scanner.number(2, "the minute");
  const int second = scanner.take(':') ? scanner.number(2, "the second") : 0;
  const auto time = time_of(hour, minute, second, scanner.fraction());
  return date + time - offset_of(scanner, zone, true);
}

constexpr std::array<std::string_view, 4> unit_names{"seconds", "milliseconds", "microseconds",
                                                     "nanoseconds"};

// A number as JSON writes it: its digits, and where among them the point lies.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;  // of the last digit
};

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  Scanner scanner(text);
  decimal.negative = scanner.take('-');
  const auto take_digits = [&](std::int64_t step) {
    std::size_t count = 0;
    for (; is_digit(scanner.next()); ++count) {
      decimal.digits += scanner.next();
      decimal.exponent += step;
      scanner.take(scanner.next());
    }
    return count > 0;
  };
  if (!take_digits(0)) return std::nullopt;
  if (scanner.take('.') && !take_digits(-1)) return std::nullopt;
  if (scanner.take('e') || scanner.take('E')) {
    const int sign = scanner.take('-') ? -1 : (scanner.take('+'), 1);
    std::int64_t exponent = 0;
    if (!is_digit(scanner.next())) return std::nullopt;
    for (; is_digit(scanner.next()); scanner.take(scanner.next())) {
      exponent = std::min<std::int64_t>(exponent * 10 + (scanner.next() - '0'), 100'000);
    }
    decimal.exponent += sign * exponent;
  }
  if (!scanner.at_end()) return std::nullopt;
  return decimal;
}

// How many digits stand in front of the point, without leading zeros.
std::int64_t magnitude(const Decimal& decimal) {
  const auto first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos) return 0;
  return static_cast<std::int64_t>(decimal.digits.size() - first) + decimal.exponent;
}

// Exact, rounded down; nothing when it is out of the range of dates.
std::optional<Timestamp> date_of(const Decimal& decimal, Unit unit) {
  const std::int64_t shift = decimal.exponent + 6 - 3 * static_cast<std::int64_t>(unit);
  std::string digits = decimal.digits;
  bool more = false;  // something below a microsecond
  if (shift < 0) {
    const auto cut = std::min<std::size_t>(digits.size(), static_cast<std::size_t>(-shift));
    more = digits.find_first_not_of('0', digits.size() - cut) != std::string::npos;
    digits.resize(digits.size() - cut);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  constexpr std::int64_t digits_max = 18;  // a date in microseconds has no more
  const std::int64_t zeros = digits.empty() ? 0 : std::max<std::int64_t>(shift, 0);
  if (static_cast<std::int64_t>(digits.size()) + zeros > digits_max) return std::nullopt;
  digits.append(static_cast<std::size_t>(zeros), '0');
  std::int64_t value = digits.empty() ? 0 : std::strtoll(digits.c_str(), nullptr, 10);
  if (decimal.negative) value = -value - (more ? 1 : 0);
  const Timestamp date{microseconds{value}};
  if (date < timestamp_min || date > timestamp_max) return std::nullopt;
  return date;
}

Unit detected(const Decimal& decimal) {
  const std::int64_t size = magnitude(decimal);
  if (size <= 11) return Unit::seconds;
  if (size <= 14) return Unit::milliseconds;
  if (size <= 17) return Unit::microseconds;
  return Unit::nanoseconds;
}

constexpr const char* expected =
    "(RFC 3339, like 2011-03-01T08:26:00Z, is expected, or another form that the guide lists)";

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
  throw InvalidArgument(
      fmt::format("the date {} is refused: {} {}", quote(text), reason, expected));
}

Timestamp checked(std::string_view text, Timestamp date) {
  if (date < timestamp_min) refuse(text, "in UTC it lies before the year 1");
  if (date > timestamp_max) refuse(text, "in UTC it lies after the year 9999");
  return date;
}

// The value of the only member of an object, when its key is `key`.
std::optional<std::string_view> only_member(std::string_view text, std::string_view key) {
  text = trimmed(text);
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  text = trimmed(text.substr(1, text.size() - 2));
  if (!text.starts_with('"') || text.substr(1, key.size()) != key) return std::nullopt;
  text = text.substr(1 + key.size());
  if (!text.starts_with('"')) return std::nullopt;
  text = trimmed(text.substr(1));
  if (!text.starts_with(':')) return std::nullopt;
  return trimmed(text.substr(1));
}

std::optional<std::string_view> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  return text.substr(1, text.size() - 2);
}

// {"$date": "…"}, {"$date": 1299573000000} or {"$date": {"$numberLong": "1299573000000"}}.
Timestamp read_mongo(std::string_view text) {
  const auto value = only_member(text, "$date");
  if (!value) refuse(text, R"(an object as a date is {"$date": …})");
  DateReading reading;
  reading.unit = Unit::milliseconds;
  if (const auto number = only_member(*value, "$numberLong")) {
    if (const auto digits = unquoted(*number)) return read_date_number(*digits, reading.unit);
  }
  if (const auto inner = unquoted(*value)) return read_date(*inner, reading);
  return read_date_number(*value, reading.unit);
}

}  // namespace

Timestamp read_date_number(std::string_view number, DateReading::Unit unit) {
  const auto decimal = decimal_of(number);
  if (!decimal) refuse(number, "it is not a number");
  const Unit known = unit == Unit::detect ? detected(*decimal) : unit;
  if (const auto date = date_of(*decimal, known)) return *date;
  const std::string_view given = unit_names.at(static_cast<std::size_t>(known));
  for (const Unit other :
       {Unit::seconds, Unit::milliseconds, Unit::microseconds, Unit::nanoseconds}) {
    if (other == known || detected(*decimal) != other) continue;
    if (const auto date = date_of(*decimal, other)) {
      throw InvalidArgument(fmt::format(
          "the date {} in {} since 1970 is out of range; in {} it is {}", quote(number), given,
          unit_names.at(static_cast<std::size_t>(other)), format_timestamp(*date)));
    }
  }
  throw InvalidArgument(
      fmt::format("the date {} in {} since 1970 is out of range", quote(number), given));
}

Timestamp read_date(std::string_view text, const DateReading& reading) {
  Timestamp plain;
  if (read_rfc3339(text, plain) == nullptr) return plain;
  const std::string_view date = trimmed(text);
  if (date.starts_with('{')) return read_mongo(date);
  const bool all_digits = !date.empty() && std::all_of(date.begin(), date.end(), is_digit);
  const bool is_number = (all_digits && date.size() != 8) || (!all_digits && decimal_of(date));
  if (is_number) return read_date_number(date, reading.unit);
  try {
    const bool mail = !date.empty() && (!is_digit(date.front()) || date.size() < 4 ||
                                        !is_digit(date[1]) || !is_digit(date[2]));
    return checked(text, mail ? read_mail(date, reading.zone) : read_iso(date, reading.zone));
  } catch (const Refused& refused) {
    refuse(text, refused.reason);
  }
}

std::chrono::minutes read_zone(std::string_view text) {
  try {
    Scanner scanner(trimmed(text));
    if (scanner.next() == '+' || scanner.next() == '-') {
      const minutes offset = numeric_offset(scanner);
      if (scanner.at_end()) return offset;
    } else if (const auto offset = named_offset(scanner.word());
               offset && scanner.at_end() && *offset == minutes(0)) {
      return *offset;
    }
  } catch (const Refused&) {
    // The message is the same.
  }
  throw InvalidArgument(
      fmt::format("the zone {} is refused: UTC or an offset from it, such as +02:00, is expected",
                  quote(text)));
}

}  // namespace flashflood
