// Events for the original's API: named tuples (id, naive date in UTC, bytes), made here for speed.
#include <utility>

#include "bindings.h"
#include "convert.h"
#include "iterator.h"
#include "replay.h"

namespace flashflood::python {

namespace {

// What is left of a replay, as objects of a tuple class.
struct TupleIterator {
  nb::object replay;
  nb::object type;
  std::array<nb::handle, 2> held() const { return {replay, type}; }
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

PyObject* next_tuple(TupleIterator& iterator) {
  const EventView* const event = nb::inst_ptr<ReplayHandle>(iterator.replay.ptr())->next();
  if (event == nullptr) return nullptr;
  return tuple_of(reinterpret_cast<PyTypeObject*>(iterator.type.ptr()), *event);
}

TupleIterator tuples(nb::object replay, nb::object type) {
  if (!PyType_Check(type.ptr()) ||
      !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type.ptr()), &PyTuple_Type))
    nb::raise_type_error("type must be a class of tuples");
  if (!nb::isinstance<ReplayHandle>(replay)) nb::raise_type_error("replay must be a Replay");
  return {std::move(replay), std::move(type)};
}

}  // namespace

void bind_tuples(nb::module_& module) {
  nb::class_<TupleIterator>(module, "_TupleIterator",
                            nb::type_slots(iterator_slots<TupleIterator, next_tuple>()));
  module.def("_tuples", &tuples, nb::arg("replay"), nb::arg("type"));
}

}  // namespace flashflood::python
