// Journaling: seals what is pending, then merges what is sealed where that pays.
//
// Threads: any number of callers, in any number of processes.
#pragma once

#include "engine/journal/seal_inputs.h"
#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// Seals everything that is pending now, and adds to the report what it did. False when other
// journalers were faster time and again: what was pending is sealed by them, or will be.
[[nodiscard]] bool seal_everything(const Context& context, const SealLimits& limits,
                                   JournalReport& report);

// A pause after the given number of conflicts in a row, so that journalers that collide go apart;
// counts the conflict.
void pause_after_conflict(const Context& context, int conflicts, JournalReport& report);

// See Flood::journal.
JournalReport journal(const Context& context, const JournalOptions& options);

}  // namespace flashflood::engine
