// How a command ends when it cannot do what it was asked to.
//
// Threads: exceptions are values.
#pragma once

#include <stdexcept>

namespace flashflood::cli {

// `other_data`: recorded, but some ids were there with other data (record --existing fail).
enum ExitCode : int { done = 0, failed = 1, wrong_usage = 2, other_data = 3 };

// The command line itself is wrong: exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Something that is not the library's: a file cannot be read, a line is bad, the output is full.
// Exit code 1.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whoever read our standard output has gone: nothing to say, and no failure.
struct ClosedPipe {};

}  // namespace flashflood::cli
