// The step of a stream that needs order or the end: sorting, reversing, and slices that count from
// the end or downwards. Holds no more elements than can still come out.
//
// Threads: one at a time.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "query/functions.h"
#include "query/json/number.h"
#include "query/stream/stream_flow.h"

namespace flashflood::query {

// A number or string to compare with, which outlives where it was read.
class StreamKey {
 public:
  explicit StreamKey(const Value& value);
  // Both are numbers or both are strings.
  std::partial_ordering compare(const StreamKey& other) const;
  std::size_t size() const { return text_.size(); }

 private:
  Number number() const;

  Kind kind_;
  Number number_{};
  std::string text_;  // of a string, or of an integer beyond 64 bit
};

// The kind of value that a JSON text begins.
Kind kind_of(std::string_view json);

// What has to hold for keys: all are numbers, or all are strings.
class StreamKeyKind {
 public:
  // Throws QueryError (invalid_type) when the next key is of a kind that does not go with the ones
  // before. `origin` is the call that compares; `is_key`: by the result of its expression.
  void check(Kind kind, std::string_view text, const Node& origin, bool is_key);

 private:
  Kinds wanted_ = set_of(Kind::number) | set_of(Kind::string);
  std::uint64_t count_ = 0;
};

// What some neighbouring stages do together.
struct StreamWindow {
  std::optional<StreamStage> sort{};
  bool is_reversed = false;
  std::optional<StreamStage> slice{};
  const Node* origin = nullptr;

  // How many of the first, or of the last, of what is sorted (or comes) suffice.
  std::uint64_t first_max() const;
  std::uint64_t last_max() const;
};

// The window that begins with stage `at`, which moves behind it.
StreamWindow take_window(std::span<const StreamStage> stages, std::size_t& at);

class WindowStep final : public StreamStep {
 public:
  WindowStep(const StreamWindow& window, std::string_view text, StreamBudget& budget,
             StreamSink& next);
  void put(std::string_view json) override;
  void finish() override;
  bool done() const override;

 private:
  struct Kept {
    std::optional<StreamKey> key;
    std::uint64_t position = 0;
    std::string text;
    std::size_t bytes() const { return sizeof(Kept) + text.size() + (key ? key->size() : 0); }
  };

  void put_sorted(std::string_view json);
  void keep(Kept kept);
  void emit(std::uint64_t count);
  // Whether `a` belongs before `b`.
  static bool is_before(const Kept& a, const Kept& b);

  const StreamWindow window_;
  const std::string text_;
  StreamBudget& budget_;
  const std::uint64_t first_max_;
  const std::uint64_t last_max_;
  Document document_ = make_element_document();
  StreamKeyKind kinds_;
  std::uint64_t count_ = 0;
  std::deque<Kept> kept_;  // sorted: a heap whose front is the first to go, once it is full
};

}  // namespace flashflood::query
