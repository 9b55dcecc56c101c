#include "waiting.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace flashflood::python {

namespace {

// How long a signal may wait for its handler.
constexpr std::chrono::milliseconds tick{50};

// A thread that makes calls for the main thread. It is never destroyed: it sleeps until the process
// ends.
class Helper {
 public:
  Helper() {
    std::thread([this] { serve(); }).detach();
  }

  void begin(CallRef call, const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    call_ = call;
    stop_ = stop;
    done_ = false;
    begun_.notify_one();
  }

  // Whether the call has ended, after `duration` at the most.
  bool wait(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, duration, [this] { return done_; });
  }

  // After the end: what the call threw.
  std::exception_ptr take_error() { return std::exchange(error_, nullptr); }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      begun_.wait(lock, [this] { return call_.has_value(); });
      const CallRef call = *std::exchange(call_, std::nullopt);
      const std::stop_token stop = std::exchange(stop_, {});
      lock.unlock();
      std::exception_ptr error;
      try {
        const StopScope scope(stop);
        call();
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      error_ = std::move(error);
      done_ = true;
      ended_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  // Guarded by mutex_, as is all below.
  std::optional<CallRef> call_;
  std::stop_token stop_;
  std::exception_ptr error_;
  bool done_ = false;
};

// What belongs to this process and not to its parent. Guarded by the GIL, and by there being one
// thread alone after fork().
struct Process {
  unsigned generation = 0;
  unsigned long main_thread = 0;
  std::vector<Helper*> idle;  // several, since a signal handler may call the library too
};

Process& process() {
  static auto* const instance = new Process;
  return *instance;
}

void after_fork_in_child() {
  Process& here = process();
  ++here.generation;
  here.main_thread = PyThread_get_thread_ident();
  here.idle.clear();  // their threads stayed with the parent
}

class BorrowedHelper {
 public:
  BorrowedHelper() {
    auto& idle = process().idle;
    if (idle.empty()) {
      helper_ = new Helper;
    } else {
      helper_ = idle.back();
      idle.pop_back();
    }
  }
  ~BorrowedHelper() { process().idle.push_back(helper_); }
  BorrowedHelper(const BorrowedHelper&) = delete;
  BorrowedHelper& operator=(const BorrowedHelper&) = delete;
  Helper* operator->() const { return helper_; }

 private:
  Helper* helper_;
};

}  // namespace

void run_interruptibly(CallRef call, std::stop_source& stop) {
  if (PyThread_get_thread_ident() != process().main_thread) {
    const nb::gil_scoped_release released;
    const StopScope scope(stop.get_token());
    call();
    return;
  }
  const BorrowedHelper helper;
  helper->begin(call, stop.get_token());
  std::optional<nb::python_error> signalled;
  while (true) {
    const bool ended = without_gil([&] { return helper->wait(tick); });
    if (ended) break;
    if (!signalled && PyErr_CheckSignals() != 0) {
      signalled.emplace();
      stop.request_stop();
    }
  }
  const std::exception_ptr error = helper->take_error();
  if (signalled) throw nb::python_error(std::move(*signalled));
  if (error) std::rethrow_exception(error);
}

unsigned process_generation() noexcept { return process().generation; }

void throw_used_after_fork(const char* what) {
  throw InvalidArgument(std::string("this ") + what +
                        " was opened before the process was forked, and cannot be used in the "
                        "child; open the flood again here, or start processes with the method "
                        "\"spawn\" or \"forkserver\" of multiprocessing");
}

void watch_process() {
  process().main_thread = nb::cast<unsigned long>(
      nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  static const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);
  if (registered != 0) throw std::bad_alloc();
}

}  // namespace flashflood::python
