#include "query/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "query/function_bodies.h"

namespace flashflood::query {
namespace {

constexpr Kinds number = set_of(Kind::number);
constexpr Kinds string = set_of(Kind::string);
constexpr Kinds array = set_of(Kind::array);
constexpr Kinds object = set_of(Kind::object);
constexpr Kinds reference = set_of(Kind::expression);

constexpr Parameter any_parameter[] = {{any_kind}};
constexpr Parameter number_parameter[] = {{number}};
constexpr Parameter object_parameter[] = {{object}};
constexpr Parameter numbers_parameter[] = {{array, number}};
constexpr Parameter numbers_or_strings_parameter[] = {{array, number | string}};
constexpr Parameter two_strings_parameters[] = {{string}, {string}};
constexpr Parameter array_or_string_parameter[] = {{array | string}};
constexpr Parameter contains_parameters[] = {{array | string}, {any_kind}};
constexpr Parameter join_parameters[] = {{string}, {array, string}};
constexpr Parameter length_parameter[] = {{string | array | object}};
constexpr Parameter map_parameters[] = {{reference}, {array}};
constexpr Parameter by_parameters[] = {{array}, {reference}};

// Sorted by name.
constexpr Function functions[] = {
    {"abs", number_parameter, false, run_abs},
    {"avg", numbers_parameter, false, run_avg},
    {"ceil", number_parameter, false, run_ceil},
    {"contains", contains_parameters, false, run_contains},
    {"ends_with", two_strings_parameters, false, run_ends_with},
    {"floor", number_parameter, false, run_floor},
    {"join", join_parameters, false, run_join},
    {"keys", object_parameter, false, run_keys},
    {"length", length_parameter, false, run_length},
    {"map", map_parameters, false, run_map},
    {"max", numbers_or_strings_parameter, false, run_max},
    {"max_by", by_parameters, false, run_max_by},
    {"merge", object_parameter, true, run_merge},
    {"min", numbers_or_strings_parameter, false, run_min},
    {"min_by", by_parameters, false, run_min_by},
    {"not_null", any_parameter, true, run_not_null},
    {"reverse", array_or_string_parameter, false, run_reverse},
    {"sort", numbers_or_strings_parameter, false, run_sort},
    {"sort_by", by_parameters, false, run_sort_by},
    {"starts_with", two_strings_parameters, false, run_starts_with},
    {"sum", numbers_parameter, false, run_sum},
    {"to_array", any_parameter, false, run_to_array},
    {"to_number", any_parameter, false, run_to_number},
    {"to_string", any_parameter, false, run_to_string},
    {"type", any_parameter, false, run_type},
    {"values", object_parameter, false, run_values},
};

}  // namespace

bool can_fail(const Node& node) {
  if (node.op == Op::call) {
    const auto parameters = node.function->parameters;
    if (std::any_of(parameters.begin(), parameters.end(),
                    [](const Parameter& parameter) { return parameter.kinds != any_kind; })) {
      return true;
    }
    if (std::any_of(node.children.begin(), node.children.end(),
                    [](const Node* argument) { return argument->op == Op::reference; })) {
      return true;
    }
  }
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const Node* child) { return can_fail(*child); });
}

const Function* find_function(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(functions), std::end(functions), name,
      [](const Function& function, std::string_view wanted) { return function.name < wanted; });
  return found != std::end(functions) && found->name == name ? found : nullptr;
}

std::string describe(Kinds kinds) {
  constexpr std::array<std::string_view, 7> names = {
      "null", "a boolean", "a number", "a string", "an array", "an object", "an expression (&...)"};
  if ((kinds & any_kind) == any_kind) return "a value";
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((kinds & (1U << i)) == 0) continue;
    if (!text.empty()) text.append(" or ");
    text.append(names[i]);
  }
  return text;
}

}  // namespace flashflood::query
