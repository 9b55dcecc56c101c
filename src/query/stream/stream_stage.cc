#include "query/stream/stream_stage.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "query/functions.h"

namespace flashflood::query {

using Stage = StreamStage;

bool any_can_fail(const std::vector<Stage>& stages) {
  return std::any_of(stages.begin(), stages.end(), [](const Stage& stage) {
    return stage.op == Stage::Op::sort || (stage.node != nullptr && can_fail(*stage.node));
  });
}

bool is_null_on_null(const Node& node) {
  switch (node.op) {
    case Op::current:
    case Op::field:
    case Op::index:
    case Op::slice:
    case Op::multi_list:
    case Op::multi_hash:
      return true;
    case Op::sequence:
      return std::all_of(node.children.begin(), node.children.end(),
                         [](const Node* child) { return is_null_on_null(*child); });
    case Op::flatten:
    case Op::list_projection:
    case Op::value_projection:
    case Op::filter_projection:
      return is_null_on_null(*node.children[0]);
    default:
      return false;
  }
}

void add_keys(std::vector<Stage>& stages, std::size_t end, const Node& key, const Node& origin) {
  if (end == 0 || stages[end - 1].op != Stage::Op::map || stages[end - 1].key != nullptr) {
    Stage stage;
    stage.op = Stage::Op::map_all;
    stage.origin = &origin;
    stages.insert(stages.begin() + static_cast<std::ptrdiff_t>(end++), stage);
  }
  stages[end - 1].key = &key;
}

void arrange_stages(std::vector<Stage>& stages) {
  auto is_reverse = [](const Stage& stage) {
    return stage.op == Stage::Op::reverse ||
           (stage.op == Stage::Op::slice && !stage.start && !stage.stop && stage.step == -1);
  };
  std::vector<Stage> arranged;
  for (Stage& stage : stages) {
    if (is_reverse(stage)) {
      if (!arranged.empty() && arranged.back().op == Stage::Op::reverse) {
        arranged.pop_back();
        continue;
      }
      stage.op = Stage::Op::reverse;
      arranged.push_back(stage);
      continue;
    }
    const bool is_whole = stage.op == Stage::Op::slice && stage.start.value_or(0) == 0 &&
                          !stage.stop && stage.step == 1;
    if (is_whole) continue;
    const bool is_alone = stage.op == Stage::Op::filter || stage.op == Stage::Op::map ||
                          stage.op == Stage::Op::map_all;
    if (!is_alone) {
      arranged.push_back(stage);
      continue;
    }
    // Each element for itself: may as well go before a reversal.
    auto place = arranged.end();
    if (!arranged.empty() && arranged.back().op == Stage::Op::reverse) --place;
    const bool is_cleaning = stage.op == Stage::Op::map && stage.node->op == Op::current;
    if (is_cleaning && place != arranged.begin() && std::prev(place)->op == Stage::Op::sort) {
      std::prev(place)->drops_null = true;
    } else {
      arranged.insert(place, stage);
    }
  }
  stages = std::move(arranged);
}

}  // namespace flashflood::query
