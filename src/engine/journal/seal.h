// Sealing: pending journals become sealed ones.
//
// Threads: pure functions, but for the store requests and the threads of the context.
#pragma once

#include "engine/journal/commit.h"
#include "engine/journal/seal_inputs.h"
#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

enum class SealOutcome {
  sealed_all,   // everything that the survey showed
  sealed_some,  // as much as the limits allow
  conflict,     // another journaler was faster, or an input was collected: survey again
};

// Seals pending journals of what was surveyed with one commit, and adds to the report what it did.
SealOutcome seal_pending(const Context& context, const Survey& surveyed, const SealLimits& limits,
                         JournalReport& report);

}  // namespace flashflood::engine
