// Calls of the library from Python: without the GIL, ended by Ctrl-C, and not across fork().
//
// Python runs signal handlers on its main thread alone, between bytecodes. So the main thread does
// not block in the library: a helper thread makes the call, while the main thread looks for signals
// now and then, and stops the call when a handler raises (StopScope). Other threads call directly.
//
// When the process ends while other threads are in calls, as daemon threads of Python may be, the
// calls are stopped, so that nothing works on while the program is taken down (gil.h has the rest).
//
// fork() copies no threads: what was opened before it is of no use in the child, not even to be
// destroyed. Held<T> refuses to be used there, and lets go of it without touching it.
//
// Threads: with the GIL held.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "gil.h"
#include "log.h"

namespace flashflood::python {

// Runs what neither waits for long nor asks the store.
template <typename Call>
auto without_gil(Call&& call) {
  const LogAtEnd log;  // with the GIL again
  const GilReleased released;
  return call();
}

// A reference to something that can be called, which outlives this.
class CallRef {
 public:
  template <typename Call>
  requires(!std::is_same_v<std::remove_cv_t<Call>, CallRef>) explicit CallRef(Call& call)
      : object_(&call), invoke_([](void* object) { (*static_cast<Call*>(object))(); }) {}
  void operator()() const { invoke_(object_); }

 private:
  void* object_;
  void (*invoke_)(void*);
};

// What stops the calls of this thread, unless they have a source of their own: set by
// flashflood.aio, otherwise a new one.
std::stop_source stop_of_thread();

// While it lives, the end of the process requests the stop.
class StoppedAtExit {
 public:
  explicit StoppedAtExit(const std::stop_source& stop);
  ~StoppedAtExit();
  StoppedAtExit(const StoppedAtExit&) = delete;
  StoppedAtExit& operator=(const StoppedAtExit&) = delete;

 private:
  struct Place;
  const std::unique_ptr<Place> place_;
};

// Runs `call` in the scope of `stop`. Rethrows what it throws; or, on the main thread, the Python
// error of a signal handler that ran meanwhile: then `stop` was requested, and the call has ended.
void run_interruptibly(CallRef call, std::stop_source& stop);

template <typename Call>
auto interruptibly(Call&& call, std::stop_source stop = stop_of_thread()) {
  using Result = std::invoke_result_t<Call&>;
  const LogAtEnd log;
  if constexpr (std::is_void_v<Result>) {
    run_interruptibly(CallRef(call), stop);
  } else {
    std::optional<Result> result;
    auto keep = [&] { result.emplace(call()); };
    run_interruptibly(CallRef(keep), stop);
    return std::move(*result);
  }
}

// How often fork() has made this process, counted from its ancestor that loaded the module.
unsigned process_generation() noexcept;
[[noreturn]] void throw_used_after_fork(const char* what);

bool is_main_thread() noexcept;

// To be called once, on import.
void watch_process();

// Whether to destroy something that has threads would wait for threads that sleep since the
// interpreter ended.
inline bool would_wait_forever() noexcept { return is_finalizing() && are_threads_parked(); }

// Destroys what has no other user, without the GIL; or leaves it to the end of the process, when
// destroying it would wait forever.
template <typename T>
void let_go(std::shared_ptr<T> object) {
  if (object.use_count() != 1) return;
  if (would_wait_forever()) {
    static_cast<void>(new std::shared_ptr<T>(std::move(object)));
  } else {
    without_gil([&] { object.reset(); });
  }
}

template <typename T>
class Held {
 public:
  Held(const char* what, T object) : what_(what), object_(std::make_unique<T>(std::move(object))) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { reset(); }

  // Throws InvalidArgument after fork(). Nothing after reset().
  T* get() const {
    check();
    return object_.get();
  }
  void check() const {
    if (generation_ != process_generation()) throw_used_after_fork(what_);
  }
  // Destroys it, without the GIL; or lets go of it, when that would wait forever.
  void reset() {
    if (generation_ != process_generation() || would_wait_forever()) {
      static_cast<void>(object_.release());
    } else if (object_) {
      without_gil([this] { object_.reset(); });
    }
  }
  // Whether it is of this process, and not of the one that was forked.
  bool is_ours() const { return generation_ == process_generation(); }
  // The same where the GIL is not held.
  void reset_without_gil() { object_.reset(); }

 private:
  const char* const what_;
  const unsigned generation_ = process_generation();
  std::unique_ptr<T> object_;
};

}  // namespace flashflood::python
