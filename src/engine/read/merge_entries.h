// Reading a merge entry by entry, with the blocks decoded ahead on the compute threads.
//
// Threads: one thread at a time.
#pragma once

#include <functional>

#include "engine/read/merge.h"

namespace flashflood::engine {

// Calls `entry` for every winner of the merge, tombstones and markers included, in order. The views
// live during the call.
void for_each_entry(const Context& context, Merge& merge,
                    const std::function<void(const format::EntryView&)>& entry);

}  // namespace flashflood::engine
