// The scheduler of the simulation: actors are threads of which one runs at a time, and the clock is
// a number that only the scheduler moves. Everything follows from the seed.
//
// Threads: run() belongs to the thread that made the scheduler; spawn(), at() and the properties
// may be used by it and by actors, which never run beside each other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/environment.h"

namespace flashflood::simulation {

using std::chrono::nanoseconds;

// What unwinds an actor whose process died. No error of the library, so nothing handles it.
struct Crash {};

// Draws that are the same everywhere (the distributions of the standard library need not be).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool chance(double probability) { return unit() < probability; }
  double unit() { return static_cast<double>(engine_() >> 11) / 9007199254740992.0; }
  // Log-uniform: short durations are as likely as long ones.
  nanoseconds duration(nanoseconds least, nanoseconds most);

 private:
  std::mt19937_64 engine_;
};

// Hands control from thread to thread. (The semaphores of the standard library spin before they
// sleep, which is dear where many threads wait for long.)
class Baton {
 public:
  void release() {
    std::lock_guard lock(mutex_);
    free_ = true;
    changed_.notify_one();
  }
  void acquire() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return free_; });
    free_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool free_ = false;
};

struct Actor {
  std::string name;
  std::uint64_t operation = 0;  // what it is doing, for the oracle
  bool crashed = false;         // its process is dead: requests do nothing any more
  Baton go;
  std::thread thread;
};

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : dice_(seed) {}
  ~Scheduler();

  // The actor that is running; nothing outside of run(), in actions and between the steps.
  static Actor* current();

  void spawn(std::string name, std::function<void(Actor&)> body);
  // Calls `action`, as nobody, when the time has come.
  void at(nanoseconds time, std::function<void()> action);
  // Lets the others run for as long; an actor's way to wait. Returns at once when it has crashed.
  void wait(nanoseconds duration);
  // Runs until nothing is left to do. Calls `between` after each step, on any thread, as nobody.
  void run(std::function<void()> between);
  // Ends all actors as soon as possible.
  void stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

  nanoseconds now() const { return now_; }
  void advance(nanoseconds duration) { now_ += duration; }
  std::uint64_t step() const { return step_; }
  Dice& dice() { return dice_; }

  // The trace: a hash of everything noted, and the text if somebody wants it.
  void note(const std::string& what);
  std::uint64_t trace_hash() const { return trace_hash_; }
  void print_trace(bool on) { print_ = on; }

 private:
  struct Event {
    nanoseconds time;
    std::uint64_t tie;
    Actor* actor;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : tie > other.tie;
    }
  };

  // Does what comes next: an action at once, an actor by waking it; then sleeps until `self` is
  // woken, if there is one.
  void pass_on(Actor* self);

  Dice dice_;
  std::function<void()> between_;
  nanoseconds now_{};
  std::uint64_t step_ = 0;
  std::uint64_t ties_ = 0;
  bool stopping_ = false;
  bool print_ = false;
  std::uint64_t trace_hash_ = 14695981039346656037U;
  std::priority_queue<Event> events_;
  std::vector<std::unique_ptr<Actor>> actors_;
  Baton end_;
};

// The machine of one process: simulated time with a wall clock that is wrong by `wall_error`,
// randomness from a seed, and no threads of its own.
Environment make_environment(Scheduler& scheduler, std::uint64_t seed, nanoseconds wall_error);

// The date at which the simulation begins: 2026-01-01T00:00:00Z.
inline constexpr std::chrono::seconds simulation_start{1'767'225'600};

}  // namespace flashflood::simulation
