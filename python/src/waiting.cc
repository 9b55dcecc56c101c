#include "waiting.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <stdexcept>
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

// How long the end of the process waits for calls that it has stopped.
constexpr std::chrono::seconds exit_time_max{2};

// What the end of the process stops, and how many calls it waits for. Threads: any.
struct UnderWay {
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex, as is all below.
  std::list<std::stop_source> stops;
  int calls = 0;
  bool is_over = false;
};

// Replaced in a child after fork(), where the old one may be locked for ever.
std::atomic<UnderWay*> under_way{new UnderWay};

thread_local std::optional<std::stop_source> thread_stop;

void after_fork_in_child() {
  Process& here = process();
  ++here.generation;
  here.main_thread = PyThread_get_thread_ident();
  here.idle.clear();  // their threads stayed with the parent
  under_way = new UnderWay;
  thread_stop.reset();
}

// The interpreter has ended: the threads that are still in calls are sleeping, or will be when
// their calls end. Their work is stopped before what it uses is taken down.
void stop_all() {
  interpreter_has_ended();
  UnderWay& here = *under_way;
  std::unique_lock lock(here.mutex);
  here.is_over = true;
  for (std::stop_source& stop : here.stops) stop.request_stop();
  here.changed.wait_for(lock, exit_time_max, [&] { return here.calls == 0; });
}

// Counts a call.
class CallUnderWay {
 public:
  explicit CallUnderWay(const std::stop_source& stop) : stopped_(stop) { count(1); }
  ~CallUnderWay() { count(-1); }
  CallUnderWay(const CallUnderWay&) = delete;
  CallUnderWay& operator=(const CallUnderWay&) = delete;

 private:
  void count(int change) {
    const std::lock_guard lock(here_.mutex);
    here_.calls += change;
    here_.changed.notify_all();
  }

  UnderWay& here_ = *under_way;  // no call lives on in a child
  const StoppedAtExit stopped_;
};

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

struct StoppedAtExit::Place {
  UnderWay* where;
  std::list<std::stop_source>::iterator stop;
};

StoppedAtExit::StoppedAtExit(const std::stop_source& stop) : place_(new Place{under_way, {}}) {
  UnderWay& here = *place_->where;
  const std::lock_guard lock(here.mutex);
  place_->stop = here.stops.insert(here.stops.end(), stop);
  if (here.is_over) place_->stop->request_stop();
}

StoppedAtExit::~StoppedAtExit() {
  UnderWay& here = *place_->where;
  if (&here != under_way) return;  // of the parent
  const std::lock_guard lock(here.mutex);
  here.stops.erase(place_->stop);
}

std::stop_source stop_of_thread() { return thread_stop ? *thread_stop : std::stop_source(); }

bool is_main_thread() noexcept { return PyThread_get_thread_ident() == process().main_thread; }

void run_interruptibly(CallRef call, std::stop_source& stop) {
  // There are no more signals when the interpreter ends, and no GIL for the helper.
  if (!is_main_thread() || is_finalizing()) {
    const GilReleased released;
    const CallUnderWay counted(stop);
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

void bind_waiting(nb::module_& module) {
  nb::class_<std::stop_source>(module, "_Stop")
      .def(nb::init<>())
      .def("request", [](std::stop_source& self) { self.request_stop(); });
  module.def(
      "_stop_calls_with",
      [](const std::stop_source* stop) {
        thread_stop = stop ? std::optional(*stop) : std::nullopt;
      },
      nb::arg("stop").none());
}

void watch_process() {
  process().main_thread = nb::cast<unsigned long>(
      nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  static const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);
  if (registered != 0) throw std::bad_alloc();
  static const int stopping = Py_AtExit(stop_all);
  if (stopping != 0) throw std::runtime_error("Python has no room for another exit function");
}

}  // namespace flashflood::python
