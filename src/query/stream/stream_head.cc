#include "query/stream/stream_head.h"

#include <algorithm>
#include <deque>

#include "query/evaluation.h"
#include "query/functions.h"
#include "query/json/writer.h"
#include "query/unparse.h"

namespace flashflood::query {
namespace {

using Stage = StreamStage;

constexpr Kinds anything = static_cast<Kinds>(0x7F & ~set_of(Kind::expression));

// An array of the one value, also of null, on which [@] is null.
constexpr Parameter wrap_parameters[] = {{anything}};
Value run_wrap(const Call& call) { return call.evaluation.make_array(call.arguments); }
constexpr Function wrap_function = {"wrap", wrap_parameters, false, run_wrap};

// A sort key and the element that it is of.
constexpr Parameter pair_parameters[] = {{anything}, {anything}};
constexpr Function pair_function = {"pair", pair_parameters, false, run_wrap};

// Nodes made here, and those that they point to.
struct Nodes {
  std::shared_ptr<const StreamPlan> plan;
  std::deque<Node> nodes;

  const Node* make(Op op, std::vector<const Node*> children) {
    Node& node = nodes.emplace_back();
    node.op = op;
    node.children = std::move(children);
    return &node;
  }
  const Node* make_call(const Function& function, std::vector<const Node*> children,
                        const Node* origin) {
    Node& node = nodes.emplace_back();
    node.op = Op::call;
    node.function = &function;
    node.children = std::move(children);
    if (origin != nullptr) node.column = origin->column;
    return &node;
  }
};

// What a map evaluates: its expression, or [key, element] where a key is asked for. Nulls that are
// to be dropped stay null.
const Node* mapped(Nodes& nodes, const Stage& stage) {
  const Node* current = nodes.make(Op::current, {});
  if (stage.key == nullptr) return stage.node == nullptr ? current : stage.node;
  const Node* pair = nodes.make_call(pair_function, {stage.key, current}, stage.origin);
  if (stage.op == Stage::Op::map) {
    const Node* null = nodes.make(Op::literal, {});
    const Node* is_there = nodes.make(Op::not_equal, {current, null});
    pair = nodes.make(Op::any, {nodes.make(Op::all, {is_there, pair}), null});
  }
  if (stage.node == nullptr || stage.node->op == Op::current) return pair;
  return nodes.make(Op::sequence, {stage.node, pair});
}

// What the stages make of a value: they take the elements one by one, so that a list of one
// element shows it.
const Node* chain(Nodes& nodes, std::span<const Stage> stages) {
  const Node* current = nodes.make(Op::current, {});
  const Node* list = nodes.make_call(wrap_function, {current}, nullptr);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const Stage& stage = stages[i];
    switch (stage.op) {
      case Stage::Op::filter: {
        // The map behind it belongs to it.
        const Node* condition = stage.node;
        list = nodes.make(Op::filter_projection, {list, mapped(nodes, stages[++i]), condition});
        break;
      }
      case Stage::Op::map:
        list = nodes.make(Op::list_projection, {list, mapped(nodes, stage)});
        break;
      case Stage::Op::map_all:
        list = nodes.make_call(*find_function("map"),
                               {nodes.make(Op::reference, {mapped(nodes, stage)}), list},
                               stage.origin);
        break;
      default:
        list = nodes.make(Op::flatten, {list});
    }
  }
  return list;
}

std::string describe_stage(const Stage& stage) {
  if (stage.op == Stage::Op::flatten) return "flatten";
  if (stage.op == Stage::Op::filter) return "where " + unparse(*stage.node);
  std::string text;
  if (stage.node != nullptr && stage.node->op != Op::current) text = unparse(*stage.node);
  if (stage.key != nullptr) text += (text.empty() ? "key " : ", key ") + unparse(*stage.key);
  return text;
}

}  // namespace

StreamSegment::StreamSegment(const std::shared_ptr<const StreamPlan>& plan,
                             std::span<const Stage> stages, bool with_text)
    : with_text_(with_text) {
  for (const Stage& stage : stages) {
    const std::string text = describe_stage(stage);
    if (!text.empty()) description_ += (description_.empty() ? "" : ", ") + text;
  }
  auto nodes = std::make_shared<Nodes>();
  nodes->plan = plan;
  const Expression& whole = plan->expression;
  std::span<const Stage> rest = stages;
  auto next_is = [&rest](Stage::Op op) { return !rest.empty() && rest.front().op == op; };
  if (next_is(Stage::Op::flatten)) {
    flattens_ = true;
    rest = rest.subspan(1);
  }
  if (next_is(Stage::Op::filter)) {
    where_ = whole.part(nodes, *rest.front().node);
    rest = rest.subspan(1);
  }
  const Node* taken = nullptr;
  if (next_is(Stage::Op::map) || next_is(Stage::Op::map_all)) {
    taken = mapped(*nodes, rest.front());
    keeps_null_ = rest.front().op == Stage::Op::map_all;
    rest = rest.subspan(1);
  }
  const bool is_simple = rest.empty();
  if (taken == nullptr) taken = nodes->make(Op::current, {});
  if (is_simple) take_ = whole.part(nodes, *taken);
  if (!is_simple || flattens_) each_ = whole.part(nodes, *chain(*nodes, stages));
  if (!is_simple) where_.reset();
}

void StreamSegment::add(const Result& result, StreamItems& items) const {
  ++items.count;
  if (!with_text_) return;
  result.append_json(items.text);
  items.ends.push_back(items.text.size());
}

void StreamSegment::add_each(Document& document, StreamItems& items) const {
  const Result list = evaluate(*each_, document);
  items.count += list.value().size;
  if (!with_text_) return;
  const std::size_t bytes_max = each_->program()->limits.output_bytes_max;
  for (std::size_t i = 0; i < list.value().size; ++i) {
    if (!append_json(list.value().items[i], JsonStyle::compact, bytes_max, items.text)) {
      throw QueryError(QueryError::Kind::limit, "an element is longer than the limit of results");
    }
    items.ends.push_back(items.text.size());
  }
}

void StreamSegment::run(Document& document, bool is_array, StreamItems& items) const {
  if (!take_ || (flattens_ && is_array)) return add_each(document, items);
  if (where_ && !evaluate(*where_, document).truthy()) return;
  const Result result = evaluate(*take_, document);
  if (keeps_null_ || !result.is_null()) add(result, items);
}

std::optional<Question> StreamSegment::question() const {
  if (!take_ || keeps_null_) return std::nullopt;
  return Question{where_, take_, false};
}

std::vector<std::string> StreamSegment::plans() const {
  std::vector<std::string> plans;
  for (const auto* part : {&where_, &take_}) {
    if (*part && (*part)->program()->root->op != Op::current) {
      plans.push_back((*part)->describe_plan());
    }
  }
  return plans;
}

Prefilter StreamHead::prefilter() const {
  auto may_fail = [](const std::optional<Expression>& expression) {
    return expression && can_fail(*expression->program()->root);
  };
  std::vector<Condition> of_streams;
  for (const StreamSegment& segment : segments_) {
    const std::optional<Question> question = segment.question();
    if (!question || may_fail(question->where) || may_fail(question->query)) return {};
    of_streams.push_back(conditions_to_keep(*question));
  }
  if (of_streams.empty()) return {};
  return Prefilter(join(Condition::Kind::any, std::move(of_streams)));
}

StreamHead::Outcome StreamHead::run(std::span<const std::string_view> documents, bool strict,
                                    Scratch& scratch, Batch& batch) const {
  if (segments_.size() == 1 && segments_[0].question()) {
    return run_matcher(documents, strict, scratch, batch[0]);
  }
  return run_each(documents, strict, scratch, batch);
}

// One stream that asks no more of an event than a replay does asks it in the same way.
StreamHead::Outcome StreamHead::run_matcher(std::span<const std::string_view> documents,
                                            bool strict, Scratch& scratch,
                                            StreamItems& items) const {
  const StreamSegment& segment = segments_[0];
  Question question = *segment.question();
  question.strict = strict;
  scratch.matcher.begin(question, documents);
  Outcome outcome;
  for (; outcome.end < documents.size(); ++outcome.end) {
    const std::string_view json = documents[outcome.end];
    const std::size_t text_size = items.text.size();
    const bool is_array = segment.flattens() && json.find_first_not_of(" \t\n\r") < json.size() &&
                          json[json.find_first_not_of(" \t\n\r")] == '[';
    Matcher::Verdict verdict = Matcher::Verdict::filtered;
    try {
      verdict = scratch.matcher.next(items.text);
      if (is_array && verdict != Matcher::Verdict::not_json) {
        verdict = Matcher::Verdict::filtered;
      }
    } catch (const QueryError&) {
      if (!is_array) {
        items.problem = std::current_exception();
        outcome.end = documents.size();
        return outcome;
      }
    }
    if (verdict == Matcher::Verdict::not_json) {
      if (strict) {
        outcome.problem = scratch.matcher.problem();
        return outcome;
      }
      ++outcome.not_json;
    } else if (is_array) {
      items.text.resize(text_size);
      if (scratch.document.parse(json)) {
        add_to(segment, json, scratch.document, items);
        if (items.problem) {
          outcome.end = documents.size();
          return outcome;
        }
      } else {
        ++outcome.not_json;
      }
    } else if (verdict == Matcher::Verdict::kept) {
      ++items.count;
      if (segment.with_text()) {
        items.ends.push_back(items.text.size());
      } else {
        items.text.resize(text_size);
      }
    }
  }
  return outcome;
}

StreamHead::Outcome StreamHead::run_each(std::span<const std::string_view> documents, bool strict,
                                         Scratch& scratch, Batch& batch) const {
  Outcome outcome;
  for (std::string_view json : documents) {
    if (scratch.document.parse(json)) {
      add(json, scratch.document, batch);
    } else if (strict) {
      outcome.problem = scratch.document.problem();
      return outcome;
    } else {
      ++outcome.not_json;
    }
    ++outcome.end;
  }
  return outcome;
}

void StreamHead::add(std::string_view json, Document& document, Batch& batch) const {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (!batch[i].problem) add_to(segments_[i], json, document, batch[i]);
  }
}

// What was begun of an event on which the evaluation fails does not count.
void StreamHead::add_to(const StreamSegment& segment, std::string_view json, Document& document,
                        StreamItems& items) {
  const bool is_array = json[json.find_first_not_of(" \t\n\r")] == '[';
  const std::size_t text_size = items.text.size();
  const std::size_t ends_size = items.ends.size();
  const std::uint64_t count = items.count;
  try {
    segment.run(document, is_array, items);
  } catch (const QueryError&) {
    items.problem = std::current_exception();
    items.text.resize(text_size);
    items.ends.resize(ends_size);
    items.count = count;
  }
}

}  // namespace flashflood::query
