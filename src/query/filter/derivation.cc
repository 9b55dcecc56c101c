// Derives conditions from the tree of an expression.

#include "query/filter/conditions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/comparison.h"
#include "query/functions.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

// Bounds that keep what is derived from a long expression small: paths beyond are not followed,
// tests beyond are left out.
constexpr std::size_t path_steps_max = 32;
constexpr std::size_t tests_max = 1000;
// Conditions that many tests repeat are left out when they have more parts.
constexpr std::size_t repeated_parts_max = 8;
// Literal arrays of which an element is asked for: longer ones are left out.
constexpr std::size_t choices_max = 64;

using Path = std::vector<PathStep>;

Condition never() { return {.kind = Condition::Kind::never}; }

Condition all(Condition first, Condition second) {
  std::vector<Condition> parts;
  parts.push_back(std::move(first));
  parts.push_back(std::move(second));
  return join(Condition::Kind::all, std::move(parts));
}

// What is known of where a value comes from.
struct Origin {
  enum class Kind : std::uint8_t {
    unknown,
    literal,
    value,  // one of the values that `path` reaches or, unless `exact`, null
    list,   // null or an array whose elements are not null and among what `path`, if any, reaches
  };
  Kind kind = Kind::unknown;
  bool exact = false;
  std::optional<Path> path{};
  Value literal{};
  Condition implied{};  // holds when the value is not null
  Condition filled{};   // holds when the list has an element
};

Comparison comparison_of(Op op) {
  switch (op) {
    case Op::equal:
      return Comparison::equal;
    case Op::not_equal:
      return Comparison::not_equal;
    case Op::less:
      return Comparison::less;
    case Op::less_equal:
      return Comparison::less_equal;
    case Op::greater:
      return Comparison::greater;
    default:
      return Comparison::greater_equal;
  }
}

// Every function visits each child of a node at most once, so that the work is proportional to the
// expression. Recursion is as deep as the expression.
class Derivation {
 public:
  static Origin document() { return {.kind = Origin::Kind::value, .exact = true, .path = Path{}}; }

  // What must hold for the node to be true on a value that comes from `base`.
  Condition truth(const Node& node, const Origin& base) {
    switch (node.op) {
      case Op::any:
      case Op::all:
        return join_children(
            node, [&](const Node& child) { return truth(child, base); }, node.op == Op::all);
      case Op::negation:
        return falsity(*node.children[0], base);
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        return compare(node.op, node, base);
      case Op::sequence: {
        Origin origin = base;
        const std::size_t last = node.children.size() - 1;
        for (std::size_t i = 0; i < last; ++i) origin = follow_shortened(*node.children[i], origin);
        return truth(*node.children[last], origin);
      }
      case Op::call:
        return truth_of_call(node, base);
      default:
        return test(follow(node, base), Comparison::truth, {});
    }
  }

  // What must hold for a value of this origin not to be null.
  Condition existence(const Origin& origin) {
    if (origin.kind == Origin::Kind::literal) {
      return origin.literal.is_null() ? never() : Condition{};
    }
    if (origin.kind == Origin::Kind::value) return test(origin, Comparison::not_equal, {});
    return repeat(origin.implied);
  }

  // Where the node's value comes from.
  Origin follow(const Node& node, const Origin& base) {
    switch (node.op) {
      case Op::current:
        return base;
      case Op::literal:
        return {.kind = Origin::Kind::literal, .literal = node.literal};
      case Op::field:
        return step(base, {.kind = PathStep::Kind::field, .name = node.literal.view()});
      case Op::index:
        if (base.kind == Origin::Kind::list) return element_of(base);
        return step(base, {.kind = PathStep::Kind::index, .index = *node.start});
      case Op::sequence: {
        Origin origin = base;
        for (const Node* child : node.children) origin = follow_shortened(*child, origin);
        return origin;
      }
      case Op::slice:
        return list_of(base);
      case Op::flatten: {
        Origin list = list_of(follow(*node.children[0], base));
        if (list.path) append(list.path, {.kind = PathStep::Kind::spread});
        // What is in an inner array may be null; there need not be anything.
        return list;
      }
      case Op::list_projection:
      case Op::filter_projection:
        return project(list_of(follow(*node.children[0], base)), node);
      case Op::value_projection: {
        Origin source = follow(*node.children[0], base);
        if (source.kind == Origin::Kind::list) return {.implied = never()};
        return project(list_of(source, PathStep::Kind::values), node);
      }
      case Op::any:
      case Op::all:
        return {
            .implied = small(join_children(
                node, [&](const Node& child) { return existence(follow(child, base)); }, false))};
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        return {
            .implied = small(join_children(
                node, [&](const Node& child) { return existence(follow(child, base)); }, true))};
      case Op::multi_list:
      case Op::multi_hash:
        return {.implied = small(existence(base))};
      case Op::call:
        return follow_call(node, base);
      case Op::equal:
      case Op::not_equal:
      case Op::negation:
      case Op::reference:
        break;
    }
    return {};
  }

 private:
  template <typename Derive>
  static Condition join_children(const Node& node, Derive derive, bool is_all) {
    std::vector<Condition> parts;
    for (const Node* child : node.children) {
      Condition part = derive(*child);
      if (part.kind != Condition::Kind::always) {
        parts.push_back(std::move(part));
      } else if (!is_all) {
        return {};
      }
    }
    return join(is_all ? Condition::Kind::all : Condition::Kind::any, std::move(parts));
  }

  static std::size_t count_parts(const Condition& condition) {
    std::size_t count = 1;
    for (const Condition& part : condition.parts) count += count_parts(part);
    return count;
  }
  static Condition small(Condition condition) {
    if (count_parts(condition) > repeated_parts_max) return {};
    return condition;
  }
  // One more copy of a condition, as far as the bound allows.
  Condition repeat(const Condition& condition) {
    if (condition.kind == Condition::Kind::always || tests_left_ == 0) return {};
    --tests_left_;
    return condition;
  }
  Origin follow_shortened(const Node& node, const Origin& base) {
    Origin origin = follow(node, base);
    origin.filled = small(std::move(origin.filled));
    return origin;
  }

  static void append(std::optional<Path>& path, const PathStep& step) {
    if (path->size() < path_steps_max) {
      path->push_back(step);
    } else {
      path.reset();
    }
  }

  static Origin step(const Origin& base, const PathStep& step) {
    if (base.kind == Origin::Kind::list) return {.implied = never()};
    Origin result{.exact = base.exact, .path = base.path, .implied = base.implied};
    if (result.path) append(result.path, step);
    if (result.path) result.kind = Origin::Kind::value;
    return result;
  }

  // An element of a list, or null.
  static Origin element_of(const Origin& list) {
    Origin element{.implied = small(all(list.implied, list.filled))};
    element.path = list.path;
    if (list.path) element.kind = Origin::Kind::value;
    return element;
  }

  // An array or an object as the list of its elements or values.
  Origin list_of(const Origin& base, PathStep::Kind kind = PathStep::Kind::elements) {
    if (base.kind == Origin::Kind::list) return base;
    Origin list{.kind = Origin::Kind::list, .path = base.path, .implied = small(existence(base))};
    if (base.kind != Origin::Kind::value) list.path.reset();
    if (list.path) append(list.path, {.kind = kind});
    return list;
  }

  Origin project(const Origin& list, const Node& node) {
    Origin element;
    element.path = list.path;
    element.exact = true;
    if (list.path) element.kind = Origin::Kind::value;
    Condition filled = list.filled;
    if (node.op == Op::filter_projection) {
      filled = all(std::move(filled), truth(*node.children[2], element));
    }
    Origin projected = follow(*node.children[1], element);
    filled = all(std::move(filled), existence(projected));
    Origin result{.kind = Origin::Kind::list, .implied = list.implied, .filled = std::move(filled)};
    if (projected.kind == Origin::Kind::value) result.path = projected.path;
    return result;
  }

  Condition test(const Origin& origin, Comparison comparison, const Value& literal) {
    const bool passes_null = null_passes(comparison, literal);
    switch (origin.kind) {
      case Origin::Kind::literal:
        return comparison == Comparison::truth && !is_true(origin.literal) ? never() : Condition{};
      case Origin::Kind::unknown:
        return passes_null ? Condition{} : repeat(origin.implied);
      case Origin::Kind::list:
        if (comparison == Comparison::truth) {
          return all(repeat(origin.implied), repeat(origin.filled));
        }
        return passes_null ? Condition{} : repeat(origin.implied);
      case Origin::Kind::value:
        break;
    }
    if (passes_null && !origin.exact) return {};
    if (tests_left_ == 0) return {};
    --tests_left_;
    Condition condition{.kind = Condition::Kind::test,
                        .path = *origin.path,
                        .comparison = comparison,
                        .literal = literal};
    if (passes_null) return condition;
    return all(origin.implied, std::move(condition));
  }

  Condition compare(Op op, const Node& node, const Origin& base) {
    Origin left = follow(*node.children[0], base);
    Origin right = follow(*node.children[1], base);
    const bool is_order = op != Op::equal && op != Op::not_equal;
    if (left.kind == Origin::Kind::literal) {
      std::swap(left, right);
      op = mirrored(op);
    }
    if (right.kind == Origin::Kind::literal) {
      if (left.kind == Origin::Kind::literal) return {};
      if (is_order && right.literal.kind != Kind::number && right.literal.kind != Kind::string) {
        return never();
      }
      return test(left, comparison_of(op), right.literal);
    }
    // Whatever is ordered is there; two that are equal may both be null.
    return is_order ? all(existence(left), existence(right)) : Condition{};
  }

  // What must hold for the node to be false.
  Condition falsity(const Node& node, const Origin& base) {
    switch (node.op) {
      case Op::any:
      case Op::all:
        return join_children(
            node, [&](const Node& child) { return falsity(child, base); }, node.op == Op::any);
      case Op::negation:
        return truth(*node.children[0], base);
      case Op::equal:
        return compare(Op::not_equal, node, base);
      case Op::not_equal:
        return compare(Op::equal, node, base);
      case Op::literal:
        return is_true(node.literal) ? never() : Condition{};
      default:
        return {};
    }
  }

  std::vector<Origin> follow_arguments(const Node& call, const Origin& base) {
    std::vector<Origin> origins;
    origins.reserve(call.children.size());
    for (const Node* child : call.children) origins.push_back(follow(*child, base));
    return origins;
  }

  // An argument that may not be null is there, or the call fails.
  Condition existence_of_arguments(const Node& call, const std::vector<Origin>& arguments) {
    std::vector<Condition> parts;
    const auto& parameters = call.function->parameters;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      Kinds kinds = parameters[std::min(i, parameters.size() - 1)].kinds;
      if ((kinds & set_of(Kind::null)) == 0) parts.push_back(existence(arguments[i]));
    }
    return join(Condition::Kind::all, std::move(parts));
  }

  Condition truth_of_call(const Node& call, const Origin& base) {
    const std::string_view name = call.function->name;
    if (name == "not_null") {
      return join_children(
          call, [&](const Node& child) { return truth(child, base); }, false);
    }
    auto arguments = follow_arguments(call, base);
    std::optional<Comparison> comparison;
    if (name == "contains") comparison = Comparison::contains;
    if (name == "starts_with") comparison = Comparison::starts_with;
    if (name == "ends_with") comparison = Comparison::ends_with;
    if (comparison && arguments[1].kind == Origin::Kind::literal &&
        arguments[0].kind != Origin::Kind::literal) {
      const bool in_list = name == "contains" && arguments[0].kind == Origin::Kind::list;
      if (in_list) return test(element_of(arguments[0]), Comparison::equal, arguments[1].literal);
      return test(arguments[0], *comparison, arguments[1].literal);
    }
    Condition exist = existence_of_arguments(call, arguments);
    if (name != "contains" || arguments[0].kind != Origin::Kind::literal) return exist;
    const Value& list = arguments[0].literal;
    if (list.kind != Kind::array || list.size > choices_max) return exist;
    // contains(`["new", "open"]`, state): one of several.
    std::vector<Condition> choices;
    for (std::size_t i = 0; i < list.size; ++i) {
      choices.push_back(test(arguments[1], Comparison::equal, list.items[i]));
      if (choices.back().kind == Condition::Kind::always) return exist;
    }
    return all(std::move(exist), join(Condition::Kind::any, std::move(choices)));
  }

  Origin follow_call(const Node& call, const Origin& base) {
    if (call.function->name == "not_null") {
      return {.implied = small(join_children(
                  call, [&](const Node& child) { return existence(follow(child, base)); }, false))};
    }
    auto arguments = follow_arguments(call, base);
    return {.implied = small(existence_of_arguments(call, arguments))};
  }

  std::size_t tests_left_ = tests_max;
};

}  // namespace

Condition conditions_for_truth(const Expression& expression) {
  Derivation derivation;
  return derivation.truth(*expression.program()->root, Derivation::document());
}

Condition conditions_for_result(const Expression& expression) {
  Derivation derivation;
  return derivation.existence(
      derivation.follow(*expression.program()->root, Derivation::document()));
}

}  // namespace flashflood::query
