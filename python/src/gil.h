// The GIL, also while the interpreter ends.
//
// When CPython finalizes, it gives the GIL to the main thread alone. Until 3.13 it ends any other
// thread that asks for it by pthread_exit(), which unwinds the C++ frames of that thread; the first
// of them that must not throw calls std::terminate(), and the program aborts. So every place where
// the extension takes the GIL, or calls Python code in which CPython takes it, uses what is
// declared here: the thread sleeps there until the process ends, as CPython itself has it from 3.14
// on.
//
// Threads: any, as stated.
#pragma once

#include <cxxabi.h>

#include <type_traits>

#include "bindings.h"

namespace flashflood::python {

// Whether no thread but the main one will get the GIL again.
bool is_finalizing() noexcept;

// Sleeps until the process ends.
[[noreturn]] void park_thread() noexcept;

// Calls `call`, in which CPython may end the thread. It is to be a lambda around functions of
// Python's C interface, without objects that have destructors: these would run without the GIL.
template <typename Call>
std::invoke_result_t<Call&> parking(Call&& call) {
  try {
    return call();
  } catch (abi::__forced_unwind&) {
    park_thread();
  }
}

// Calls a Python object. Throws the Python error. With the GIL held.
template <typename... Arguments>
nb::object call_python(nb::handle function, const Arguments&... arguments) {
  PyObject* given[] = {function.ptr(), arguments.ptr()...};
  PyObject* const result = parking([&] {
    return PyObject_Vectorcall(given[0], given + 1,
                               sizeof...(arguments) | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  });
  if (result == nullptr) nb::raise_python_error();
  return nb::steal(result);
}

// Releases the GIL, which the thread holds, for as long as this lives.
class GilReleased {
 public:
  GilReleased() noexcept : state_(PyEval_SaveThread()) {}
  ~GilReleased() {
    parking([this] { PyEval_RestoreThread(state_); });
  }
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;

 private:
  PyThreadState* const state_;
};

// Holds the GIL for as long as this lives, on a thread that may be the library's or a consumer's.
// Where the interpreter has ended, or ends, it does not: ask whether it does.
class GilAcquired {
 public:
  GilAcquired() noexcept;
  ~GilAcquired();
  GilAcquired(const GilAcquired&) = delete;
  GilAcquired& operator=(const GilAcquired&) = delete;

  explicit operator bool() const noexcept { return is_held_; }
  // Throws Interrupted where it is not held.
  void check() const;

 private:
  bool is_held_ = false;
  PyGILState_STATE state_{};
};

// To be called when Python can be called no more.
void interpreter_has_ended() noexcept;

// Whether threads sleep, or are about to, between a GilAcquired and its end: whoever waits for them
// now waits forever. To be asked while the interpreter ends.
bool are_threads_parked() noexcept;

}  // namespace flashflood::python
