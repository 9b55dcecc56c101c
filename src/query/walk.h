// The values that the paths of a plan name in one document, found in one walk over its tokens.
//
// The walk checks no more than it needs to find its way. What it says of a text that is not JSON
// means nothing; who needs to know checks the text.
//
// Threads: one at a time. Lifetime: values live as long as the document's text and the arena.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/arena.h"
#include "query/plan.h"
#include "query/reader.h"
#include "query/structure.h"
#include "query/value.h"

namespace flashflood::query {

class Walk {
 public:
  enum class Outcome {
    complete,  // every value is known
    rejected,  // with guards: the filter is false
    unclear,   // not JSON, or spelt in a way that takes a tree
  };

  // `reader` and `arena` make the values that are asked for, and outlive the next run().
  Walk(Reader& reader, Arena& arena) : reader_(reader), arena_(arena) {}

  // The document is an object; `tokens` is borrowed until the values have been asked for.
  // `use_guards`: stops as soon as one of the plan's guards fails, unless a later member may change
  // that.
  Outcome run(const Plan& plan, const Tokens& tokens, bool use_guards);

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
  using Token = const std::uint32_t*;
  struct Slot {
    Token begin = nullptr;  // null: there is no such value, the rest means nothing
    Token end = nullptr;
    bool is_read = false;
    Value value{};
  };

  Tokens tokens_of(const Slot& slot) const;
  Token walk_object(const PlanStep& step, Token token);
  Token walk_array(const PlanStep& step, Token token);
  Token walk_value(const PlanStep& step, Token token);
  Token skip_nested(Token token) const;
  Token skip_value(Token token) const;
  void forget(const PlanStep& step);
  bool repeats(std::uint32_t slot, Token rest) const;
  bool holds(const PlanGuard& guard);

  Reader& reader_;
  Arena& arena_;
  std::vector<Slot> slots_;
  const Plan* plan_ = nullptr;
  const Tokens* tokens_ = nullptr;
  const char* text_ = nullptr;
  const char* text_end_ = nullptr;  // of the document
  bool use_guards_ = false;
  bool is_rejected_ = false;
  bool is_unclear_ = false;
};

}  // namespace flashflood::query
