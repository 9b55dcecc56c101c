// How an expression is evaluated on {"events": [...]} without that document: which arrays made of
// the events are streams, what each stream is folded to, and what is evaluated on the folded values
// when the events are over.
//
// Threads: make_stream_plan() is a pure function. A plan is not changed while events flow; the
// slots of its folds are filled at the end, by one thread. Lifetime: a plan owns its nodes and
// keeps the expression that it was made of.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "query/expression.h"
#include "query/program.h"
#include "query/stream/stream_stage.h"

namespace flashflood::query {

// A place in the tail that takes the value of a fold, which is its name until then. Evaluating it
// gives the value, or throws.
struct StreamSlot : Node {
  void fail(std::exception_ptr with) {
    problem = std::move(with);
    literal = {};
    literal.kind = Kind::expression;
    literal.node = this;
  }
  std::exception_ptr problem;
};

// What becomes of a stream.
struct StreamFold {
  enum class Op : std::uint8_t {
    emit,     // the elements are the result
    collect,  // the elements as an array
    length,   // how many
    sum,
    avg,
    min,
    max,
    min_by,  // by `key`
    max_by,
    first,  // the first element, or null
    exists,
    drain,  // `literal`, once all is evaluated
  };
  Op op = Op::emit;
  std::vector<StreamStage> stages;
  const Node* origin = nullptr;  // the part of the expression that folds
  const Node* key = nullptr;
  Value literal{};
  bool is_conditional = false;  // whether the tail may leave the slot out
  StreamSlot* slot = nullptr;   // none: emit
};

struct StreamPlan {
  explicit StreamPlan(const Expression& whole) : expression(whole) {}

  Expression expression;
  std::deque<Node> nodes;
  std::deque<StreamSlot> slots;
  std::deque<std::string> names;  // of the slots
  std::vector<StreamFold> folds;
  const Node* tail = nullptr;  // none: the only fold emits
};

std::shared_ptr<StreamPlan> make_stream_plan(const Expression& expression);

}  // namespace flashflood::query
