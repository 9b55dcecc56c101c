#include "query/stream/stream_flow.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/unparse.h"

namespace flashflood::query {
namespace {

// What a string costs beside its characters.
constexpr std::size_t string_bytes = 64;

std::string shortened(std::string text) {
  constexpr std::size_t shown_max = 120;
  if (text.size() <= shown_max) return text;
  std::size_t end = shown_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

void StreamBudget::take(std::size_t bytes, const Node& origin) {
  if (bytes <= bytes_max_ - used_) {
    used_ += bytes;
    return;
  }
  raise_query_error(QueryError::Kind::limit, text_, origin.column,
                    fmt::format("what {} needs to hold at once takes more than {} bytes of memory",
                                shortened(unparse(origin)), bytes_max_));
}

Document make_element_document() {
  Limits limits;
  limits.depth_max = 1024;
  return Document(limits);
}

void read_document(std::string_view json, Document& document) {
  if (document.parse(json)) return;
  throw QueryError(QueryError::Kind::limit,
                   fmt::format("an element of the stream cannot be read: {}", document.problem()));
}

void SegmentStep::put(std::string_view json) {
  items_.clear();
  read_document(json, document_);
  segment_.run(document_, json.front() == '[', items_);
  for (std::size_t i = 0; i < items_.count && !next_.done(); ++i) next_.put(items_[i]);
}

SliceStep::SliceStep(const StreamStage& stage, StreamSink& next)
    : StreamStep(next),
      start_(stage.start.value_or(0)),
      stop_(stage.stop.value_or(INT64_MAX)),
      stride_(stage.step) {
  if (start_ >= stop_) stop_ = 0;
}

void SliceStep::put(std::string_view json) {
  const std::int64_t position = position_++;
  if (position < start_ || position >= stop_ || (position - start_) % stride_ != 0) return;
  next_.put(json);
}

DelayStep::DelayStep(const StreamStage& stage, StreamBudget& budget, StreamSink& next)
    : StreamStep(next),
      stage_(stage),
      budget_(budget),
      held_max_(0 - static_cast<std::size_t>(*stage.stop)) {}

void DelayStep::put(std::string_view json) {
  budget_.take(json.size() + string_bytes, *stage_.origin);
  waiting_.emplace_back(json);
  if (waiting_.size() <= held_max_) return;
  const std::string& first = waiting_.front();
  const std::int64_t start = stage_.start.value_or(0);
  if (position_ >= start && (position_ - start) % stage_.step == 0) next_.put(first);
  ++position_;
  budget_.give_back(first.size() + string_bytes);
  waiting_.pop_front();
}

Value read_element(std::string_view json, Document& document) {
  const char first = json.front();
  if (first == '-' || (first >= '0' && first <= '9')) {
    return Value::make_number_text(json, json.find_first_of(".eE") == std::string_view::npos);
  }
  if (first == '"' && json.find('\\') == std::string_view::npos) {
    return Value::make_string(json.substr(1, json.size() - 2), true);
  }
  static const Expression itself = Expression::compile("@");
  read_document(json, document);
  return evaluate_by_tree(itself, document).value();
}

KeyedElement split_keyed(std::string_view json) {
  // [key,element], and the key is a number, a string, or of a kind that is refused by its first
  // character.
  std::size_t end = 1;
  if (json[1] == '"') {
    for (++end; json[end] != '"'; ++end) end += json[end] == '\\' ? 1 : 0;
    ++end;
  } else if (json[1] == '[' || json[1] == '{') {
    return {json.substr(1), {}};
  } else {
    end = json.find(',');
  }
  return {json.substr(1, end - 1), json.substr(end + 1, json.size() - end - 2)};
}

}  // namespace flashflood::query
