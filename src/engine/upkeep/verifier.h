// Verify: reads everything and checks every checksum, order, index entry and reference.
//
// Threads: any number of callers; changes nothing.
#pragma once

#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// See Flood::verify.
VerifyReport verify(const Context& context, const VerifyOptions& options);

}  // namespace flashflood::engine
