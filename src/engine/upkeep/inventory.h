// What there is in a flood: journals and figures.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <optional>
#include <vector>

#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// See Flood::journals and Flood::stats.
std::vector<JournalInfo> list_journals(const Context& context, std::optional<Timestamp> from,
                                       std::optional<Timestamp> to, bool read_pending);
FloodStats stats(const Context& context);

}  // namespace flashflood::engine
