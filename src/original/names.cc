#include "original/names.h"

#include <algorithm>
#include <chrono>

namespace flashflood::original {
namespace {

// Takes `least` to `most` digits off the front; nothing when there are fewer.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < std::min(most, text.size()) && text[count] >= '0' && text[count] <= '9') {
    value = value * 10 + (text[count++] - '0');
  }
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// The part before the next delimiter, which is taken off too; nothing without a delimiter.
std::optional<std::string_view> take_part(std::string_view& text) {
  const std::size_t end = text.find(delimiter);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + delimiter.size());
  return part;
}

// The part behind the last delimiter.
std::optional<std::string_view> take_last_part(std::string_view& text) {
  const std::size_t end = text.rfind(delimiter);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(end + delimiter.size());
  text.remove_suffix(text.size() - end);
  return part;
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = take_number(text, 1, 4);
  if (!year_number || !take(text, '-')) return std::nullopt;
  const auto month_number = take_number(text, 2, 2);
  if (!month_number || !take(text, '-')) return std::nullopt;
  const auto day_number = take_number(text, 2, 2);
  if (!day_number || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2, 2);
  const auto minute = take_number(text, 2, 2);
  const auto second = take_number(text, 2, 2);
  if (!hour || !minute || !second || !take(text, '.')) return std::nullopt;
  const std::size_t before = text.size();
  auto fraction = take_number(text, 1, 6);
  if (!fraction || !take(text, 'Z') || !text.empty()) return std::nullopt;
  for (std::size_t digits = before - 1; digits < 6; ++digits) *fraction *= 10;
  const year_month_day day{year(*year_number), month(static_cast<unsigned>(*month_number)),
                           std::chrono::day(static_cast<unsigned>(*day_number))};
  if (*year_number < 1 || !day.ok() || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return Timestamp(sys_days(day) + hours(*hour) + minutes(*minute) + seconds(*second) +
                   microseconds(*fraction));
}

std::optional<JournalName> parse_journal_name(std::string_view name) {
  const auto from = take_part(name);
  const auto to = take_part(name);
  const auto version = take_part(name);
  if (!from || !to || !version || name.empty() || name.find(delimiter) != name.npos) {
    return std::nullopt;
  }
  JournalName parsed;
  parsed.blob = name;
  const auto first = parse_date(*from);
  const auto last = *to == "new" ? first : parse_date(*to);
  if (!first || !last) return std::nullopt;
  parsed.from = *first;
  parsed.to = *last;
  if (*version != "new") {
    parsed.version = parse_date(*version);
    if (!parsed.version) return std::nullopt;
  }
  return parsed;
}

std::optional<MarkerName> parse_marker_name(std::string_view name) {
  // The event is whatever is left when the rest, which has a fixed form, is taken off both ends:
  // its id may begin or end with '-', and hold '/'.
  std::string_view rest = name;
  for (int part = 0; part < 4; ++part) {
    if (!take_part(rest)) return std::nullopt;
  }
  MarkerName parsed;
  parsed.journal = name.substr(0, name.size() - rest.size() - delimiter.size());
  std::reverse(parsed.journal.begin(), parsed.journal.end());
  if (!parse_journal_name(parsed.journal)) return std::nullopt;
  const auto action = take_last_part(rest);
  const auto date_text = take_last_part(rest);
  if (!action || !date_text) return std::nullopt;
  const auto date = parse_date(*date_text);
  if (!date || (*action != "UPDATE" && *action != "DELETE")) return std::nullopt;
  parsed.event = rest;
  parsed.date = *date;
  parsed.action = *action == "UPDATE" ? Action::update : Action::remove;
  return parsed;
}

}  // namespace flashflood::original
