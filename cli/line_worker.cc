#include "line_worker.h"

#include <fmt/format.h>

#include <algorithm>
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

// The next line, without its line break; `rest` is what follows.
std::string_view take_line(std::string_view& rest) {
  const auto* const end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
  const std::size_t size =
      end == nullptr ? rest.size() : static_cast<std::size_t>(end - rest.data());
  std::string_view line = rest.substr(0, size);
  rest.remove_prefix(end == nullptr ? size : size + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// With advice where the line looks like a part of JSON that has line breaks, or like more of it.
std::string not_json(std::string_view problem, std::string_view line) {
  const auto first = line.find_first_not_of(json_blanks);
  const bool opens = first != std::string_view::npos && (line[first] == '{' || line[first] == '[');
  const bool is_part = opens && line.find_last_of("}]") == std::string_view::npos;
  const bool is_more = problem.find("more text follows") != std::string_view::npos;
  return fmt::format("not JSON: {}{}", problem,
                     is_part || is_more ? "; --input json reads JSON with line breaks, arrays, and "
                                          "documents that are not one on each line"
                                        : "");
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
    : shape_(rules.shape),
      are_text_(rules.are_text),
      has_id_(rules.id.has_value()),
      has_date_(rules.date.has_value()),
      are_events_(rules.are_events),
      reading_(rules.reading),
      evaluator_(expressions_of(rules)) {
  if (rules.each) each_.emplace(std::vector<Expression>{*rules.each});
}

void LineWorker::work(Chunk& chunk) {
  if (chunk.too_long) {
    chunk.lines_total = 1;
    chunk.lines.emplace_back().number = 1;
    chunk.lines.back().problem = too_long();
    return;
  }
  switch (shape_) {
    case Shape::lines:
      return cut_lines(chunk);
    case Shape::json:
      return cut_json(chunk);
    case Shape::sse:
      return cut_sse(chunk);
  }
}

void LineWorker::cut_lines(Chunk& chunk) {
  std::string_view rest = chunk.text();
  while (!rest.empty()) {
    // Files that were joined have their marks where they begin.
    const std::string_view line = without_mark(take_line(rest));
    ++chunk.lines_total;
    if (line.find_first_not_of(json_blanks) == std::string_view::npos) continue;
    take_document(chunk, chunk.lines_total, line);
  }
}

void LineWorker::cut_json(Chunk& chunk) {
  const std::string_view text = chunk.text();
  JsonPlace place = chunk.place;
  std::size_t at = 0;
  const auto bad = [&](const char* reason) {
    Chunk::Line& line = chunk.lines.emplace_back();
    line.number = chunk.lines_total + 1;
    line.problem = reason;
  };
  // Counts the line breaks up to a position, and goes on there.
  const auto go_to = [&](std::size_t next) {
    chunk.lines_total += static_cast<std::uint64_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                   text.begin() + static_cast<std::ptrdiff_t>(next), '\n'));
    at = next;
  };
  while (true) {
    go_to(std::min(text.find_first_not_of(json_blanks, at), text.size()));
    const std::string_view rest = text.substr(at);
    if (rest.empty()) break;
    if (without_mark(rest).size() != rest.size()) {
      go_to(text.size() - without_mark(rest).size());
      continue;
    }
    const char c = rest.front();
    const bool in_array = place != JsonPlace::outside;
    if (!in_array && c == '[') {
      place = JsonPlace::array_begin;
      go_to(at + 1);
    } else if (in_array && c == ']') {
      if (place == JsonPlace::array_next) bad("a value is missing behind a comma of the array");
      place = JsonPlace::outside;
      go_to(at + 1);
    } else if (place == JsonPlace::array_behind && c == ',') {
      place = JsonPlace::array_next;
      go_to(at + 1);
    } else if (c == ',' || c == ']' || c == '}') {
      bad("not JSON: a value is expected here");
      go_to(at + 1);
    } else {
      if (place == JsonPlace::array_behind) bad("a comma is missing between values of the array");
      if (in_array) place = JsonPlace::array_behind;
      const std::size_t end = std::min(end_of_json_value(text, at), text.size());
      take_document(chunk, chunk.lines_total + 1, text.substr(at, end - at));
      go_to(end);
    }
  }
  if (chunk.last_of_file && place != JsonPlace::outside) bad("it ends inside of an array");
}

// The fields "data", of which those up to a blank line are one event; see the HTML standard,
// section 9.2.
void LineWorker::cut_sse(Chunk& chunk) {
  std::string_view rest = chunk.text();
  std::vector<std::string_view> data;
  std::uint64_t number = 0;
  const auto end_event = [&] {
    if (data.size() == 1) {
      take_document(chunk, number, data.front());
    } else if (!data.empty()) {
      std::string whole;
      for (const std::string_view line : data) {
        if (line.data() != data.front().data()) whole += '\n';
        whole += line;
      }
      const std::size_t begin = chunk.texts.size();
      if (each_) {
        take_document(chunk, number, whole);
      } else {
        chunk.texts += whole;
        take_made(chunk, number, begin);
      }
    }
    data.clear();
  };
  while (!rest.empty()) {
    std::string_view line = without_mark(take_line(rest));
    ++chunk.lines_total;
    if (line.empty()) {
      end_event();
    } else if (line.starts_with("data:")) {
      if (data.empty()) number = chunk.lines_total;
      line.remove_prefix(std::string_view("data:").size());
      if (line.starts_with(' ')) line.remove_prefix(1);
      data.push_back(line);
    }
  }
  end_event();
}

void LineWorker::take_document(Chunk& chunk, std::uint64_t number, std::string_view text) {
  if (each_) {
    take_elements(chunk, number, text);
    return;
  }
  if (are_text_) {
    // Only UTF-8 has a place in JSON.
    const std::size_t begin = chunk.texts.size();
    chunk.texts += "{\"line\":";
    append_json_string(chunk.texts, text);
    chunk.texts += "}";
    take_made(chunk, number, begin);
    return;
  }
  Chunk::Line& line = chunk.lines.emplace_back();
  line.number = number;
  line.data = text;
  look_at(line, chunk);
}

void LineWorker::take_elements(Chunk& chunk, std::uint64_t number, std::string_view text) {
  const auto bad = [&](std::string reason) {
    Chunk::Line& line = chunk.lines.emplace_back();
    line.number = number;
    line.data = text;
    line.problem = std::move(reason);
  };
  if (!each_->parse(text)) return bad(not_json(each_->problem(), text));
  std::string_view all;
  try {
    const auto found = each_->evaluate(0);
    if (found.kind == Kind::null) return bad("--each finds nothing (null)");
    if (found.kind != Kind::array) {
      return bad("--each gives no array, whose elements are the events");
    }
    all = found.text;
  } catch (const QueryError& error) {
    const std::string_view what = error.what();
    return bad(fmt::format("--each: {}", what.substr(0, what.find('\n'))));
  }
  // It is compact: brackets, values and commas.
  for (std::size_t at = 1; at < all.size() && all[at] != ']';) {
    const std::size_t end = end_of_json_value(all, at);
    const std::size_t begin = chunk.texts.size();
    chunk.texts += all.substr(at, end - at);
    take_made(chunk, number, begin);
    at = all[end] == ',' ? end + 1 : end;
  }
}

void LineWorker::take_made(Chunk& chunk, std::uint64_t number, std::size_t begin) {
  // What is made moves when more is; it is looked at where it cannot.
  const std::string data = chunk.texts.substr(begin);
  Chunk::Line& line = chunk.lines.emplace_back();
  line.number = number;
  line.decoded_begin = begin;
  line.decoded_size = data.size();
  line.data = data;
  if (are_text_ && !has_id_ && !has_date_ && !evaluator_.parse(data)) {
    line.problem = "the text is not UTF-8";
  } else {
    look_at(line, chunk);
  }
  line.data = {};
}

void LineWorker::look_at(Chunk::Line& line, Chunk& chunk) {
  try {
    if (line.data.size() > data_bytes_max) throw BadLine{too_long()};
    // Shapes that are JSON are checked; lines without expressions may be anything.
    const bool any = shape_ == Shape::lines || shape_ == Shape::sse;
    if (!has_id_ && !has_date_ && !are_events_ && any) return;
    if (!evaluator_.parse(line.data)) {
      throw BadLine{shape_ == Shape::lines ? not_json(evaluator_.problem(), line.data)
                                           : fmt::format("not JSON: {}", evaluator_.problem())};
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
  } catch (BadLine& bad) {
    line.problem = std::move(bad.reason);
  } catch (const QueryError& error) {
    // The lines after the first show the expression, which is the same for every line.
    const std::string_view what = error.what();
    line.problem = fmt::format("{}: {}", evaluating_, what.substr(0, what.find('\n')));
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
