// The library's log records, for the logger "flashflood" of Python's logging.
//
// Threads of the library leave records in a queue, and never wait for the GIL, which who waits for
// them may hold. Calls of the extension hand on what is in the queue, with the GIL held, at their
// end, and the main thread does so now and then during a call.
#pragma once

#include "bindings.h"

namespace flashflood::python {

// For options of the library. It may be called on any thread, without the GIL.
LogCallback log_to_python();

// Hands on what is in the queue. With the GIL held; an error that is set stays set.
void hand_on_log() noexcept;

// Does so at the end of a call.
class LogAtEnd {
 public:
  LogAtEnd() = default;
  ~LogAtEnd() { hand_on_log(); }
  LogAtEnd(const LogAtEnd&) = delete;
  LogAtEnd& operator=(const LogAtEnd&) = delete;
};

// To be called once, on import.
void begin_log();

}  // namespace flashflood::python
