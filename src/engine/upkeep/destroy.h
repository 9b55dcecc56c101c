// The end of a flood.
//
// Threads: a pure function, but for the store requests.
#pragma once

#include <cstdint>

#include "engine/state/context.h"

namespace flashflood::engine {

// See Flood::destroy. What is not the flood's own stays: other things, and floods below its place.
std::uint64_t destroy(const Context& context);

}  // namespace flashflood::engine
