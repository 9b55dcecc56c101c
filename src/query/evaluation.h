// One evaluation of an expression on a document.
//
// Threads: one at a time. Lifetime: values it makes live in the arena.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "query/json/arena.h"
#include "query/json/value.h"
#include "query/program.h"
#include "query/walk.h"

namespace flashflood::query {

class Evaluation {
 public:
  // With a walk, which has run with the program's plan, paths from the root are looked up there.
  Evaluation(const Program& program, Arena& arena, Walk* walk = nullptr)
      : program_(program),
        arena_(arena),
        walk_(walk),
        steps_left_(program.limits.steps_max),
        bytes_left_(program.limits.output_bytes_max) {}

  // Evaluates `node` on `value`. Recursion is as deep as the expression.
  Value evaluate(const Node& node, const Value& value);

  // Counts work that is not one step; throws QueryError (limit) when the budget is used up.
  void charge(std::uint64_t steps) {
    if (steps > steps_left_) fail_steps();
    steps_left_ -= steps;
  }
  // Uninitialised memory for results; throws QueryError (limit) when the budget is used up.
  char* allocate(std::size_t bytes) {
    if (bytes > bytes_left_) fail_bytes();
    bytes_left_ -= bytes;
    return arena_.allocate(bytes);
  }
  Value* allocate_values(std::size_t count) {
    return reinterpret_cast<Value*>(allocate(count * sizeof(Value)));
  }
  Value make_string(std::string_view text, bool plain);
  Value make_array(std::span<const Value> items);
  // The members, each key once; charged.
  std::span<const Value> members(const Value& object);

  bool equal(const Value& left, const Value& right);
  // Both are numbers or both are strings; charged.
  std::partial_ordering order(const Value& left, const Value& right);

  std::size_t output_bytes_max() const { return program_.limits.output_bytes_max; }
  [[noreturn]] void fail(QueryError::Kind kind, const Node& node, const std::string& what) const;
  [[noreturn]] void fail_bytes() const;

 private:
  Value evaluate_field(const Node& node, const Value& value);
  Value evaluate_sequence(const Node& node, const Value& value);
  Value evaluate_index(const Node& node, const Value& value);
  Value evaluate_slice(const Node& node, const Value& value);
  Value evaluate_flatten(const Node& node, const Value& value);
  Value evaluate_projection(const Node& node, const Value& value);
  Value evaluate_multi_list(const Node& node, const Value& value);
  Value evaluate_multi_hash(const Node& node, const Value& value);
  Value evaluate_order(const Node& node, const Value& value);
  Value evaluate_call(const Node& node, const Value& value);
  bool equal_objects(const Value& left, const Value& right);
  [[noreturn]] void fail_steps() const;

  bool is_found(const Node& node) const {
    return walk_ != nullptr && node.slot != PlanStep::no_slot;
  }

  const Program& program_;
  Arena& arena_;
  Walk* const walk_;
  std::uint64_t steps_left_;
  std::size_t bytes_left_;
};

}  // namespace flashflood::query
