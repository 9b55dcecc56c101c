// Ctrl-C and SIGTERM, for commands that have something to bring to an end.
//
// Threads: all functions may be called from any thread, once handle_interrupts() has returned.
#pragma once

#include <chrono>

namespace flashflood::cli {

// From now on the first SIGINT or SIGTERM only sets what interrupted() says; the second ends the
// process at once.
void handle_interrupts();

// The signal that came, or 0.
int interrupted() noexcept;

// What commands throw to get out of a long call when a signal came.
struct Interrupted {};
// Throws Interrupted when a signal came.
void throw_if_interrupted();

// A file descriptor that is readable once a signal or stop_reading() came; -1 before
// handle_interrupts().
int interrupt_fd() noexcept;

// Ends every Input's reading, now and from now on, as a signal does.
void stop_reading() noexcept;
// Whether a signal or stop_reading() came.
bool reading_stopped() noexcept;

// Returns early when a signal comes.
void sleep_unless_interrupted(std::chrono::milliseconds duration);

}  // namespace flashflood::cli
