// Necessary conditions: what must hold of a document for an expression to be true on it, as far as
// it can be said of single paths. Whoever knows something of many documents at once, such as the
// least and the greatest value of a field in a block of events, asks it with these conditions, and
// passes over the documents when the answer is no.
//
//   a.b == 'x' && contains(tags, 'y') && length(c) > `2`
//     ->  a.b == "x" && contains(tags, "y") && c != null
//
// They are implied by the expression, never equivalent to it: what cannot be derived is left out.
//
// Threads: pure functions. Lifetime: names and literals point into the expression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"
#include "query/json/value.h"

namespace flashflood::query {

// A path reaches values, beginning with the document. A step that does not fit a value (a name
// where there is no object, a name or index that is not there) reaches null; only `elements` and
// `values` may reach several values or none.
struct PathStep {
  enum class Kind : std::uint8_t {
    field,     // the member `name`
    index,     // element `index`, from the end when negative
    elements,  // every element of an array
    spread,    // every element of an array; of anything else the value itself
    values,    // every value of an object
  };
  Kind kind = Kind::field;
  std::string_view name{};
  std::int64_t index = 0;
  bool operator==(const PathStep&) const = default;
};

enum class Comparison : std::uint8_t {
  equal,
  not_equal,  // also of null: a path that reaches null is not equal to anything else
  less,       // these four between two numbers or two strings, as the language orders them
  less_equal,
  greater,
  greater_equal,
  contains,     // a string with this part, an array with an element equal to it
  starts_with,  // a string
  ends_with,
  truth,  // of the value itself, without a literal
};

struct Condition {
  enum class Kind : std::uint8_t {
    always,  // nothing is known
    never,   // no document has it
    all,     // each of `parts`
    any,     // one of `parts`
    test,    // some value that `path` reaches compares so with `literal`
  };
  Kind kind = Kind::always;
  std::vector<Condition> parts{};  // of `all` and `any`
  std::vector<PathStep> path{};
  Comparison comparison = Comparison::truth;
  Value literal{};  // borrowed from the expression
};

// Joins conditions with `all` or `any`: what decides alone (never in all, always in any) stands
// alone, what decides nothing is dropped, and so is what others say more precisely.
Condition join(Condition::Kind kind, std::vector<Condition> parts);

// What must hold for evaluate() to give a result that is true (a filter keeps the document). An
// evaluation that fails gives none.
Condition conditions_for_truth(const Expression& expression);
// What must hold for evaluate() to give a result other than null (a query has a result to print).
Condition conditions_for_result(const Expression& expression);

// Whether null compares so with `literal`: then a document without the path passes the test.
bool null_passes(Comparison comparison, const Value& literal);

// For people, much like an expression: a.b == "x" && (c > 3 || d).
std::string describe(const Condition& condition);

}  // namespace flashflood::query
