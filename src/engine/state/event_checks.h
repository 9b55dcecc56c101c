// Checks of events to be recorded, and ids for events without one.
//
// Threads: may be called from several threads at once.
#pragma once

#include <string>
#include <string_view>

#include "engine/state/context.h"
#include "flashflood/event.h"

namespace flashflood::engine {

// Throw InvalidArgument for values outside the bounds of flashflood/event.h.
void check_id(std::string_view id);
void check_data(std::string_view data);
void check_date(Timestamp date);

// An id that nobody has, greater than those that this handle made before (base/ordered_ids.h).
std::string make_id(const Context& context);

}  // namespace flashflood::engine
