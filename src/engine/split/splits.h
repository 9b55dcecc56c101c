// Making splits: pinning a snapshot, cutting it, writing the documents.
//
// Threads: pure functions, but for the store requests and the threads of the context.
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
