#include "query/stream/stream_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashflood::query {
namespace {

constexpr std::uint64_t no_limit = UINT64_MAX;
// Beyond any number of elements, and far enough from the ends of 64 bit to add and to negate.
constexpr std::int64_t farthest = std::int64_t{1} << 60;

std::optional<std::int64_t> nearer(std::optional<std::int64_t> position) {
  if (!position) return std::nullopt;
  return std::clamp(*position, -farthest, farthest);
}

bool is_upwards(const StreamStage& slice) { return slice.step > 0; }

// Of the list that is sliced, in its order.
std::uint64_t front_needed(const StreamStage& slice) {
  if (is_upwards(slice)) {
    if (slice.start.value_or(0) < 0 || !slice.stop || *slice.stop < 0) return no_limit;
    return static_cast<std::uint64_t>(*slice.stop);
  }
  if (!slice.start || *slice.start < 0) return no_limit;
  return static_cast<std::uint64_t>(*slice.start) + 1;
}

std::uint64_t back_needed(const StreamStage& slice) {
  if (is_upwards(slice)) {
    if (slice.start.value_or(0) >= 0) return no_limit;
    return static_cast<std::uint64_t>(-*slice.start);
  }
  if (slice.start.value_or(-1) >= 0 || !slice.stop || *slice.stop >= 0) return no_limit;
  return static_cast<std::uint64_t>(-*slice.stop) - 1;
}

}  // namespace

StreamKey::StreamKey(const Value& value) : kind_(value.kind) {
  if (kind_ == Kind::string) {
    text_ = value.view();
    return;
  }
  number_ = to_number(value);
  if (number_.form == Number::Form::wide) text_ = number_.text;
}

Number StreamKey::number() const {
  Number number = number_;
  if (number.form == Number::Form::wide) number.text = text_;
  return number;
}

std::partial_ordering StreamKey::compare(const StreamKey& other) const {
  if (kind_ == Kind::number) return query::compare(number(), other.number());
  return text_.compare(other.text_) <=> 0;
}

Kind kind_of(std::string_view json) {
  switch (json.front()) {
    case '"':
      return Kind::string;
    case '[':
      return Kind::array;
    case '{':
      return Kind::object;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      return Kind::number;
  }
}

void StreamKeyKind::check(Kind kind, std::string_view text, const Node& origin, bool is_key) {
  if ((set_of(kind) & wanted_) == 0) {
    const std::string_view name = origin.function->name;
    raise_query_error(
        QueryError::Kind::invalid_type, text, origin.column,
        is_key ? fmt::format("the expression of {}() must give {}, but gives {} for element {}",
                             name, describe(wanted_), describe(set_of(kind)), count_)
               : fmt::format("{}() takes only numbers or only strings, but element {} is {}", name,
                             count_, describe(set_of(kind))));
  }
  wanted_ = set_of(kind);
  ++count_;
}

std::uint64_t StreamWindow::first_max() const {
  if (!slice) return no_limit;
  return is_reversed ? back_needed(*slice) : front_needed(*slice);
}

std::uint64_t StreamWindow::last_max() const {
  if (!slice) return no_limit;
  return is_reversed ? front_needed(*slice) : back_needed(*slice);
}

StreamWindow take_window(std::span<const StreamStage> stages, std::size_t& at) {
  using Step = StreamStage::Op;
  auto next_is = [&](Step op) { return at < stages.size() && stages[at].op == op; };
  StreamWindow window;
  window.origin = stages[at].origin;
  if (next_is(Step::sort)) window.sort = stages[at++];
  if (next_is(Step::reverse)) {
    window.is_reversed = true;
    ++at;
  }
  if (next_is(Step::slice)) {
    window.slice = stages[at++];
    window.slice->start = nearer(window.slice->start);
    window.slice->stop = nearer(window.slice->stop);
    window.slice->step = *nearer(window.slice->step);
  }
  return window;
}

WindowStep::WindowStep(const StreamWindow& window, std::string_view text, StreamBudget& budget,
                       StreamSink& next)
    : StreamStep(next),
      window_(window),
      text_(text),
      budget_(budget),
      first_max_(window.first_max()),
      last_max_(window.last_max()) {}

bool WindowStep::is_before(const Kept& a, const Kept& b) {
  const auto order = a.key->compare(*b.key);
  return order != 0 ? order < 0 : a.position < b.position;
}

// A slice downwards from an element counted from the front does not need to know the end.
bool WindowStep::done() const {
  if (window_.sort || window_.is_reversed || !window_.slice) return false;
  const StreamStage& slice = *window_.slice;
  return !is_upwards(slice) && slice.stop.value_or(0) >= 0 && count_ >= first_max_;
}

void WindowStep::put(std::string_view json) {
  if (window_.sort) return put_sorted(json);
  const std::uint64_t position = count_++;
  if (position >= first_max_ || last_max_ == 0) return;
  if (kept_.size() >= last_max_) {
    budget_.give_back(kept_.front().bytes());
    kept_.pop_front();
  }
  keep({std::nullopt, position, std::string(json)});
}

void WindowStep::put_sorted(std::string_view json) {
  const StreamStage& sort = *window_.sort;
  const bool has_key = sort.node != nullptr;
  KeyedElement parts{json, json};
  if (has_key) parts = split_keyed(json);
  kinds_.check(kind_of(parts.key), text_, *sort.origin, has_key);
  if (sort.drops_null && parts.element == "null") return;
  const std::uint64_t position = count_++;
  const std::uint64_t kept_max = std::min(first_max_, last_max_);
  if (kept_max == 0) return;
  Kept kept{StreamKey(read_element(parts.key, document_)), position, {}};
  if (kept_max == no_limit) {
    kept.text = parts.element;
    keep(std::move(kept));
    return;
  }
  // The front is the last of the first ones, or the first of the last ones.
  const bool keeps_first = first_max_ <= last_max_;
  auto heap_order = [keeps_first](const Kept& a, const Kept& b) {
    return keeps_first ? is_before(a, b) : is_before(b, a);
  };
  if (kept_.size() >= kept_max) {
    if (!heap_order(kept, kept_.front())) return;
    std::pop_heap(kept_.begin(), kept_.end(), heap_order);
    budget_.give_back(kept_.back().bytes());
    kept_.pop_back();
  }
  kept.text = parts.element;
  keep(std::move(kept));
  std::push_heap(kept_.begin(), kept_.end(), heap_order);
}

void WindowStep::keep(Kept kept) {
  budget_.take(kept.bytes(), *window_.origin);
  kept_.push_back(std::move(kept));
}

void WindowStep::finish() {
  if (window_.sort) std::sort(kept_.begin(), kept_.end(), is_before);
  emit(count_);
  next_.finish();
}

// Gives the kept elements that the slice names, of `count` elements in all.
void WindowStep::emit(std::uint64_t count) {
  const auto size = static_cast<std::int64_t>(count);
  const bool keeps_last = first_max_ > last_max_;
  const std::int64_t base = keeps_last ? size - static_cast<std::int64_t>(kept_.size()) : 0;
  auto give = [&](std::int64_t position) {
    if (window_.is_reversed) position = size - 1 - position;
    // Also when the next step has enough: nothing is saved by leaving errors out.
    next_.put(kept_[static_cast<std::size_t>(position - base)].text);
  };
  StreamStage whole;
  const StreamStage& slice = window_.slice ? *window_.slice : whole;
  auto place = [size](std::int64_t position, std::int64_t lowest, std::int64_t highest) {
    return std::clamp(position < 0 ? position + size : position, lowest, highest);
  };
  if (is_upwards(slice)) {
    const std::int64_t start = place(slice.start.value_or(0), 0, size);
    const std::int64_t stop = slice.stop ? place(*slice.stop, 0, size) : size;
    for (std::int64_t i = start; i < stop; i += slice.step) give(i);
  } else {
    const std::int64_t start = slice.start ? place(*slice.start, -1, size - 1) : size - 1;
    const std::int64_t stop = slice.stop ? place(*slice.stop, -1, size - 1) : -1;
    for (std::int64_t i = start; i > stop; i += slice.step) give(i);
  }
}

}  // namespace flashflood::query
