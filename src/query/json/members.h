// Members of objects. A document may name a key twice; then the last value counts, at the place of
// the first, as in Python.
//
// Threads: pure functions. Lifetime: views into the object.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "query/json/value.h"

namespace flashflood::query {

// The value of the last member `name`, or null.
const Value* find_member(const Value& object, std::string_view name);

// Key, value, key, value, ...: each key once. `storage` backs the answer when keys had to be
// merged.
std::span<const Value> unique_members(const Value& object, std::vector<Value>& storage);

// Indices of the keys among `count` members in the order of the keys, equal keys in given order.
std::vector<std::uint32_t> sorted_members(const Value* items, std::size_t count);

}  // namespace flashflood::query
