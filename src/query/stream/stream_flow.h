// What a stream runs through, one element after another, behind its head.
//
// Threads: one at a time. Lifetime: views of elements are valid during the call that gives them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "query/expression.h"
#include "query/stream/stream_head.h"
#include "query/stream/stream_plan.h"

namespace flashflood::query {

// A document for elements: results of expressions may be nested deeper than events.
Document make_element_document();
// Reads an element. Throws QueryError (limit) when it is nested too deep.
void read_document(std::string_view json, Document& document);
// The value of one element. Numbers and most strings are read in place, the rest by `document`;
// the value is valid as long as both are. Throws like read_document().
Value read_element(std::string_view json, Document& document);

// The memory that streams share for elements that have to wait.
class StreamBudget {
 public:
  StreamBudget(std::string_view text, std::size_t bytes_max) : text_(text), bytes_max_(bytes_max) {}

  // Throws QueryError (limit), which blames the part of the expression that begins at `origin`.
  void take(std::size_t bytes, const Node& origin);
  void give_back(std::size_t bytes) { used_ -= bytes; }
  std::size_t bytes_max() const { return bytes_max_; }

 private:
  std::string text_;
  std::size_t bytes_max_;
  std::size_t used_ = 0;
};

// Takes elements as compact JSON.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void put(std::string_view json) = 0;
  // Elements of which only the number is known; only where needs_text() is false.
  virtual void put_count(std::uint64_t) {}
  virtual bool needs_text() const { return true; }
  // No more elements come. Called once, and not after a put() that threw.
  virtual void finish() {}
  // More elements would change nothing.
  virtual bool done() const = 0;
};

// Takes elements, and gives elements to `next`, which outlives it.
class StreamStep : public StreamSink {
 public:
  explicit StreamStep(StreamSink& next) : next_(next) {}
  void finish() override { next_.finish(); }
  bool done() const override { return next_.done(); }

 protected:
  StreamSink& next_;
};

// Maps, filters and flattening behind a step that needs order.
class SegmentStep final : public StreamStep {
 public:
  SegmentStep(StreamSegment segment, StreamSink& next)
      : StreamStep(next), segment_(std::move(segment)) {}
  void put(std::string_view json) override;

 private:
  StreamSegment segment_;
  Document document_ = make_element_document();
  StreamItems items_;
};

// Nulls are left out: by far the most frequent segment behind a slice.
class NullStep final : public StreamStep {
 public:
  using StreamStep::StreamStep;
  void put(std::string_view json) override {
    if (json != "null") next_.put(json);
  }
};

// [start:stop:step], counted from the front and upwards.
class SliceStep final : public StreamStep {
 public:
  SliceStep(const StreamStage& stage, StreamSink& next);
  void put(std::string_view json) override;
  bool done() const override { return position_ >= stop_ || next_.done(); }

 private:
  std::int64_t start_;
  std::int64_t stop_;
  std::int64_t stride_;
  std::int64_t position_ = 0;
};

// [start:-n:step] upwards: all but the last n, which wait.
class DelayStep final : public StreamStep {
 public:
  DelayStep(const StreamStage& stage, StreamBudget& budget, StreamSink& next);
  void put(std::string_view json) override;

 private:
  const StreamStage stage_;
  StreamBudget& budget_;
  std::size_t held_max_;
  std::int64_t position_ = 0;  // of the first that waits
  std::deque<std::string> waiting_;
};

// An element [key, element] of a stage with a key, in its two parts.
struct KeyedElement {
  std::string_view key;
  std::string_view element;
};
KeyedElement split_keyed(std::string_view json);

}  // namespace flashflood::query
