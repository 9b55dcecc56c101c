// How deep an expression may nest its result.

#include <fmt/format.h>

#include <algorithm>

#include "query/functions.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

// Levels that the result of `node` may have beyond the values it is made of: [@] adds one.
// Recursion is as deep as the expression.
std::size_t nesting_of(const Node& node) {
  std::size_t sum = 0;
  std::size_t greatest = 0;
  for (const Node* child : node.children) {
    std::size_t nesting = nesting_of(*child);
    sum += nesting;
    greatest = std::max(greatest, nesting);
  }
  switch (node.op) {
    // One child is evaluated on what another gives.
    case Op::sequence:
    case Op::list_projection:
    case Op::value_projection:
    case Op::filter_projection:
      return sum;
    case Op::call:  // map() does that, too
      return sum + (node.function != nullptr && node.function->name == "to_array" ? 1 : 0);
    case Op::multi_list:
    case Op::multi_hash:
      return greatest + 1;
    default:
      return greatest;
  }
}

}  // namespace

void check_nesting(const Program& program) {
  const std::size_t levels_max = program.limits.depth_max;
  if (nesting_of(*program.root) <= levels_max) return;
  raise_query_error(
      QueryError::Kind::limit, program.text, program.root->column,
      fmt::format("the expression nests its result deeper than {} levels", levels_max));
}

}  // namespace flashflood::query
