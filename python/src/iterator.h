// Iterators: types that are their own iterators, by the slots of a type, which cost less than
// methods. The garbage collector sees what they hold (cycles.h).
//
// Threads: with the GIL held.
#pragma once

#include "bindings.h"
#include "cycles.h"
#include "errors.h"

namespace flashflood::python {

inline PyObject* itself(PyObject* self) { return Py_NewRef(self); }

template <typename T, PyObject* (*next)(T&)>
PyObject* next_or_error(PyObject* self) {
  try {
    return next(*nb::inst_ptr<T>(self));
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

// For nb::type_slots of a class_<T>. `next` gives a new reference; nothing at the end, or with a
// Python error that is set. It may throw.
template <typename T, PyObject* (*next)(T&)>
PyType_Slot* iterator_slots() {
  static PyType_Slot slots[] = {
      {Py_tp_iter, reinterpret_cast<void*>(itself)},
      {Py_tp_iternext, reinterpret_cast<void*>(next_or_error<T, next>)},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse<T>)},
      {0, nullptr},
  };
  return slots;
}

}  // namespace flashflood::python
