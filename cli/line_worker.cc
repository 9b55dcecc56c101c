#include "line_worker.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>
#include <vector>

#include "json_text.h"
#include "text.h"

namespace flashflood::cli {

namespace {

using Kind = Evaluator::Kind;

// A line that cannot be recorded; the reason.
struct BadLine {
  std::string reason;
};

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

std::vector<Expression> expressions_of(const LineRules& rules) {
  std::vector<Expression> expressions;
  if (rules.are_events) {
    for (const char* name : {"id", "date", "data_base64"}) expressions.emplace_back(name);
    return expressions;
  }
  if (rules.id) expressions.push_back(*rules.id);
  if (rules.date) expressions.push_back(*rules.date);
  return expressions;
}

std::string too_long() {
  return fmt::format("the line is longer than {}", human_bytes(data_bytes_max));
}

// What to type, where the library's reason tells what would help.
std::string advice_on(std::string_view reason) {
  constexpr std::pair<std::string_view, std::string_view> units[] = {
      {"in seconds it is", "s"},
      {"in milliseconds it is", "ms"},
      {"in microseconds it is", "us"},
      {"in nanoseconds it is", "ns"}};
  for (const auto& [words, unit] : units) {
    if (reason.find(words) != std::string_view::npos) {
      return fmt::format("; give --date-unit {}", unit);
    }
  }
  if (reason.find("no zone is given") != std::string_view::npos) {
    return "; give --zone UTC, or an offset such as --zone +02:00";
  }
  return {};
}

}  // namespace

LineWorker::LineWorker(const LineRules& rules)
    : has_id_(rules.id.has_value()),
      has_date_(rules.date.has_value()),
      are_events_(rules.are_events),
      reading_(rules.reading),
      evaluator_(expressions_of(rules)) {}

void LineWorker::work(Chunk& chunk) {
  if (chunk.too_long) {
    chunk.lines_total = 1;
    chunk.lines.emplace_back().number = 1;
    chunk.lines.back().problem = too_long();
    return;
  }
  std::string_view rest = chunk.text();
  while (!rest.empty()) {
    const auto* const end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    const std::size_t size =
        end == nullptr ? rest.size() : static_cast<std::size_t>(end - rest.data());
    // Files that were joined have their marks where they begin.
    std::string_view line = without_mark(rest.substr(0, size));
    rest.remove_prefix(end == nullptr ? size : size + 1);
    ++chunk.lines_total;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Chunk::Line& entry = chunk.lines.emplace_back();
    entry.number = chunk.lines_total;
    entry.data = line;
    try {
      look_at(entry, chunk);
    } catch (BadLine& bad) {
      entry.problem = std::move(bad.reason);
    } catch (const QueryError& error) {
      // The lines after the first show the expression, which is the same for every line.
      const std::string_view what = error.what();
      entry.problem = fmt::format("{}: {}", evaluating_, what.substr(0, what.find('\n')));
    }
  }
}

void LineWorker::look_at(Chunk::Line& line, Chunk& chunk) {
  if (line.data.size() > data_bytes_max) throw BadLine{too_long()};
  if (!has_id_ && !has_date_ && !are_events_) return;
  if (!evaluator_.parse(line.data)) {
    throw BadLine{fmt::format("not JSON: {}", evaluator_.problem())};
  }
  if (are_events_) {
    take_event(line, chunk);
    return;
  }
  if (has_id_) {
    evaluating_ = "--id";
    take_id(line, chunk, evaluator_.evaluate(0));
  }
  if (has_date_) {
    evaluating_ = "--date";
    line.date = date_of(evaluator_.evaluate(has_id_ ? 1 : 0));
  }
}

void LineWorker::take_id(Chunk::Line& line, Chunk& chunk, const Evaluator::Result& id) {
  if (id.kind == Kind::null) throw BadLine{fmt::format("{} finds nothing (null)", evaluating_)};
  if (id.kind == Kind::array || id.kind == Kind::object) {
    throw BadLine{fmt::format("{} gives an {}, and an id is a string, number or boolean",
                              evaluating_, id.kind == Kind::array ? "array" : "object")};
  }
  if (id.text.empty()) throw BadLine{fmt::format("{} gives an empty string", evaluating_)};
  if (id.text.size() > id_bytes_max) {
    throw BadLine{fmt::format("{} gives {} bytes, and an id has at most {}", evaluating_,
                              id.text.size(), id_bytes_max)};
  }
  line.id_begin = chunk.texts.size();
  line.id_size = id.text.size();
  chunk.texts += id.text;
}

Timestamp LineWorker::date_of(const Evaluator::Result& result) const {
  if (result.kind == Kind::null) {
    throw BadLine{fmt::format("{} finds nothing (null)", evaluating_)};
  }
  if (result.kind == Kind::array || result.kind == Kind::boolean) {
    throw BadLine{
        fmt::format("{} gives neither a string (such as 2011-03-01T08:26:00Z) nor a number "
                    "(seconds since 1970, or as --date-unit says)",
                    evaluating_)};
  }
  try {
    return result.kind == Kind::number ? read_date_number(result.text, reading_.unit)
                                       : read_date(result.text, reading_);
  } catch (const InvalidArgument& error) {
    throw BadLine{fmt::format("{}: {}{}", evaluating_, error.what(), advice_on(error.what()))};
  }
}

void LineWorker::take_event(Chunk::Line& line, Chunk& chunk) {
  const std::string_view whole = line.data;
  evaluating_ = "id";
  take_id(line, chunk, evaluator_.evaluate(0));
  evaluating_ = "date";
  const auto date = evaluator_.evaluate(1);
  line.date = date_of(date);
  if (const auto data = raw_member(whole, "data")) {
    line.data = *data;
    return;
  }
  const auto coded = evaluator_.evaluate(2);
  if (coded.kind != Kind::string) {
    throw BadLine{"it has neither data nor data_base64, as replay --format event prints them"};
  }
  const std::size_t begin = chunk.texts.size();
  if (!append_from_base64(chunk.texts, coded.text)) {
    throw BadLine{"data_base64 is not base64"};
  }
  line.decoded_begin = begin;
  line.decoded_size = chunk.texts.size() - begin;
}

}  // namespace flashflood::cli
