// The end of a flood.
//
// Threads: may be called from several threads at once; no state but the context's.
#pragma once

#include <cstdint>

#include "engine/state/context.h"

namespace flashflood::engine {

// See Flood::destroy. What is not the flood's own stays: other things, and floods below its place.
std::uint64_t destroy(const Context& context);

}  // namespace flashflood::engine
