// Journaling: seals what is pending, then merges what is sealed where that pays.
//
// Threads: any number of callers, in any number of processes.
#pragma once

#include "engine/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// See Flood::journal.
JournalReport journal(const Context& context, const JournalOptions& options);

}  // namespace flashflood::engine
