// The command line: from arguments to a command that can be run.
//
// Threads: one thread at a time.
#pragma once

#include <functional>

#include "session.h"

namespace flashflood::cli {

struct Invocation {
  GlobalOptions global;
  std::function<int(Session&)> run;
};

// Prints help or the version when asked for; `run` only returns 0 then. Throws UsageError.
Invocation parse_command_line(int argc, const char* const* argv);

}  // namespace flashflood::cli
