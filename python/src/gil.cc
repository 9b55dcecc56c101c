#include "gil.h"

#include <unistd.h>

#include <atomic>

#include "waiting.h"

namespace flashflood::python {

namespace {

// Threads between a GilAcquired and its end.
std::atomic<int> threads_in_python{0};
std::atomic<bool> has_ended{false};

}  // namespace

bool is_finalizing() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

void park_thread() noexcept {
  while (true) pause();
}

GilAcquired::GilAcquired() noexcept {
  // Counted before it is asked: whoever sees the interpreter end after that sees this thread too.
  ++threads_in_python;
  is_held_ = !has_ended && (!is_finalizing() || is_main_thread());
  if (is_held_) {
    state_ = parking([] { return PyGILState_Ensure(); });
  } else {
    --threads_in_python;
  }
}

GilAcquired::~GilAcquired() {
  if (!is_held_) return;
  PyGILState_Release(state_);
  --threads_in_python;
}

void GilAcquired::check() const {
  if (!is_held_) throw Interrupted("the Python interpreter ends");
}

void interpreter_has_ended() noexcept { has_ended = true; }

bool are_threads_parked() noexcept { return threads_in_python != 0; }

}  // namespace flashflood::python
