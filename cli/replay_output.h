// The events of a replay, or of a split, as lines on standard output.
//
// Threads: one thread at a time.
#pragma once

#include <optional>

#include "event_line.h"
#include "flashflood/replay.h"
#include "meter.h"
#include "output.h"
#include "session.h"

namespace flashflood::cli {

// Prints until the replay ends, or the user interrupts. With `follow`, until `limit` or an
// interrupt. What was printed before an error is flushed.
void print_events(Replay& replay, bool follow, std::optional<std::uint64_t> limit,
                  EventWriter& writer, Output& output, Meter& meter);

// Says how many events were left out that a user may have wanted.
// When an expression has matched nothing, and is of a kind that never does what is meant by it.
void tell_why_nothing_matched(const Session& session, const std::string& where,
                              const ReplayProgress& progress);
void tell_left_out(const Session& session, const ReplayProgress& progress);

}  // namespace flashflood::cli
