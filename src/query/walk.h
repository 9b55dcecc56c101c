// The values that the paths of a plan name in one document, found in one walk over its tokens, or
// at once where the document is built like one before it.
//
// The walk checks no more than it needs to find its way. What it says of a text that is not JSON
// means nothing; who needs to know checks the text.
//
// Threads: one at a time. Lifetime: values live as long as the document's text and the arena.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/json/arena.h"
#include "query/json/reader.h"
#include "query/json/structure.h"
#include "query/json/value.h"
#include "query/plan.h"
#include "query/route.h"

namespace flashflood::query {

class Walk {
 public:
  // `reader` and `arena` make the values that are asked for, and outlive the next run().
  Walk(Reader& reader, Arena& arena) : reader_(reader), arena_(arena) {}

  // The document is an object; `tokens` is borrowed until the values have been asked for. `route`
  // (null: there is none) is that of the plan through documents of its shape. False when the
  // document is not JSON, or spelt in a way that takes a tree.
  bool run(const Plan& plan, const Tokens& tokens, const Route* route);

  // The value of a slot; null when the document has none. Values nested deeper than any document
  // may be, or that are no JSON, are null too and make the document unclear.
  const Value& value(std::uint32_t slot);
  bool is_unclear() const { return is_unclear_; }
  // The value as it stands in the text, if that is how it prints, without blanks and escapes to
  // think about; empty when it takes value().
  std::string_view raw(std::uint32_t slot) const;

  // Whether all guards of the plan hold for the values found.
  bool guards_hold();

 private:
  // Tokens by their number.
  struct Slot {
    std::uint32_t begin = 0;  // 0: there is no such value, the rest means nothing
    std::uint32_t end = 0;
    bool is_read = false;
    Value value{};
  };

  void follow(const Route& route);
  std::uint32_t walk_object(const PlanStep& step, std::uint32_t at);
  std::uint32_t walk_array(const PlanStep& step, std::uint32_t at);
  std::uint32_t walk_value(const PlanStep& step, std::uint32_t at);
  std::uint32_t skip_nested(std::uint32_t at) const;
  std::uint32_t skip_value(std::uint32_t at) const;
  void forget(const PlanStep& step);
  bool holds(const PlanGuard& guard);
  const char* text_at(std::uint32_t token) const { return text_ + positions_[token]; }

  Reader& reader_;
  Arena& arena_;
  std::vector<Slot> slots_;
  const Plan* plan_ = nullptr;
  const Tokens* tokens_ = nullptr;
  const std::uint32_t* positions_ = nullptr;
  const char* kinds_ = nullptr;
  const char* text_ = nullptr;
  std::uint32_t count_ = 0;
  bool is_unclear_ = false;
};

}  // namespace flashflood::query
