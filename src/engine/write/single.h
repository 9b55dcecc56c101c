// Single operations: put, update, erase of one event, each one object whose name the store
// arbitrates.
//
// Threads: may be called from several threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/state/context.h"
#include "flashflood/event.h"

namespace flashflood::engine {

// See Flood.
std::string put_event(const Context& context, const NewEvent& event);
std::uint64_t update_event(const Context& context, std::string_view id, std::string_view data,
                           std::optional<std::uint64_t> expected_revision);
void erase_event(const Context& context, std::string_view id,
                 std::optional<std::uint64_t> expected_revision);

}  // namespace flashflood::engine
