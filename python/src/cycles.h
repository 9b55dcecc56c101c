// For the garbage collector: what objects of the extension's classes hold.
//
// A flood calls the function that gives its credentials, and whatever that function belongs to may
// hold the flood. Python frees such a cycle when every class on it tells what its objects hold, and
// one of them can let go of it: that is the holder of the function (s3.cc).
//
// Threads: with the GIL held.
#pragma once

#include <array>

#include "bindings.h"

namespace flashflood::python {

// For Py_tp_traverse of a class_<T>. T::held() gives handles of what an object holds.
template <typename T>
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  for (const nb::handle held : nb::inst_ptr<T>(self)->held()) Py_VISIT(held.ptr());
  return 0;
}

// For nb::type_slots of a class_<T>.
template <typename T>
PyType_Slot* traversed_slots() {
  static PyType_Slot slots[] = {
      {Py_tp_traverse, reinterpret_cast<void*>(traverse<T>)},
      {0, nullptr},
  };
  return slots;
}

}  // namespace flashflood::python
