#include "query/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "query/comparison.h"
#include "query/functions.h"
#include "query/json/members.h"

namespace flashflood::query {
namespace {

// Bytes of strings compared or copied that count as one step.
constexpr std::size_t bytes_a_step = 16;

// What an array may hold: numbers, strings, or either.
std::string_view describe_elements(Kinds kinds) {
  if (kinds == set_of(Kind::number)) return "numbers";
  if (kinds == set_of(Kind::string)) return "strings";
  return "numbers or only strings";
}

// Where a slice begins or stops: counted from the end when negative, and brought into
// [lowest, highest].
std::int64_t slice_end(std::int64_t position, std::int64_t size, std::int64_t lowest,
                       std::int64_t highest) {
  if (position < 0) position = position < -size ? lowest : position + size;
  return std::clamp(position, lowest, highest);
}

}  // namespace

void Evaluation::fail(QueryError::Kind kind, const Node& node, const std::string& what) const {
  raise_query_error(kind, program_.text, node.column, what);
}

void Evaluation::fail_steps() const {
  throw QueryError(QueryError::Kind::limit,
                   fmt::format("the evaluation takes more than {} steps: {}",
                               program_.limits.steps_max, program_.text.substr(0, 200)));
}

void Evaluation::fail_bytes() const {
  throw QueryError(QueryError::Kind::limit,
                   fmt::format("the evaluation makes more than {} bytes: {}",
                               program_.limits.output_bytes_max, program_.text.substr(0, 200)));
}

Value Evaluation::make_string(std::string_view text, bool plain) {
  char* copy = allocate(text.size());
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  return Value::make_string({copy, text.size()}, plain);
}

Value Evaluation::make_array(std::span<const Value> items) {
  Value* copy = allocate_values(items.size());
  std::copy(items.begin(), items.end(), copy);
  return Value::make_array(copy, items.size());
}

std::span<const Value> Evaluation::members(const Value& object) {
  charge(object.size);
  std::vector<Value> storage;
  auto found = unique_members(object, storage);
  if (storage.empty()) return found;
  Value copy = make_array(found);
  return {copy.items, copy.size};
}

Value Evaluation::evaluate(const Node& node, const Value& value) {
  charge(1);
  switch (node.op) {
    case Op::current:
      return value;
    case Op::literal:
      return node.literal;
    case Op::field:
      return evaluate_field(node, value);
    case Op::sequence:
      return evaluate_sequence(node, value);
    case Op::index:
      return evaluate_index(node, value);
    case Op::slice:
      return evaluate_slice(node, value);
    case Op::flatten:
      return evaluate_flatten(node, value);
    case Op::list_projection:
    case Op::value_projection:
    case Op::filter_projection:
      return evaluate_projection(node, value);
    case Op::equal:
    case Op::not_equal: {
      Value left = evaluate(*node.children[0], value);
      Value right = evaluate(*node.children[1], value);
      return Value::make_boolean(equal(left, right) == (node.op == Op::equal));
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return evaluate_order(node, value);
    case Op::any:
    case Op::all: {
      Value result;
      for (const Node* child : node.children) {
        result = evaluate(*child, value);
        if (is_true(result) == (node.op == Op::any)) break;
      }
      return result;
    }
    case Op::negation:
      return Value::make_boolean(!is_true(evaluate(*node.children[0], value)));
    case Op::multi_list:
      return evaluate_multi_list(node, value);
    case Op::multi_hash:
      return evaluate_multi_hash(node, value);
    case Op::call:
      return evaluate_call(node, value);
    case Op::reference: {
      Value reference;
      reference.kind = Kind::expression;
      reference.node = node.children[0];
      return reference;
    }
  }
  return {};
}

Value Evaluation::evaluate_sequence(const Node& node, const Value& value) {
  Value result = is_found(node) ? walk_->value(node.slot) : value;
  for (std::size_t i = is_found(node) ? node.slot_children : 0; i < node.children.size(); ++i) {
    result = evaluate(*node.children[i], result);
  }
  return result;
}

Value Evaluation::evaluate_field(const Node& node, const Value& value) {
  if (is_found(node)) return walk_->value(node.slot);
  if (value.kind != Kind::object) return {};
  charge(value.size / 8);
  const Value* member = find_member(value, node.literal.view());
  return member == nullptr ? Value{} : *member;
}

Value Evaluation::evaluate_index(const Node& node, const Value& value) {
  if (value.kind != Kind::array) return {};
  std::int64_t position = *node.start;
  auto size = static_cast<std::int64_t>(value.size);
  if (position < 0) position += size;
  if (position < 0 || position >= size) return {};
  return value.items[position];
}

Value Evaluation::evaluate_slice(const Node& node, const Value& value) {
  if (value.kind != Kind::array) return {};
  auto size = static_cast<std::int64_t>(value.size);
  std::int64_t step = node.step;
  if (step > 0) {
    std::int64_t start = slice_end(node.start.value_or(0), size, 0, size);
    std::int64_t stop = slice_end(node.stop.value_or(size), size, 0, size);
    if (start >= stop) return Value::make_array(nullptr, 0);
    auto count = static_cast<std::size_t>((stop - start - 1) / step + 1);
    if (step == 1) return Value::make_array(value.items + start, count);
    charge(count);
    Value* items = allocate_values(count);
    for (std::size_t i = 0; i < count; ++i) {
      items[i] = value.items[start + static_cast<std::int64_t>(i) * step];
    }
    return Value::make_array(items, count);
  }
  std::int64_t start = node.start ? slice_end(*node.start, size, -1, size - 1) : size - 1;
  std::int64_t stop = node.stop ? slice_end(*node.stop, size, -1, size - 1) : -1;
  if (start <= stop) return Value::make_array(nullptr, 0);
  // A step so long that it leaves the array at once takes one element; its negation may overflow.
  std::int64_t stride = step < -size ? size : -step;
  auto count = static_cast<std::size_t>((start - stop - 1) / stride + 1);
  charge(count);
  Value* items = allocate_values(count);
  for (std::size_t i = 0; i < count; ++i) {
    items[i] = value.items[start - static_cast<std::int64_t>(i) * stride];
  }
  return Value::make_array(items, count);
}

Value Evaluation::evaluate_flatten(const Node& node, const Value& value) {
  Value list = evaluate(*node.children[0], value);
  if (list.kind != Kind::array) return {};
  std::size_t count = 0;
  for (std::size_t i = 0; i < list.size; ++i) {
    const Value& item = list.items[i];
    count += item.kind == Kind::array ? item.size : 1;
  }
  charge(list.size + count);
  Value* items = allocate_values(count);
  Value* next = items;
  for (std::size_t i = 0; i < list.size; ++i) {
    const Value& item = list.items[i];
    if (item.kind == Kind::array) {
      next = std::copy(item.items, item.items + item.size, next);
    } else {
      *next++ = item;
    }
  }
  return Value::make_array(items, count);
}

Value Evaluation::evaluate_projection(const Node& node, const Value& value) {
  Value source = evaluate(*node.children[0], value);
  bool of_object = node.op == Op::value_projection;
  if (source.kind != (of_object ? Kind::object : Kind::array)) return {};
  std::span<const Value> items{source.items, source.size};
  if (of_object) items = members(source);
  std::size_t stride = of_object ? 2 : 1;
  const Node* condition = node.op == Op::filter_projection ? node.children[2] : nullptr;
  Value* results = allocate_values(items.size() / stride);
  std::size_t count = 0;
  for (std::size_t i = of_object ? 1 : 0; i < items.size(); i += stride) {
    if (condition != nullptr && !is_true(evaluate(*condition, items[i]))) continue;
    Value result = evaluate(*node.children[1], items[i]);
    if (!result.is_null()) results[count++] = result;
  }
  return Value::make_array(results, count);
}

Value Evaluation::evaluate_multi_list(const Node& node, const Value& value) {
  if (value.is_null()) return {};
  Value* items = allocate_values(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    items[i] = evaluate(*node.children[i], value);
  }
  return Value::make_array(items, node.children.size());
}

Value Evaluation::evaluate_multi_hash(const Node& node, const Value& value) {
  if (value.is_null()) return {};
  Value* items = allocate_values(2 * node.keys.size());
  for (std::size_t i = 0; i < node.keys.size(); ++i) items[2 * i] = node.keys[i];
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    items[2 * node.slots[i] + 1] = evaluate(*node.children[i], value);
  }
  return Value::make_object(items, node.keys.size(), true);
}

Value Evaluation::evaluate_order(const Node& node, const Value& value) {
  Value left = evaluate(*node.children[0], value);
  Value right = evaluate(*node.children[1], value);
  if (left.kind == Kind::string && right.kind == Kind::string) {
    charge(std::min(left.size, right.size) / bytes_a_step);
  }
  auto truth = compare_scalars(node.op, left, right);
  return truth ? Value::make_boolean(*truth) : Value{};
}

Value Evaluation::evaluate_call(const Node& node, const Value& value) {
  constexpr std::size_t few = 4;
  Value local[few];
  std::size_t count = node.children.size();
  Value* arguments = count <= few ? local : allocate_values(count);
  const Function& function = *node.function;
  for (std::size_t i = 0; i < count; ++i) arguments[i] = evaluate(*node.children[i], value);
  for (std::size_t i = 0; i < count; ++i) {
    const Value& argument = arguments[i];
    const Parameter& parameter = function.parameters[std::min(i, function.parameters.size() - 1)];
    if ((parameter.kinds & set_of(argument.kind)) == 0) {
      fail(QueryError::Kind::invalid_type, node,
           fmt::format("argument {} of {}() must be {}, not {}", i + 1, function.name,
                       describe(parameter.kinds), describe(set_of(argument.kind))));
    }
    if (parameter.elements == 0 || argument.kind != Kind::array || argument.size == 0) continue;
    charge(argument.size);
    // The first element decides of which kind all have to be.
    Kinds first = set_of(argument.items[0].kind) & parameter.elements;
    for (std::size_t j = 0; j < argument.size; ++j) {
      Kinds kind = set_of(argument.items[j].kind);
      if (kind == first) continue;
      fail(QueryError::Kind::invalid_type, node,
           fmt::format("argument {} of {}() must hold only {}, but element {} is {}", i + 1,
                       function.name, describe_elements(first != 0 ? first : parameter.elements), j,
                       describe(kind)));
    }
  }
  return function.run({*this, node, {arguments, count}});
}

std::partial_ordering Evaluation::order(const Value& left, const Value& right) {
  if (left.kind == Kind::string) charge(std::min(left.size, right.size) / bytes_a_step);
  return order_scalars(left, right);
}

// Recursion is as deep as the values, which the limits of parsing and compiling bound.
bool Evaluation::equal(const Value& left, const Value& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Kind::array:
      if (left.size != right.size) return false;
      charge(left.size);
      for (std::size_t i = 0; i < left.size; ++i) {
        if (!equal(left.items[i], right.items[i])) return false;
      }
      return true;
    case Kind::object:
      return equal_objects(left, right);
    case Kind::string:
      if (left.size == right.size) charge(left.size / bytes_a_step);
      [[fallthrough]];
    default:
      return equal_scalars(left, right);
  }
}

bool Evaluation::equal_objects(const Value& left, const Value& right) {
  auto ours = members(left);
  auto theirs = members(right);
  if (ours.size() != theirs.size()) return false;
  std::size_t count = ours.size() / 2;
  auto our_order = sorted_members(ours.data(), count);
  auto their_order = sorted_members(theirs.data(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const Value* our_member = &ours[2 * our_order[i]];
    const Value* their_member = &theirs[2 * their_order[i]];
    if (our_member[0].view() != their_member[0].view()) return false;
    if (!equal(our_member[1], their_member[1])) return false;
  }
  return true;
}

}  // namespace flashflood::query
