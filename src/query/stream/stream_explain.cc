#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "query/stream/stream.h"
#include "query/stream/stream_window.h"
#include "query/unparse.h"

namespace flashflood::query {
namespace {

using Fold = StreamFold;
using Stage = StreamStage;

std::string describe_window(const StreamWindow& window) {
  std::string text;
  if (window.sort) text = "sort";
  if (window.is_reversed) text += text.empty() ? "reverse" : ", reverse";
  if (window.slice) {
    // A slice of its own, not the index that it may have been.
    Node node;
    node.op = Op::slice;
    node.start = window.slice->start;
    node.stop = window.slice->stop;
    node.step = window.slice->step;
    text += (text.empty() ? "slice " : ", slice ") + unparse(node);
  }
  const std::uint64_t count = std::min(window.first_max(), window.last_max());
  if (count == UINT64_MAX) return text + ": collects all of them";
  const bool is_front = window.first_max() <= window.last_max();
  return text + fmt::format(": holds the {} {}", is_front ? "first" : "last", count);
}

std::string describe_slice(const Stage& stage) {
  Node node;
  node.op = Op::slice;
  node.start = stage.start;
  node.stop = stage.stop;
  node.step = stage.step;
  std::string text = "slice " + unparse(node);
  if (!stage.stop) return text;
  if (*stage.stop >= 0) return text + fmt::format(": stops after {}", *stage.stop);
  return text + fmt::format(": holds {} back", 0 - static_cast<std::uint64_t>(*stage.stop));
}

std::string describe_fold(const Fold& fold) {
  switch (fold.op) {
    case Fold::Op::emit:
      return "written as they come";
    case Fold::Op::collect:
      return fmt::format("collected for {}", unparse(*fold.origin));
    case Fold::Op::first:
      return "the first";
    case Fold::Op::exists:
      return "whether there is one: stops at the first";
    case Fold::Op::drain:
      return "only evaluated, for its errors";
    case Fold::Op::length:
      return "length: counted";
    default:
      return fmt::format("{}: one value", fold.origin->function->name);
  }
}

}  // namespace

std::string StreamQuery::explain() const {
  std::string text;
  if (plan_->folds.empty()) text += "reads no events\n";
  bool collects = false;
  for (std::size_t i = 0; i < plan_->folds.size(); ++i) {
    const Fold& fold = plan_->folds[i];
    const StreamSegment& segment = head_->segments()[i];
    text += fmt::format("stream #{}\n", i + 1);
    text += fmt::format("  each event  {}\n",
                        segment.description().empty() ? "as it is" : segment.description());
    for (const std::string& plan : segment.plans()) {
      for (std::size_t begin = 0; begin < plan.size();) {
        const std::size_t end = std::min(plan.find('\n', begin), plan.size());
        if (end > begin) text += "              " + plan.substr(begin, end - begin) + "\n";
        begin = end + 1;
      }
    }
    const std::span<const Stage> stages = fold.stages;
    std::size_t at = 0;
    while (at < stages.size() && stages[at].is_elementwise()) ++at;
    while (at < stages.size()) {
      std::string line;
      std::size_t end = at;
      while (end < stages.size() && stages[end].is_elementwise()) ++end;
      if (end > at) {
        line = StreamSegment(plan_, stages.subspan(at, end - at), true).description();
        at = end;
        if (line.empty()) continue;
      } else if (stages[at].op == Stage::Op::slice && stages[at].step > 0 &&
                 stages[at].start.value_or(0) >= 0) {
        line = describe_slice(stages[at++]);
      } else {
        const StreamWindow window = take_window(stages, at);
        line = describe_window(window);
        collects |= std::min(window.first_max(), window.last_max()) == UINT64_MAX;
      }
      text += fmt::format("  in order    {}\n", line);
    }
    text += fmt::format("  result      {}\n", describe_fold(fold));
    collects |= fold.op == Fold::Op::collect;
  }
  if (const std::string searched = head_->prefilter().describe(); !searched.empty())
    text += fmt::format("prefilter   {}\n", searched);
  text += plan_->tail == nullptr
              ? std::string("output      piece by piece\n")
              : fmt::format("output      {}, at the end\n", unparse(*plan_->tail));
  text += collects ? fmt::format("memory      collects, up to {} bytes\n", budget_.bytes_max())
                   : "memory      does not grow with the number of events\n";
  return text;
}

}  // namespace flashflood::query
