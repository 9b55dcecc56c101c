// Events for the original's API: named tuples (id, naive date in UTC, bytes), made here for speed.
#include <utility>

#include "bindings.h"
#include "convert.h"
#include "errors.h"
#include "replay.h"

namespace flashflood::python {

namespace {

// What is left of a replay, as objects of a tuple class, in a range of dates.
struct TupleIterator {
  nb::object replay;
  nb::object type;
  std::optional<Timestamp> after;
  std::optional<Timestamp> upto;
};

PyObject* tuple_of(PyTypeObject* type, const EventView& event) {
  nb::object tuple = nb::steal(type->tp_alloc(type, 3));
  if (!tuple.is_valid()) return nullptr;
  PyObject* const fields[] = {
      PyUnicode_DecodeUTF8(event.id.data(), static_cast<Py_ssize_t>(event.id.size()), nullptr),
      naive_datetime_of(event.date),
      PyBytes_FromStringAndSize(event.data.data(), static_cast<Py_ssize_t>(event.data.size()))};
  bool whole = true;
  for (Py_ssize_t i = 0; i < 3; ++i) {
    PyTuple_SET_ITEM(tuple.ptr(), i, fields[i]);
    whole = whole && fields[i] != nullptr;
  }
  return whole ? tuple.release().ptr() : nullptr;
}

PyObject* next_tuple(PyObject* self) {
  try {
    auto* const iterator = nb::inst_ptr<TupleIterator>(self);
    auto* const replay = nb::inst_ptr<ReplayHandle>(iterator->replay.ptr());
    const EventView* event = replay->next();
    while (event != nullptr && iterator->after && event->date <= *iterator->after)
      event = replay->next();
    if (event == nullptr || (iterator->upto && event->date > *iterator->upto)) return nullptr;
    return tuple_of(reinterpret_cast<PyTypeObject*>(iterator->type.ptr()), *event);
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

PyObject* itself(PyObject* self) { return Py_NewRef(self); }

PyType_Slot slots[] = {
    {Py_tp_iter, reinterpret_cast<void*>(itself)},
    {Py_tp_iternext, reinterpret_cast<void*>(next_tuple)},
    {0, nullptr},
};

TupleIterator tuples(nb::object replay, nb::object type, nb::handle after, nb::handle upto) {
  if (!PyType_Check(type.ptr()) ||
      !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type.ptr()), &PyTuple_Type))
    nb::raise_type_error("type must be a class of tuples");
  if (!nb::isinstance<ReplayHandle>(replay)) nb::raise_type_error("replay must be a Replay");
  return {std::move(replay), std::move(type), optional_timestamp(after, "after"),
          optional_timestamp(upto, "upto")};
}

}  // namespace

void bind_tuples(nb::module_& module) {
  nb::class_<TupleIterator>(module, "_TupleIterator", nb::type_slots(slots));
  module.def("_tuples", &tuples, nb::arg("replay"), nb::arg("type"), nb::arg("after") = nb::none(),
             nb::arg("upto") = nb::none());
}

}  // namespace flashflood::python
