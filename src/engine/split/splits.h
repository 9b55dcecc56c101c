// Making splits: pinning a snapshot, cutting it, writing the documents.
//
// Threads: every function may be called from several threads at once; no state but the context's,
// on whose threads they also work.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/state/context.h"
#include "flashflood/replay.h"

namespace flashflood::engine {

// See Flood::splits and Flood::refresh_splits.
std::vector<std::string> make_splits(const Context& context, const SplitOptions& options);
std::vector<std::string> refresh_splits(const Context& context, std::span<const std::string> splits,
                                        std::optional<std::chrono::seconds> valid_for);

}  // namespace flashflood::engine
