// Journaling: seals pending journals, then merges sealed ones where that pays.
//
// Words: a *survey* is the state that a round starts from, the head and how far the watermarks may
// move. *Sealing* writes sealed journals and an index run from pending journals. *Compaction*
// merges sealed journals, or index runs, into fewer ones. Each ends in a *commit*, which creates
// the next catalog; a commit that finds another one in its place *rebases* onto it, or ends in a
// *conflict* and begins again with a new survey. Only a commit changes the flood: the outputs of a
// conflict are left to the collector.
//
// Threads: any number of callers, in any number of processes.
#pragma once

#include "engine/journal/seal_inputs.h"
#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// Seals everything that is pending now, and adds the work done to the report. False when other
// journalers were faster each time: they have sealed these journals, or will.
[[nodiscard]] bool seal_everything(const Context& context, const SealLimits& limits,
                                   JournalReport& report);

// Counts a conflict, and pauses after the given number of conflicts in a row, so that journalers do
// not collide again.
void pause_after_conflict(const Context& context, int conflicts, JournalReport& report);

// See Flood::journal.
JournalReport journal(const Context& context, const JournalOptions& options);

}  // namespace flashflood::engine
