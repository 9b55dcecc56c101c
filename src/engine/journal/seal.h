// Sealing: pending journals become sealed ones.
//
// Threads: every function may be called from several threads at once; no state but the context's,
// on whose threads they also work.
#pragma once

#include "engine/journal/commit.h"
#include "engine/journal/seal_inputs.h"
#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

enum class SealOutcome {
  sealed_all,   // everything that the survey showed
  sealed_some,  // as much of it as the limits allow
  conflict,     // another journaler was faster, or an input was collected: survey again
};

// Seals pending journals of the survey with one commit, and adds the work done to the report.
SealOutcome seal_pending(const Context& context, const Survey& surveyed, const SealLimits& limits,
                         JournalReport& report);

}  // namespace flashflood::engine
