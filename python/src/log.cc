#include "log.h"

#include <pthread.h>

#include <atomic>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "gil.h"

namespace flashflood::python {

namespace {

// What nobody hands on is bounded: newer records are dropped, and counted.
constexpr std::size_t records_max = 1000;

struct Queue {
  std::atomic<bool> holds_some{false};
  std::mutex mutex;  // guards what follows; nothing is called while it is held
  std::vector<LogRecord> records;
  std::size_t dropped = 0;
};

// Never destroyed: threads may leave records until the process ends.
Queue*& queue() {
  static Queue* instance = new Queue;
  return instance;
}

// Its mutex may have been held by a thread that stayed with the parent.
void after_fork_in_child() { queue() = new Queue; }

void leave(const LogRecord& record) {
  Queue& waiting = *queue();
  const std::lock_guard lock(waiting.mutex);
  if (waiting.records.size() < records_max) {
    waiting.records.push_back(record);
  } else {
    ++waiting.dropped;
  }
  waiting.holds_some = true;
}

const char* name_of(LogRecord::Level level) {
  switch (level) {
    case LogRecord::Level::debug:
      return "debug";
    case LogRecord::Level::info:
      return "info";
    case LogRecord::Level::warning:
      return "warning";
  }
  return "warning";
}

void tell(const char* level, std::string_view message) {
  const nb::object text = nb::steal(PyUnicode_DecodeUTF8(
      message.data(), static_cast<Py_ssize_t>(message.size()), "backslashreplace"));
  if (!text.is_valid()) nb::raise_python_error();
  PyObject* const module = parking([] { return PyImport_ImportModule("flashflood._logging"); });
  if (module == nullptr) nb::raise_python_error();
  call_python(nb::steal(module).attr("tell"), nb::str(level), text);
}

}  // namespace

LogCallback log_to_python() { return leave; }

void hand_on_log() noexcept {
  Queue& waiting = *queue();
  if (!waiting.holds_some || !Py_IsInitialized() || is_finalizing()) return;
  std::vector<LogRecord> records;
  std::size_t dropped = 0;
  {
    const std::lock_guard lock(waiting.mutex);
    records.swap(waiting.records);
    dropped = std::exchange(waiting.dropped, 0);
    waiting.holds_some = false;
  }
  const nb::error_scope kept;
  try {
    for (const LogRecord& record : records) tell(name_of(record.level), record.message);
    if (dropped > 0) tell("warning", std::to_string(dropped) + " further records were dropped");
  } catch (nb::python_error& error) {
    // Ctrl-C is of the program, not of what logs: Python raises it again, where it can be caught.
    if (error.matches(PyExc_KeyboardInterrupt)) {
      PyErr_SetInterrupt();
    } else {
      error.discard_as_unraisable("flashflood's logger");
    }
  } catch (const std::bad_alloc&) {  // there is no memory to say so
  }
}

void begin_log() {
  queue();  // before any fork
  static const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);
  if (registered != 0) throw std::bad_alloc();
}

}  // namespace flashflood::python
