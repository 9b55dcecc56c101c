#include "query/unparse.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "query/comparison.h"
#include "query/functions.h"
#include "query/json/writer.h"

namespace flashflood::query {
namespace {

constexpr std::size_t literal_bytes_max = std::size_t{1} << 20;

bool is_projection(Op op) {
  return op == Op::flatten || op == Op::list_projection || op == Op::value_projection ||
         op == Op::filter_projection;
}

bool is_bracket(Op op) { return op == Op::index || op == Op::slice; }
bool is_member(Op op) { return op == Op::field || op == Op::multi_list || op == Op::multi_hash; }

// Whether the text begins with what may stand behind a dot.
bool begins_with_member(const Node& node) {
  const Node* first = &node;
  while (is_projection(first->op) || first->op == Op::sequence) first = first->children[0];
  return is_member(first->op);
}

// Whether what stands behind a projection goes on with each of its elements. Not so behind .[a] and
// .{a: b}, which take nothing more.
bool goes_on(const Node& node) {
  if (!is_projection(node.op)) return false;
  if (node.op == Op::flatten) return true;
  const Op projected = node.children[1]->op;
  return projected != Op::multi_list && projected != Op::multi_hash;
}

// Whether `child` follows `before` behind a pipe.
bool is_piped(const Node& before, const Node& child) {
  return goes_on(before) || !(is_bracket(child.op) || begins_with_member(child));
}

bool has_pipe(const Node& sequence) {
  const auto& children = sequence.children;
  for (std::size_t i = 1; i < children.size(); ++i) {
    if (is_piped(*children[i - 1], *children[i])) return true;
  }
  return false;
}

// Whether the array of a list projection is written with brackets of its own.
bool is_bracketed(const Node& source) {
  return source.op == Op::flatten || source.op == Op::slice ||
         (source.op == Op::sequence && source.children.back()->op == Op::slice);
}

// Whether an operator, which binds weaker than what may stand beside it, is on top.
bool is_operation(const Node& node) {
  if (node.op == Op::list_projection && is_bracketed(*node.children[0])) {
    return node.children[0]->op == Op::sequence && has_pipe(*node.children[0]);
  }
  return (node.op >= Op::equal && node.op <= Op::negation) ||
         (node.op == Op::sequence && has_pipe(node));
}

std::string operand(const Node& node) {
  std::string text = unparse(node);
  return is_operation(node) ? "(" + text + ")" : text;
}

// What stands behind an exclamation mark, which binds stronger than dots and brackets.
std::string negated(const Node& node) {
  const bool is_atom = node.op == Op::current || node.op == Op::field || node.op == Op::literal ||
                       node.op == Op::negation || node.op == Op::call;
  return is_atom ? unparse(node) : fmt::format("({})", unparse(node));
}

std::string name_of(std::string_view name) {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  bool is_plain = !name.empty() && is_letter(name[0]) &&
                  std::all_of(name.begin(), name.end(),
                              [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  if (is_plain) return std::string(name);
  std::string text;
  const bool whole =
      append_json(Value::make_string(name, false), JsonStyle::compact, literal_bytes_max, text);
  return whole ? text : "...";
}

std::string literal_of(const Value& value) {
  if (value.kind == Kind::string && value.view().find_first_of("'\\") == std::string_view::npos) {
    return fmt::format("'{}'", value.view());
  }
  std::string json;
  if (!append_json(value, JsonStyle::compact, literal_bytes_max, json)) return "`...`";
  std::string text = "`";
  for (char c : json) {
    if (c == '`') text.push_back('\\');
    text.push_back(c);
  }
  return text + "`";
}

std::string slice_of(const Node& node) {
  std::string text = "[";
  if (node.start) text += fmt::format("{}", *node.start);
  text += ":";
  if (node.stop) text += fmt::format("{}", *node.stop);
  if (node.step != 1) text += fmt::format(":{}", node.step);
  return text + "]";
}

// What stands behind the brackets of a projection.
std::string projected(const Node& node) {
  if (node.op == Op::current) return {};
  std::string text = unparse(node);
  return text.starts_with("[") && node.op != Op::multi_list ? text : "." + text;
}

std::string list_of(const Node& node, std::string_view separator) {
  std::string text;
  for (const Node* child : node.children) {
    if (!text.empty()) text.append(separator);
    text.append(is_operation(*child) && separator != ", " ? operand(*child) : unparse(*child));
  }
  return text;
}

std::string source_of(const Node& node) {
  return node.op == Op::current ? std::string() : operand(node);
}

std::string unparse_sequence(const Node& node) {
  std::string text;
  const Node* before = nullptr;
  for (const Node* child : node.children) {
    if (before == nullptr) {
      text = child->op == Op::current ? std::string() : operand(*child);
    } else if (is_piped(*before, *child)) {
      text += (text.empty() ? "@ | " : " | ") + unparse(*child);
    } else {
      text += (!is_bracket(child->op) && !text.empty() ? "." : "") + unparse(*child);
    }
    before = child;
  }
  return text.empty() ? "@" : text;
}

std::string_view symbol_of(Op op) {
  if (op == Op::any) return " || ";
  return op == Op::all ? " && " : symbol(op);
}

std::string unparse_multi_hash(const Node& node) {
  std::string text = "{";
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", name_of(node.keys[node.slots[i]].view()),
                        unparse(*node.children[i]));
  }
  return text + "}";
}

}  // namespace

std::string unparse(const Node& node) {
  switch (node.op) {
    case Op::current:
      return "@";
    case Op::field:
      return name_of(node.literal.view());
    case Op::literal:
      return literal_of(node.literal);
    case Op::sequence:
      return unparse_sequence(node);
    case Op::index:
      return fmt::format("[{}]", *node.start);
    case Op::slice:
      return slice_of(node);
    case Op::flatten:
      return source_of(*node.children[0]) + "[]";
    case Op::list_projection: {
      const Node& source = *node.children[0];
      return (is_bracketed(source) ? unparse(source) : source_of(source) + "[*]") +
             projected(*node.children[1]);
    }
    case Op::value_projection: {
      std::string source = source_of(*node.children[0]);
      return source + (source.empty() ? "*" : ".*") + projected(*node.children[1]);
    }
    case Op::filter_projection:
      return fmt::format("{}[?{}]{}", source_of(*node.children[0]), unparse(*node.children[2]),
                         projected(*node.children[1]));
    case Op::negation:
      return fmt::format("!{}", negated(*node.children[0]));
    case Op::multi_list:
      return fmt::format("[{}]", list_of(node, ", "));
    case Op::multi_hash:
      return unparse_multi_hash(node);
    case Op::call:
      // Without parameters it is no function but the place of a value, which has a name.
      if (node.function->parameters.empty()) return std::string(node.literal.view());
      return fmt::format("{}({})", node.function->name, list_of(node, ", "));
    case Op::reference:
      return "&" + unparse(*node.children[0]);
    default:
      return list_of(node, symbol_of(node.op));
  }
}

}  // namespace flashflood::query
