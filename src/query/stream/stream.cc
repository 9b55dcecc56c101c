#include "query/stream/stream.h"

#include <algorithm>
#include <utility>

#include "query/stream/stream_window.h"

namespace flashflood::query {
namespace {

using Stage = StreamStage;

// A slice that needs to know neither the end nor what lies behind.
bool is_counted(const Stage& stage) {
  return stage.op == Stage::Op::slice && stage.step > 0 && stage.start.value_or(0) >= 0 &&
         stage.stop.value_or(0) >= 0;
}
bool is_delayed(const Stage& stage) {
  return stage.op == Stage::Op::slice && stage.step > 0 && stage.start.value_or(0) >= 0 &&
         stage.stop.value_or(0) < 0;
}

std::size_t segment_end(std::span<const Stage> stages, std::size_t begin) {
  while (begin < stages.size() && stages[begin].is_elementwise()) ++begin;
  return begin;
}

bool only_drops_null(std::span<const Stage> stages) {
  return stages.size() == 1 && stages[0].op == Stage::Op::map && stages[0].key == nullptr &&
         stages[0].node->op == Op::current;
}

}  // namespace

StreamQuery::StreamQuery(std::string_view text, std::size_t memory_bytes_max)
    : plan_(make_stream_plan(Expression::compile(text))), budget_(text, memory_bytes_max) {
  std::vector<StreamSegment> segments;
  for (const StreamFold& fold : plan_->folds) build(fold, segments);
  head_ = std::make_shared<const StreamHead>(std::move(segments));
}

void StreamQuery::build(const StreamFold& fold, std::vector<StreamSegment>& segments) {
  const std::string& text = plan_->expression.text();
  const std::span<const Stage> stages = fold.stages;
  Flow flow;
  if (fold.op == StreamFold::Op::emit) {
    sinks_.push_back(std::make_unique<EmitSink>(output_));
  } else {
    auto sink = make_fold_sink(fold, text, budget_);
    flow.fold = sink.get();
    sinks_.push_back(std::move(sink));
  }
  // Steps know the next one, so they are made from the last to the first.
  const std::size_t head_end = segment_end(stages, 0);
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t at = head_end; at < stages.size();) {
    std::size_t end = segment_end(stages, at);
    if (end == at) {
      if (is_counted(stages[at]) || is_delayed(stages[at])) {
        ++end;
      } else {
        take_window(stages, end);
      }
    }
    parts.emplace_back(at, end);
    at = end;
  }
  for (; !parts.empty(); parts.pop_back()) {
    auto [at, end] = parts.back();
    StreamSink& next = *sinks_.back();
    const auto part = stages.subspan(at, end - at);
    if (only_drops_null(part)) {
      sinks_.push_back(std::make_unique<NullStep>(next));
    } else if (part[0].is_elementwise()) {
      sinks_.push_back(std::make_unique<SegmentStep>(StreamSegment(plan_, part, true), next));
    } else if (is_counted(part[0])) {
      sinks_.push_back(std::make_unique<SliceStep>(part[0], next));
    } else if (is_delayed(part[0])) {
      sinks_.push_back(std::make_unique<DelayStep>(part[0], budget_, next));
    } else {
      sinks_.push_back(std::make_unique<WindowStep>(take_window(stages, at), text, budget_, next));
    }
  }
  flow.entry = sinks_.back().get();
  segments.emplace_back(plan_, stages.first(head_end), flow.entry->needs_text());
  flows_.push_back(flow);
}

bool StreamQuery::done() const {
  return std::all_of(flows_.begin(), flows_.end(), [](const Flow& flow) { return flow.is_over(); });
}

bool StreamQuery::stopped_early() const {
  return std::any_of(flows_.begin(), flows_.end(),
                     [](const Flow& flow) { return !flow.failed && flow.entry->done(); });
}

void StreamQuery::fail(std::size_t index) {
  const StreamFold& fold = plan_->folds[index];
  if (!fold.is_conditional) throw;
  fold.slot->fail(std::current_exception());
  flows_[index].failed = true;
}

void StreamQuery::run(std::size_t index, const StreamItems& items) {
  StreamSink& entry = *flows_[index].entry;
  if (!entry.needs_text()) {
    entry.put_count(items.count);
  } else {
    for (std::size_t i = 0; i < items.count && !entry.done(); ++i) entry.put(items[i]);
  }
  if (items.problem && !entry.done()) std::rethrow_exception(items.problem);
}

void StreamQuery::take(const StreamHead::Batch& batch) {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].is_over()) continue;
    try {
      run(i, batch[i]);
    } catch (const QueryError&) {
      fail(i);
    }
  }
}

void StreamQuery::finish() {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].failed) continue;
    try {
      flows_[i].entry->finish();
      if (flows_[i].fold != nullptr) plan_->folds[i].slot->literal = flows_[i].fold->value();
    } catch (const QueryError&) {
      fail(i);
    }
  }
  if (plan_->tail == nullptr) return;
  // What is left refers to no document; an object stands for it, for [a, b] is null on null.
  Document document;
  if (!document.parse("{}")) throw Error("an empty object is not JSON");
  const Expression tail = plan_->expression.part(plan_, *plan_->tail);
  evaluate_by_tree(tail, document).append_json(output_);
}

}  // namespace flashflood::query
