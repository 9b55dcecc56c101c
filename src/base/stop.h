// Whether the work that this thread does is still wanted: the inside of StopScope.
//
// Everything that waits asks: clocks that sleep, requests, recorders. Thread pools hand the scope
// of who submits a task on to the thread that runs it.
//
// Threads: each function speaks of the calling thread.
#pragma once

#include <stop_token>

#include "flashflood/reports.h"  // IWYU pragma: export

namespace flashflood {

// The token of the innermost StopScope; without one, a token that never stops.
std::stop_token current_stop() noexcept;

// Throws Interrupted when a stop was requested.
void throw_if_stopped();

}  // namespace flashflood
