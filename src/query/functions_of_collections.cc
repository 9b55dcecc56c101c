#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "query/evaluation.h"
#include "query/function_bodies.h"

namespace flashflood::query {
namespace {

constexpr Kinds orderable = set_of(Kind::number) | set_of(Kind::string);

// The value of `reference` for each element: all numbers or all strings.
std::vector<Value> sort_keys(const Call& call, const Value& array, const Value& reference) {
  std::vector<Value> keys;
  keys.reserve(array.size);
  for (std::size_t i = 0; i < array.size; ++i) {
    Value key = call.evaluation.evaluate(*reference.node, array.items[i]);
    Kinds wanted = keys.empty() ? orderable : set_of(keys.front().kind);
    if ((set_of(key.kind) & wanted) == 0) {
      call.evaluation.fail(
          QueryError::Kind::invalid_type, call.node,
          fmt::format("the expression of {}() must give {}, but gives {} for element {}",
                      call.node.function->name, describe(wanted), describe(set_of(key.kind)), i));
    }
    keys.push_back(key);
  }
  return keys;
}

// The index of the first smallest (or greatest) key.
std::size_t find_extreme(const Call& call, const Value* keys, std::size_t count, bool greatest) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i) {
    auto ordering = call.evaluation.order(keys[i], keys[best]);
    if (greatest ? ordering > 0 : ordering < 0) best = i;
  }
  return best;
}

Value extreme(const Call& call, bool greatest) {
  const Value& array = call.arguments[0];
  if (array.size == 0) return {};
  return array.items[find_extreme(call, array.items, array.size, greatest)];
}

Value extreme_by(const Call& call, bool greatest) {
  const Value& array = call.arguments[0];
  if (array.size == 0) return {};
  std::vector<Value> keys = sort_keys(call, array, call.arguments[1]);
  return array.items[find_extreme(call, keys.data(), keys.size(), greatest)];
}

// Elements in the order of their keys; equal keys stay in the order of the array.
Value sorted(const Call& call, const Value& array, const Value* keys) {
  std::size_t count = array.size;
  call.evaluation.charge(count * static_cast<std::size_t>(std::bit_width(count)));
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return call.evaluation.order(keys[left], keys[right]) < 0;
  });
  Value* items = call.evaluation.allocate_values(count);
  for (std::size_t i = 0; i < count; ++i) items[i] = array.items[order[i]];
  return Value::make_array(items, count);
}

// Every second value of the members: the keys or the values.
Value pick_members(const Call& call, std::size_t offset) {
  auto members = call.evaluation.members(call.arguments[0]);
  std::size_t count = members.size() / 2;
  Value* items = call.evaluation.allocate_values(count);
  for (std::size_t i = 0; i < count; ++i) items[i] = members[2 * i + offset];
  return Value::make_array(items, count);
}

}  // namespace

Value run_keys(const Call& call) { return pick_members(call, 0); }
Value run_values(const Call& call) { return pick_members(call, 1); }

Value run_map(const Call& call) {
  const Value& array = call.arguments[1];
  Value* items = call.evaluation.allocate_values(array.size);
  for (std::size_t i = 0; i < array.size; ++i) {
    items[i] = call.evaluation.evaluate(*call.arguments[0].node, array.items[i]);
  }
  return Value::make_array(items, array.size);
}

Value run_max(const Call& call) { return extreme(call, true); }
Value run_min(const Call& call) { return extreme(call, false); }
Value run_max_by(const Call& call) { return extreme_by(call, true); }
Value run_min_by(const Call& call) { return extreme_by(call, false); }

Value run_merge(const Call& call) {
  std::size_t count = 0;
  for (const Value& object : call.arguments) count += object.size;
  Value* items = call.evaluation.allocate_values(2 * count);
  Value* next = items;
  for (const Value& object : call.arguments) {
    next = std::copy(object.items, object.items + 2 * std::size_t{object.size}, next);
  }
  auto merged = call.evaluation.members(Value::make_object(items, count, false));
  return Value::make_object(merged.data(), merged.size() / 2, true);
}

Value run_not_null(const Call& call) {
  for (const Value& argument : call.arguments) {
    if (!argument.is_null()) return argument;
  }
  return {};
}

Value run_sort(const Call& call) {
  return sorted(call, call.arguments[0], call.arguments[0].items);
}

Value run_sort_by(const Call& call) {
  const Value& array = call.arguments[0];
  if (array.size == 0) return array;
  return sorted(call, array, sort_keys(call, array, call.arguments[1]).data());
}

Value run_to_array(const Call& call) {
  const Value& value = call.arguments[0];
  return value.kind == Kind::array ? value : call.evaluation.make_array({&value, 1});
}

Value run_type(const Call& call) {
  switch (call.arguments[0].kind) {
    case Kind::boolean:
      return Value::make_string("boolean", true);
    case Kind::number:
      return Value::make_string("number", true);
    case Kind::string:
      return Value::make_string("string", true);
    case Kind::array:
      return Value::make_string("array", true);
    case Kind::object:
      return Value::make_string("object", true);
    case Kind::null:
    case Kind::expression:
      break;
  }
  return Value::make_string("null", true);
}

}  // namespace flashflood::query
