// The columns of a replay as Arrow describes them.
//
// Threads: pure functions. Lifetime: a schema owns its children until they are moved out of it.
#pragma once

#include <cstddef>

#include "flashflood/arrow.h"

namespace flashflood::arrow_export {

inline constexpr std::size_t column_count = 4;

// Throws InvalidArgument that says what is allowed.
void check(const ArrowOptions& options);

ArrowSchema make_schema(ArrowOptions::Data data);

}  // namespace flashflood::arrow_export
