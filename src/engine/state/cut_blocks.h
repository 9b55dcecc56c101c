// Cutting entries into blocks.
//
// Threads: a pure function.
#pragma once

#include <functional>
#include <span>

#include "engine/state/context.h"
#include "format/entry.h"

namespace flashflood::engine {

// Calls `block` for consecutive pieces of `entries` of about the context's block_bytes of ids and
// data; an entry larger than that has a block of its own.
void for_each_block(const Context& context, std::span<const format::EntryView> entries,
                    const std::function<void(std::span<const format::EntryView>)>& block);

}  // namespace flashflood::engine
