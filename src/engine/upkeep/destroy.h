// Removing a whole flood.
//
// Threads: may be called from several threads at once; no state but the context's.
#pragma once

#include <cstdint>

#include "engine/state/context.h"

namespace flashflood::engine {

// See Flood::destroy. Objects that are not the flood's own stay, also floods below its place.
std::uint64_t destroy(const Context& context);

}  // namespace flashflood::engine
