// What the functions of JMESPath do. The arguments have the right number and kinds.
//
// Threads: pure functions.
#pragma once

#include "query/functions.h"

namespace flashflood::query {

// Numbers: functions_of_numbers.cc
Value run_abs(const Call& call);
Value run_avg(const Call& call);
Value run_ceil(const Call& call);
Value run_floor(const Call& call);
Value run_sum(const Call& call);
Value run_to_number(const Call& call);

// Strings: functions_of_strings.cc
Value run_contains(const Call& call);
Value run_ends_with(const Call& call);
Value run_join(const Call& call);
Value run_length(const Call& call);
Value run_reverse(const Call& call);
Value run_starts_with(const Call& call);
Value run_to_string(const Call& call);

// Arrays, objects and any values: functions_of_collections.cc
Value run_keys(const Call& call);
Value run_map(const Call& call);
Value run_max(const Call& call);
Value run_max_by(const Call& call);
Value run_merge(const Call& call);
Value run_min(const Call& call);
Value run_min_by(const Call& call);
Value run_not_null(const Call& call);
Value run_sort(const Call& call);
Value run_sort_by(const Call& call);
Value run_to_array(const Call& call);
Value run_type(const Call& call);
Value run_values(const Call& call);

}  // namespace flashflood::query
