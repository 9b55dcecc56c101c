// A compiled expression: a tree of nodes.
//
// Threads: not changed after compile(), so any number may read it. Lifetime: nodes live in the
// Program, and so do the texts and values in them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/expression.h"
#include "query/json/arena.h"
#include "query/json/value.h"
#include "query/plan.h"

namespace flashflood::query {

struct Function;

enum class Op : std::uint8_t {
  current,            // the value itself
  field,              // literal: the name
  literal,            // literal
  sequence,           // each child on the result of the one before: a.b, a[0], a | b
  index,              // start
  slice,              // start, stop, step
  flatten,            // child 0 gives the array
  list_projection,    // child 0 gives the array, child 1 is evaluated on each element
  value_projection,   // child 0 gives the object, child 1 is evaluated on each value
  filter_projection,  // like list_projection, on elements for which child 2 is true
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  any,         // a || b || ...
  all,         // a && b && ...
  negation,    // !a
  multi_list,  // [a, b]
  multi_hash,  // {key: a}; keys, slots
  call,        // function
  reference,   // &a
};

struct Node {
  Op op = Op::current;
  std::uint32_t column = 0;  // byte offset into the expression
  std::uint32_t depth = 1;   // of the tree that begins here
  std::vector<const Node*> children;
  Value literal;
  std::optional<std::int64_t> start, stop;
  std::int64_t step = 1;
  std::vector<Value> keys;           // each once
  std::vector<std::uint32_t> slots;  // for each child, which key it sets
  const Function* function = nullptr;
  // A path from the root of the document: which value of the plan it is. Of a sequence, its first
  // `slot_children` children are the path.
  std::uint32_t slot = PlanStep::no_slot;
  std::uint32_t slot_children = 0;
};

struct Program {
  std::string text;
  Limits limits;
  std::deque<Node> nodes;
  Arena arena;
  const Node* root = nullptr;
  std::shared_ptr<const void> owner{};  // of literals that lie elsewhere
  Plan plan;
};

// Fills `program`, whose text and limits are set. Throws QueryError.
void parse_expression(Program& program);

// Values are printed and compared by recursion. Depth alone does not bound how deep they are, since
// chains cost none: [@] | [@] | ... Throws QueryError (limit).
void check_nesting(const Program& program);

// Throws a QueryError that tells `what` is wrong, the column, and the expression with a caret below
// the column. `column` is a byte offset, at most text.size().
[[noreturn]] void raise_query_error(QueryError::Kind kind, std::string_view text,
                                    std::size_t column, const std::string& what);

}  // namespace flashflood::query
