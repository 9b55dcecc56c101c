// Everything that the library takes from the machine apart from the store: clocks, randomness,
// threads.
//
// Everything above this layer takes these from an Environment, never from the system, so that a
// whole flood with many writers can be simulated from one seed.
//
// Threads: every class here may be used from several threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <span>

#include "base/log.h"
#include "flashflood/event.h"

namespace flashflood {

class Clock {
 public:
  virtual ~Clock() = default;
  // The date on this machine's wall. May be wrong, may jump: only for default dates.
  virtual Timestamp wall_now() = 0;
  // Time since an arbitrary start; never falls, counts while the machine is suspended.
  virtual std::chrono::nanoseconds steady_now() = 0;
  // Throws Interrupted when the caller's work is stopped meanwhile (base/stop.h).
  virtual void sleep_for(std::chrono::nanoseconds duration) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with unpredictable bytes.
  virtual void fill(std::span<std::byte> out) = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `task` once, now or later, here or on another thread. The future becomes ready when it has
  // run, and rethrows what it threw. A task never waits for another task of the same executor.
  // When this itself throws, the task does not run.
  virtual std::future<void> submit(std::function<void()> task) = 0;
  // How many tasks run at once, at least 1.
  virtual std::size_t width() const = 0;
};

struct Environment {
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Random> random;
  std::shared_ptr<Executor> compute;  // decoding, encoding, filtering; about one thread a core
  std::shared_ptr<Executor> io;       // store requests in parallel
  Log log{};                          // messages apart from results and errors
};

// The machine's own: CLOCK_REALTIME and CLOCK_BOOTTIME, getrandom, thread pools that start their
// threads when first used and stop when the last owner lets go of them.
Environment system_environment();

std::shared_ptr<Clock> make_system_clock();
std::shared_ptr<Random> make_system_random();
// `threads` >= 1. The destructor waits for the tasks that have begun and drops none that was
// submitted.
std::shared_ptr<Executor> make_thread_pool(std::size_t threads);
// Runs each task inside submit(). For simulations and for callers that want no threads.
std::shared_ptr<Executor> make_inline_executor();

// Calls fn(0) ... fn(count - 1) on `executor` and the calling thread, at most `concurrency` at
// once, and returns when all have ended. May be called inside a task of the executor. Rethrows the
// first error (by index) after all that had begun have ended; indices not begun by then are left
// out.
void parallel_for(Executor& executor, std::size_t count, std::size_t concurrency,
                  const std::function<void(std::size_t)>& fn);

}  // namespace flashflood
