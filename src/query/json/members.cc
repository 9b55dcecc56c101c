#include "query/json/members.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace flashflood::query {
namespace {

// Below this many members comparing all pairs beats sorting.
constexpr std::size_t pairs_max = 16;

bool same_key(const Value& left, const Value& right) {
  return left.size == right.size && std::memcmp(left.text, right.text, left.size) == 0;
}

bool keys_differ(const Value* items, std::size_t count) {
  if (count <= pairs_max) {
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (same_key(items[2 * i], items[2 * j])) return false;
      }
    }
    return true;
  }
  auto order = sorted_members(items, count);
  return std::adjacent_find(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
           return same_key(items[2 * a], items[2 * b]);
         }) == order.end();
}

}  // namespace

const Value* find_member(const Value& object, std::string_view name) {
  const Value* const items = object.items;
  for (std::size_t i = object.size; i-- > 0;) {
    const Value& key = items[2 * i];
    if (key.size == name.size() && std::memcmp(key.text, name.data(), name.size()) == 0) {
      return &items[2 * i + 1];
    }
  }
  return nullptr;
}

std::vector<std::uint32_t> sorted_members(const Value* items, std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [items](std::uint32_t a, std::uint32_t b) {
    int compared = items[2 * a].view().compare(items[2 * b].view());
    return compared != 0 ? compared < 0 : a < b;
  });
  return order;
}

std::span<const Value> unique_members(const Value& object, std::vector<Value>& storage) {
  std::size_t count = object.size;
  const Value* items = object.items;
  if (object.flag || keys_differ(items, count)) return {items, 2 * count};

  // Of each run of equal keys: the place of the first, the value of the last.
  auto order = sorted_members(items, count);
  std::vector<std::uint32_t> value_of(count, 0);
  std::vector<bool> is_first(count, false);
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && same_key(items[2 * order[begin]], items[2 * order[end]])) ++end;
    is_first[order[begin]] = true;
    value_of[order[begin]] = order[end - 1];
    begin = end;
  }
  storage.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_first[i]) continue;
    storage.push_back(items[2 * i]);
    storage.push_back(items[2 * value_of[i] + 1]);
  }
  return storage;
}

}  // namespace flashflood::query
