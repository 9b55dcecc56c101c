#include "query/stream/stream_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "query/functions.h"

namespace flashflood::query {
namespace {

using Stage = StreamStage;
using Fold = StreamFold;

// What a sensible expression stays far below; beyond it the whole document is collected.
constexpr std::size_t stages_max = 64;
constexpr std::size_t folds_max = 64;

Value run_slot(const Call& call) {
  // The node may be a copy of the slot.
  const Value& value = call.node.literal;
  if (value.kind != Kind::expression) return value;
  std::rethrow_exception(static_cast<const StreamSlot*>(value.node)->problem);
}
constexpr Function slot_function = {"slot", {}, false, run_slot};

// What a part of the expression gives when it is evaluated on the document.
struct Meaning {
  enum class Kind : std::uint8_t {
    document,  // {"events": [...]}
    stream,    // an array: the events after `stages`
    tail,      // what `node` gives once the folds are known
  };
  Kind kind = Kind::document;
  std::vector<Stage> stages{};
  const Node* node = nullptr;
  const Node* origin = nullptr;

  bool is_stream() const { return kind == Kind::stream; }
  bool is_document() const { return kind == Kind::document; }
};

Stage make_stage(Stage::Op op, const Node* node, const Node& origin) {
  Stage stage;
  stage.op = op;
  stage.node = node;
  stage.origin = &origin;
  return stage;
}

Meaning tail_of(const Node* node) { return {Meaning::Kind::tail, {}, node, node}; }

class Planner {
 public:
  explicit Planner(StreamPlan& plan, const Node& root) : plan_(plan), root_(root) {}

  void run() {
    const Meaning document{Meaning::Kind::document, {}, nullptr, &root_};
    Meaning whole = rewrite(root_, document);
    if (is_too_big_) {
      plan_.folds.clear();
      plan_.tail = make(Op::sequence, root_, {settled(document, root_), &root_});
    } else if (whole.is_stream()) {
      add_fold(Fold::Op::emit, std::move(whole.stages), root_);
    } else {
      plan_.tail = settled(std::move(whole), root_);
    }
  }

 private:
  // --- nodes of the tail

  Node* make(Op op, const Node& origin, std::vector<const Node*> children = {}) {
    Node& node = plan_.nodes.emplace_back();
    node.op = op;
    node.column = origin.column;
    node.children = std::move(children);
    return &node;
  }
  const Node* literal(const Value& value, const Node& origin) {
    Node* node = make(Op::literal, origin);
    node->literal = value;
    return node;
  }
  Meaning null_of(const Node& origin) { return tail_of(literal({}, origin)); }

  // The same node on other children.
  const Node* copy(const Node& node, std::vector<const Node*> children) {
    Node& made = plan_.nodes.emplace_back(node);
    made.children = std::move(children);
    return &made;
  }

  // --- folds

  Fold& add_fold(Fold::Op op, std::vector<Stage> stages, const Node& origin) {
    is_too_big_ |= plan_.folds.size() >= folds_max;
    if (is_too_big_) plan_.folds.clear();
    Fold& fold = plan_.folds.emplace_back();
    fold.op = op;
    fold.stages = std::move(stages);
    fold.origin = &origin;
    fold.is_conditional = conditions_ > 0;
    return fold;
  }
  Meaning slot_of(Fold& fold) {
    StreamSlot& slot = plan_.slots.emplace_back();
    slot.op = Op::call;
    slot.function = &slot_function;
    slot.column = fold.origin->column;
    plan_.names.push_back(fmt::format("#{}", plan_.folds.size()));
    slot.literal = Value::make_string(plan_.names.back(), true);
    fold.slot = &slot;
    return tail_of(&slot);
  }
  Meaning folded(Fold::Op op, Meaning stream, const Node& origin) {
    return slot_of(add_fold(op, std::move(stream.stages), origin));
  }
  // `value` when the evaluation of the stream, whose elements do not matter, does not fail.
  Meaning drained(Meaning stream, const Value& value, const Node& origin) {
    if (!any_can_fail(stream.stages)) return tail_of(literal(value, origin));
    Fold& fold = add_fold(Fold::Op::drain, std::move(stream.stages), origin);
    fold.literal = value;
    return slot_of(fold);
  }
  // A node of the tail that gives the value whole. `origin` is what needs it so.
  const Node* settled(Meaning meaning, const Node& origin) {
    switch (meaning.kind) {
      case Meaning::Kind::tail:
        return meaning.node;
      case Meaning::Kind::stream:
        return folded(Fold::Op::collect, std::move(meaning), origin).node;
      case Meaning::Kind::document:
        break;
    }
    Meaning events{Meaning::Kind::stream, {}, nullptr, &origin};
    Node* document = make(Op::multi_hash, origin, {settled(std::move(events), origin)});
    document->keys = {Value::make_string("events", true)};
    document->slots = {0};
    return document;
  }

  // --- rewriting. Recursion is as deep as the expression.

  Meaning rewrite(const Node& node, const Meaning& input) {
    if (input.kind == Meaning::Kind::tail) {
      return tail_of(make(Op::sequence, node, {input.node, &node}));
    }
    switch (node.op) {
      case Op::current:
        return input;
      case Op::field:
        if (input.is_stream()) return drained(input, {}, node);
        if (node.literal.view() == "events") return {Meaning::Kind::stream, {}, nullptr, &node};
        return null_of(node);
      case Op::literal:
        if (input.is_stream()) return drained(input, node.literal, node);
        return tail_of(&node);
      case Op::sequence:
        return rewrite_sequence(node, input);
      case Op::index:
        return rewrite_index(node, input);
      case Op::slice: {
        if (input.is_document()) return null_of(node);
        Stage stage = make_stage(Stage::Op::slice, nullptr, node);
        stage.start = node.start;
        stage.stop = node.stop;
        stage.step = node.step;
        return extended(input, stage);
      }
      case Op::flatten:
      case Op::list_projection:
      case Op::value_projection:
      case Op::filter_projection:
        return rewrite_projection(node, input);
      case Op::negation:
        return rewrite_negation(node, input);
      case Op::call:
        return rewrite_call(node, input);
      default:
        return tail_of(copy(node, settled_children(node, input)));
    }
  }

  Meaning extended(Meaning stream, const Stage& stage) {
    auto& stages = stream.stages;
    is_too_big_ |= stages.size() >= stages_max;
    if (is_too_big_) stages.clear();
    // Two maps in a row are one where nulls make no difference.
    if (stage.op != Stage::Op::map || stages.empty() || stages.back().op != Stage::Op::map ||
        stages.back().node->op != Op::current || !is_null_on_null(*stage.node)) {
      stages.push_back(stage);
      return stream;
    }
    stages.back() = stage;
    return stream;
  }

  std::vector<const Node*> settled_children(const Node& node, const Meaning& input) {
    std::vector<const Node*> children;
    const bool is_choice = node.op == Op::any || node.op == Op::all;
    for (const Node* child : node.children) {
      if (is_choice && !children.empty()) ++conditions_;
      children.push_back(settled(rewrite(*child, input), *child));
      if (is_choice && children.size() > 1) --conditions_;
    }
    return children;
  }

  Meaning rewrite_sequence(const Node& node, const Meaning& input) {
    Meaning value = input;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Node* child = node.children[i];
      if (value.kind == Meaning::Kind::tail) {
        // One node for all the rest: pipes of any length cost no depth.
        std::vector<const Node*> children{value.node};
        children.insert(children.end(), node.children.begin() + static_cast<std::ptrdiff_t>(i),
                        node.children.end());
        return tail_of(make(Op::sequence, *child, std::move(children)));
      }
      const std::size_t folds_before = plan_.folds.size();
      Meaning next = rewrite(*child, value);
      if (value.is_stream() && !next.is_stream() && any_can_fail(value.stages) &&
          !is_evaluated(value.stages, folds_before)) {
        // The tree evaluates what is before a pipe, whether or not it is used behind it.
        const Node* before =
            drained(std::move(value), Value::make_object(nullptr, 0, true), *child).node;
        next = tail_of(make(Op::sequence, *child, {before, next.node}));
      }
      value = std::move(next);
    }
    return value;
  }

  // Whether a fold added since evaluates these stages whatever the tail does.
  bool is_evaluated(const std::vector<Stage>& stages, std::size_t folds_before) const {
    for (std::size_t i = folds_before; i < plan_.folds.size(); ++i) {
      const Fold& fold = plan_.folds[i];
      const bool depends = fold.is_conditional && conditions_ == 0;
      if (!depends && fold.stages.size() >= stages.size()) return true;
    }
    return false;
  }

  Meaning rewrite_index(const Node& node, const Meaning& input) {
    if (input.is_document()) return null_of(node);
    // a[i] is the first of a[i:i+1]; behind the last there is no number for the end.
    Stage stage = make_stage(Stage::Op::slice, nullptr, node);
    stage.start = node.start;
    if (*node.start != -1 && *node.start != INT64_MAX) stage.stop = *node.start + 1;
    Meaning one = extended(input, stage);
    return folded(Fold::Op::first, std::move(one), node);
  }

  Meaning rewrite_projection(const Node& node, const Meaning& input) {
    const bool of_object = node.op == Op::value_projection;
    Meaning source = rewrite(*node.children[0], input);
    if (source.kind == Meaning::Kind::tail) {
      std::vector<const Node*> children = node.children;
      children[0] = source.node;
      return tail_of(copy(node, std::move(children)));
    }
    if (source.is_document()) {
      if (!of_object) return null_of(node);
      // The only value of the document is the array of events.
      Meaning events{Meaning::Kind::stream, {}, nullptr, &node};
      const Node* value = settled(rewrite(*node.children[1], events), node);
      const Node* list = make(Op::multi_list, node, {value});
      return tail_of(make(Op::list_projection, node, {list, make(Op::current, node)}));
    }
    if (of_object) return drained(std::move(source), {}, node);
    if (node.op == Op::flatten) {
      return extended(std::move(source), make_stage(Stage::Op::flatten, nullptr, node));
    }
    if (node.op == Op::filter_projection) {
      source.stages.push_back(make_stage(Stage::Op::filter, node.children[2], node));
    }
    return extended(std::move(source), make_stage(Stage::Op::map, node.children[1], node));
  }

  Meaning rewrite_negation(const Node& node, const Meaning& input) {
    Meaning operand = rewrite(*node.children[0], input);
    if (operand.is_document()) return tail_of(literal(Value::make_boolean(false), node));
    const Node* truth = operand.is_stream()
                            ? folded(Fold::Op::exists, std::move(operand), node).node
                            : operand.node;
    return tail_of(make(Op::negation, node, {truth}));
  }

  // --- calls

  Meaning rewrite_call(const Node& node, const Meaning& input) {
    std::vector<Meaning> arguments;
    for (const Node* child : node.children) {
      if (child->op == Op::reference) {
        arguments.push_back(tail_of(child));
      } else {
        arguments.push_back(rewrite(*child, input));
      }
    }
    if (auto meaning = rewrite_known(node, arguments)) return std::move(*meaning);
    std::vector<const Node*> children;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      children.push_back(argument_of(node, i, std::move(arguments[i])));
    }
    return tail_of(copy(node, std::move(children)));
  }

  // An argument for the function itself to work on.
  const Node* argument_of(const Node& call, std::size_t i, Meaning argument) {
    const auto& parameters = call.function->parameters;
    const Kinds kinds = parameters[std::min(i, parameters.size() - 1)].kinds;
    const std::string_view name = call.function->name;
    if (argument.is_stream() && (kinds & set_of(Kind::array)) == 0) {
      return drained(std::move(argument), Value::make_array(nullptr, 0), call).node;
    }
    if (argument.is_document() && (name == "length" || name == "keys" || name == "type" ||
                                   (kinds & set_of(Kind::object)) == 0)) {
      // The events do not matter: an object with such a member does as well.
      Node* document = make(Op::multi_hash, call, {literal(Value::make_array(nullptr, 0), call)});
      document->keys = {Value::make_string("events", true)};
      document->slots = {0};
      return document;
    }
    return settled(std::move(argument), call);
  }

  // Functions that stream; nothing for all else.
  std::optional<Meaning> rewrite_known(const Node& node, std::vector<Meaning>& arguments) {
    const std::string_view name = node.function->name;
    const bool is_single = arguments.size() == 1;
    auto is_reference = [&](std::size_t i) { return node.children[i]->op == Op::reference; };
    if (name == "map") {
      if (!arguments[1].is_stream() || !is_reference(0)) return std::nullopt;
      const Node* mapped = node.children[0]->children[0];
      return extended(std::move(arguments[1]), make_stage(Stage::Op::map_all, mapped, node));
    }
    if (!arguments[0].is_stream()) return std::nullopt;
    Meaning& stream = arguments[0];
    if (name == "length") return folded(Fold::Op::length, std::move(stream), node);
    if (name == "sum") return folded(Fold::Op::sum, std::move(stream), node);
    if (name == "avg") return folded(Fold::Op::avg, std::move(stream), node);
    if (name == "min") return folded(Fold::Op::min, std::move(stream), node);
    if (name == "max") return folded(Fold::Op::max, std::move(stream), node);
    if (name == "to_array") return std::move(stream);
    if (name == "not_null" && is_single) return std::move(stream);
    if (name == "type") {
      return drained(std::move(stream), Value::make_string("array", true), node);
    }
    if (name == "reverse") {
      return extended(std::move(stream), make_stage(Stage::Op::reverse, nullptr, node));
    }
    if (name == "sort") {
      return extended(std::move(stream), make_stage(Stage::Op::sort, nullptr, node));
    }
    if (name == "contains" && node.children[1]->op == Op::literal &&
        !node.children[1]->literal.is_null()) {
      return contained(std::move(stream), *node.children[1], node);
    }
    if (!(name == "sort_by" || name == "min_by" || name == "max_by") || !is_reference(1)) {
      return std::nullopt;
    }
    const Node* key = node.children[1]->children[0];
    if (name == "sort_by") {
      return extended(std::move(stream), make_stage(Stage::Op::sort, key, node));
    }
    Fold& fold = add_fold(name == "min_by" ? Fold::Op::min_by : Fold::Op::max_by,
                          std::move(stream.stages), node);
    fold.key = key;
    return slot_of(fold);
  }

  // contains(stream, wanted): whether there is an element that equals it.
  Meaning contained(Meaning stream, const Node& wanted, const Node& call) {
    // True, or null, which a map drops.
    const Node* equal = make(Op::equal, call, {make(Op::current, call), &wanted});
    const Node* found = make(Op::any, call, {equal, literal({}, call)});
    auto& stages = stream.stages;
    if (!stages.empty() && stages.back().op == Stage::Op::map) {
      if (stages.back().node->op != Op::current) {
        found = make(Op::sequence, call, {stages.back().node, found});
      }
      stages.back().node = found;
    } else {
      stages.push_back(make_stage(Stage::Op::map, found, call));
    }
    return folded(Fold::Op::exists, std::move(stream), call);
  }

  StreamPlan& plan_;
  const Node& root_;
  std::size_t conditions_ = 0;  // right sides of || and && around
  bool is_too_big_ = false;
};

}  // namespace

std::shared_ptr<StreamPlan> make_stream_plan(const Expression& expression) {
  auto plan = std::make_shared<StreamPlan>(expression);
  Planner(*plan, *expression.program()->root).run();
  for (Fold& fold : plan->folds) {
    auto& stages = fold.stages;
    arrange_stages(stages);
    if (fold.key != nullptr) add_keys(stages, stages.size(), *fold.key, *fold.origin);
    for (std::size_t i = stages.size(); i-- > 0;) {
      if (stages[i].op == Stage::Op::sort && stages[i].node != nullptr) {
        add_keys(stages, i, *stages[i].node, *stages[i].origin);
      }
    }
  }
  return plan;
}

}  // namespace flashflood::query
