// The steps that a stream of elements takes.
//
// Threads: plain values and pure functions. Lifetime: a stage points to nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "query/program.h"

namespace flashflood::query {

// One step of a stream, which takes elements and gives elements.
struct StreamStage {
  enum class Op : std::uint8_t {
    filter,   // keeps elements for which `node` is true; a map follows
    map,      // `node` of each element; nulls are dropped
    map_all,  // `node` of each element, nulls too
    flatten,  // elements that are arrays become their elements
    slice,    // start, stop, step
    reverse,  //
    sort,     // by `node`, or by the elements themselves
  };
  Op op = Op::map;
  const Node* node = nullptr;
  const Node* key = nullptr;     // maps: give [key of it, it] for a sort behind them
  const Node* origin = nullptr;  // the part of the expression to blame
  std::optional<std::int64_t> start{}, stop{};
  std::int64_t step = 1;
  bool drops_null = false;  // sort: nulls count as keys, and are dropped afterwards

  bool is_elementwise() const { return op <= Op::flatten; }
};

// Whether evaluating their expressions, or comparing what is sorted, may throw something else than
// a limit.
bool any_can_fail(const std::vector<StreamStage>& stages);

// Whether `node` of null is null, so that it makes no difference whether nulls were dropped before.
bool is_null_on_null(const Node& node);

// Lets the stages in front of position `end` give the keys that what stands there asks for.
void add_keys(std::vector<StreamStage>& stages, std::size_t end, const Node& key,
              const Node& origin);

// Brings stages that need the end of the stream together, and those that do not in front of them,
// without a change of what comes out.
void arrange_stages(std::vector<StreamStage>& stages);

}  // namespace flashflood::query
