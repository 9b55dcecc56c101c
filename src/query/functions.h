// The functions of JMESPath.
//
// Threads: constants and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "query/json/value.h"
#include "query/program.h"

namespace flashflood::query {

class Evaluation;

// Sets of kinds, one bit each.
using Kinds = std::uint8_t;
constexpr Kinds set_of(Kind kind) { return static_cast<Kinds>(1U << static_cast<unsigned>(kind)); }

// Whatever is a value: all but &name.
constexpr Kinds any_kind = static_cast<Kinds>(~set_of(Kind::expression) & 0x7F);

struct Parameter {
  Kinds kinds = 0;
  // When not 0 and the argument is an array: the elements are all of one of these kinds.
  Kinds elements = 0;
};

// One call under way: who calls, with what.
struct Call {
  Evaluation& evaluation;
  const Node& node;
  std::span<const Value> arguments;
};

struct Function {
  std::string_view name;
  std::span<const Parameter> parameters;
  bool variadic;  // the last parameter may be repeated
  Value (*run)(const Call&);
};

// Whether evaluating the node may throw something else than a limit: it calls a function that does
// not take everything.
bool can_fail(const Node& node);

// Null when there is none of that name.
const Function* find_function(std::string_view name);

// "a number", "a string or an array": for messages.
std::string describe(Kinds kinds);

}  // namespace flashflood::query
