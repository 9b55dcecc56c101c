// The collector: removes what commits have retired, once its watermark allows it.
//
// Threads: any number of callers, in any number of processes.
#pragma once

#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// See Flood::collect_garbage.
CollectReport collect_garbage(const Context& context, const CollectOptions& options);

}  // namespace flashflood::engine
