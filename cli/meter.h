// A line on standard error that tells how far a command is.
//
// Threads: one thread at a time. Lifetime: clears its line when destroyed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace flashflood::cli {

class Meter {
 public:
  // Draws nothing unless `shown`. `verb`: "recording".
  Meter(bool shown, std::string verb) : shown_(shown), verb_(std::move(verb)) {}
  ~Meter() { clear(); }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  // Draws at most ten times a second. `fraction` of the work that is done: 0 to 1, or negative when
  // not known.
  void update(std::uint64_t events, std::uint64_t bytes, double fraction = -1);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  std::string verb_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

}  // namespace flashflood::cli
