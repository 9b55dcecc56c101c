// Comparing values that are no arrays or objects.
//
// Threads: pure functions.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "query/json/value.h"
#include "query/program.h"

namespace flashflood::query {

// Values of different kinds differ, and so do arrays, objects and expressions.
bool equal_scalars(const Value& left, const Value& right);

// Both are numbers or both are strings.
std::partial_ordering order_scalars(const Value& left, const Value& right);

// Whether what compares so satisfies `op`, one from equal to greater_equal.
bool satisfies(Op op, std::partial_ordering ordering);

// As it is written, for `op` from equal to greater_equal.
std::string_view symbol(Op op);

// The operator, from equal to greater_equal, that says the same when its sides change places.
Op mirrored(Op op);

// `op` is one from equal to greater_equal. Nothing where it orders what has no order.
std::optional<bool> compare_scalars(Op op, const Value& left, const Value& right);

}  // namespace flashflood::query
