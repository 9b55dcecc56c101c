// A flood with a catalog of very many sealed journals, for measuring how a replay is planned.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <filesystem>

#include "flashflood/event.h"

namespace flashflood::bench {

// Makes a flood in `folder` whose catalog names `count` sealed journals, one for each hour, in
// pages. Only the journal of the returned hour exists and can be read: (hour, hour + 1 h] has ten
// events.
Timestamp make_many_journals(const std::filesystem::path& folder, std::size_t count);

}  // namespace flashflood::bench
