#include "event.h"

#include <array>
#include <string>

#include "convert.h"
#include "errors.h"

namespace flashflood::python {

namespace {

struct Keeper {
  PyObject_HEAD std::shared_ptr<const void> memory;
};

struct EventObject {
  PyObject_HEAD PyObject* keeper;
  const EventView* view;
};

extern PyTypeObject event_type;

// Dead events, to be used again. Guarded by the GIL.
std::array<EventObject*, 256> free_events;
std::size_t free_count = 0;

const EventView& view_of(PyObject* self) { return *reinterpret_cast<EventObject*>(self)->view; }

PyObject* text_of(std::string_view text) {
  return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
}

PyObject* bytes_of(std::string_view data) {
  return PyBytes_FromStringAndSize(data.data(), static_cast<Py_ssize_t>(data.size()));
}

void free_keeper(PyObject* self) {
  reinterpret_cast<Keeper*>(self)->memory.~shared_ptr();
  Py_TYPE(self)->tp_free(self);
}

// What every type object begins with.
PyTypeObject blank_type() {
  PyTypeObject type{};
  type.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  return type;
}

PyTypeObject make_keeper_type() {
  PyTypeObject type = blank_type();
  type.tp_name = "flashflood._native._EventKeeper";
  type.tp_basicsize = sizeof(Keeper);
  type.tp_dealloc = free_keeper;
  type.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION;
  return type;
}

PyTypeObject keeper_type = make_keeper_type();

void free_event(PyObject* self) {
  auto* const event = reinterpret_cast<EventObject*>(self);
  Py_DECREF(event->keeper);
  if (free_count < free_events.size()) {
    free_events[free_count++] = event;
  } else {
    PyObject_Free(self);
  }
}

PyObject* get_id(PyObject* self, void*) { return text_of(view_of(self).id); }
PyObject* get_date(PyObject* self, void*) { return datetime_of(view_of(self).date); }
PyObject* get_data(PyObject* self, void*) { return PyMemoryView_FromObject(self); }
PyObject* get_revision(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(view_of(self).revision);
}

PyObject* to_json(PyObject* self, PyObject*) {
  try {
    return parse_json(view_of(self).data).release().ptr();
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

PyObject* to_bytes(PyObject* self, PyObject*) { return bytes_of(view_of(self).data); }

// Pickled by value.
PyObject* reduce(PyObject* self, PyObject*) {
  const EventView& view = view_of(self);
  return Py_BuildValue("O(NNNK)", reinterpret_cast<PyObject*>(Py_TYPE(self)), text_of(view.id),
                       datetime_of(view.date), bytes_of(view.data),
                       static_cast<unsigned long long>(view.revision));
}

int get_buffer(PyObject* self, Py_buffer* buffer, int flags) {
  const std::string_view data = view_of(self).data;
  return PyBuffer_FillInfo(buffer, self, const_cast<char*>(data.data()),
                           static_cast<Py_ssize_t>(data.size()), 1, flags);
}

PyObject* represent(PyObject* self) {
  constexpr std::size_t shown_max = 80;
  const EventView& view = view_of(self);
  const nb::object id = nb::steal(text_of(view.id));
  const nb::object data = nb::steal(bytes_of(view.data.substr(0, shown_max)));
  if (!id.is_valid() || !data.is_valid()) return nullptr;
  return PyUnicode_FromFormat("Event(id=%R, date='%s', revision=%llu, data=%R%s)", id.ptr(),
                              format_timestamp(view.date).c_str(),
                              static_cast<unsigned long long>(view.revision), data.ptr(),
                              view.data.size() > shown_max ? "..." : "");
}

PyObject* compare(PyObject* self, PyObject* other, int operation) {
  if (!Py_IS_TYPE(other, &event_type) || (operation != Py_EQ && operation != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  const EventView& a = view_of(self);
  const EventView& b = view_of(other);
  const bool equal =
      a.revision == b.revision && a.date == b.date && a.id == b.id && a.data == b.data;
  return PyBool_FromLong(equal == (operation == Py_EQ));
}

Py_hash_t hash(PyObject* self) {
  const EventView& view = view_of(self);
  const auto value = static_cast<Py_hash_t>(std::hash<std::string_view>{}(view.id) ^ view.revision);
  return value == -1 ? -2 : value;
}

PyObject* create(PyTypeObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"id", "date", "data", "revision", nullptr};
  PyObject* id = nullptr;
  PyObject* date = nullptr;
  PyObject* data = nullptr;
  unsigned long long revision = 1;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "UOO|K", const_cast<char**>(names), &id,
                                   &date, &data, &revision))
    return nullptr;
  try {
    const auto when = optional_timestamp(date, "date");
    if (!when) nb::raise_type_error("date is a datetime or RFC 3339 text, not None");
    return make_event(Event{std::string(BorrowedBytes(id, "id").view()), *when,
                            std::string(BorrowedBytes(data, "data").view()), revision})
        .release()
        .ptr();
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

PyGetSetDef attributes[] = {
    {"id", get_id, nullptr, "The id of the event.", nullptr},
    {"date", get_date, nullptr, "The date: an aware datetime in UTC.", nullptr},
    {"revision", get_revision, nullptr, "1 when recorded, one more with each update.", nullptr},
    {"data", get_data, nullptr,
     "The data as a read-only memoryview, without a copy; bytes(event) copies it.", nullptr},
    {},
};

PyMethodDef methods[] = {
    {"json", to_json, METH_NOARGS, "json()\n--\n\nThe data, decoded by json.loads."},
    {"__bytes__", to_bytes, METH_NOARGS, "__bytes__()\n--\n\nA copy of the data."},
    {"__reduce__", reduce, METH_NOARGS, "__reduce__()\n--\n\nFor pickle."},
    {},
};

PyBufferProcs buffer_procs = {get_buffer, nullptr};

PyTypeObject make_event_type() {
  PyTypeObject type = blank_type();
  type.tp_name = "flashflood._native.Event";
  type.tp_basicsize = sizeof(EventObject);
  type.tp_dealloc = free_event;
  type.tp_repr = represent;
  type.tp_hash = hash;
  type.tp_as_buffer = &buffer_procs;
  type.tp_flags = Py_TPFLAGS_DEFAULT;
  type.tp_doc =
      "Event(id, date, data, revision=1)\n--\n\n"
      "An event as it was read. It shares the memory of the events read with it: keep bytes(event) "
      "instead to keep few of many for long.";
  type.tp_richcompare = compare;
  type.tp_methods = methods;
  type.tp_getset = attributes;
  type.tp_new = create;
  return type;
}

PyTypeObject event_type = make_event_type();

}  // namespace

PyObject* make_keeper(std::shared_ptr<const void> memory) {
  auto* const keeper = PyObject_New(Keeper, &keeper_type);
  if (keeper == nullptr) return nullptr;
  new (&keeper->memory) std::shared_ptr<const void>(std::move(memory));
  return reinterpret_cast<PyObject*>(keeper);
}

PyObject* make_event(PyObject* keeper, const EventView* view) {
  EventObject* event = nullptr;
  if (free_count > 0) {
    event = free_events[--free_count];
    PyObject_Init(reinterpret_cast<PyObject*>(event), &event_type);
  } else {
    event = PyObject_New(EventObject, &event_type);
    if (event == nullptr) return nullptr;
  }
  Py_INCREF(keeper);
  event->keeper = keeper;
  event->view = view;
  return reinterpret_cast<PyObject*>(event);
}

nb::object make_event(Event event) {
  struct Owned {
    Event event;
    EventView view;
  };
  auto owned = std::make_shared<Owned>();
  owned->event = std::move(event);
  owned->view = {owned->event.id, owned->event.date, owned->event.data, owned->event.revision};
  const EventView* const view = &owned->view;
  const nb::object keeper = nb::steal(make_keeper(std::move(owned)));
  if (!keeper.is_valid()) nb::raise_python_error();
  nb::object object = nb::steal(make_event(keeper.ptr(), view));
  if (!object.is_valid()) nb::raise_python_error();
  return object;
}

void bind_event(nb::module_& module) {
  if (PyType_Ready(&keeper_type) != 0 || PyType_Ready(&event_type) != 0) nb::raise_python_error();
  module.attr("Event") = nb::handle(reinterpret_cast<PyObject*>(&event_type));
}

}  // namespace flashflood::python
