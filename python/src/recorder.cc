// Recorders for Python.
#include "arguments.h"
#include "convert.h"
#include "cycles.h"
#include "handles.h"

namespace flashflood::python {

namespace {

constexpr const char* is_closed = "this recorder is closed; make a new one";

// An event as put() takes it, borrowed.
class GivenEvent {
 public:
  GivenEvent(nb::handle data, nb::handle id, nb::handle date, nb::handle json)
      : date_(optional_timestamp(date, "date")),
        data_object_(data_or_json(data, json)),
        data_(data_object_, "data") {
    if (id.is_none()) return;
    if (!PyUnicode_Check(id.ptr()))
      nb::raise_type_error("id is str, not %s", Py_TYPE(id.ptr())->tp_name);
    id_.emplace(id, "id");
  }

  std::optional<std::string_view> id() const {
    return id_ ? std::optional(id_->view()) : std::nullopt;
  }
  std::optional<Timestamp> date() const { return date_; }
  std::string_view data() const { return data_.view(); }
  // The bytes cannot go away, but those of a bytearray can change.
  NewEvent copy() const {
    NewEvent event{.date = date_, .data = std::string(data())};
    if (id_) event.id = std::string(id_->view());
    return event;
  }

 private:
  const std::optional<Timestamp> date_;
  const nb::object data_object_;
  const BorrowedBytes data_;
  std::optional<BorrowedBytes> id_;
};

}  // namespace

RecorderHandle::~RecorderHandle() {
  if (!recorder_.is_ours() || recorder_.get() == nullptr) return;
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);  // of whoever drops the last reference
  const int warned = parking([] {
    return PyErr_WarnEx(PyExc_ResourceWarning,
                        "a flashflood.Recorder was not closed: events that were put after its last "
                        "flush() may be lost; use it in a with block, or call close()",
                        1);
  });
  if (warned != 0) PyErr_WriteUnraisable(nullptr);
  PyErr_Restore(type, value, trace);
}

void RecorderHandle::put(nb::handle data, nb::handle id, nb::handle date, nb::handle json) {
  const InUse<Recorder> recorder(recorder_, is_closed);
  const GivenEvent given(data, id, date, json);
  if (recorder->try_put(given.id(), given.date(), given.data())) return;
  NewEvent event = given.copy();
  interruptibly([&] { recorder->put(std::move(event)); });
}

bool RecorderHandle::try_put(nb::handle data, nb::handle id, nb::handle date, nb::handle json) {
  const InUse<Recorder> recorder(recorder_, is_closed);
  const GivenEvent given(data, id, date, json);
  return recorder->try_put(given.id(), given.date(), given.data());
}

void RecorderHandle::flush() {
  const InUse<Recorder> recorder(recorder_, is_closed);
  interruptibly([&] { recorder->flush(); });
}

void RecorderHandle::close() {
  if (recorder_.get() == nullptr) return;
  flush();
  recorder_.reset();
}

void RecorderHandle::exit(nb::handle error) {
  if (error.is_none()) {
    close();
  } else {
    recorder_.reset();
  }
}

Recorder::Progress RecorderHandle::progress() {
  return InUse<Recorder>(recorder_, is_closed)->progress();
}

void bind_recorder(nb::module_& module) {
  nb::class_<RecorderHandle>(
      module, "Recorder", nb::type_slots(traversed_slots<RecorderHandle>()),
      "Records in bulk. What it took is durable when flush() returns, or when the block of its "
      "with ends; a block that ends with an error drops what was not flushed. Threads: any.")
      .def("put", &RecorderHandle::put, nb::arg("data").none() = nb::ellipsis(),
           nb::arg("id").none() = nb::none(), nb::arg("date").none() = nb::none(), nb::kw_only(),
           nb::arg("json").none() = nb::ellipsis(),
           nb::sig("def put(self, data: str | Buffer = ..., id: str | None = None, "
                   "date: datetime.datetime | str | None = None, *, json: object = ...) -> None"),
           R"(Takes an event; it is durable after the next flush().

data, json, id and date are those of Flood.put. An event whose id exists already is left as it
is. Waits while as much is under way as the recorder may hold.)")
      .def("_try_put", &RecorderHandle::try_put, nb::arg("data").none() = nb::ellipsis(),
           nb::arg("id").none() = nb::none(), nb::arg("date").none() = nb::none(), nb::kw_only(),
           nb::arg("json").none() = nb::ellipsis(),
           nb::sig("def _try_put(self, data: str | Buffer = ..., id: str | None = None, "
                   "date: datetime.datetime | str | None = None, *, json: object = ...) -> bool"),
           "For flashflood.aio: False where put() would wait.")
      .def("flush", &RecorderHandle::flush,
           "Returns when all that was taken before is durable, and in every later get and replay.")
      .def("close", &RecorderHandle::close, "Flushes and ends; nothing can be put any more.")
      .def_prop_ro("progress", &RecorderHandle::progress, "What it has done so far.")
      .def("__enter__", [](nb::object self) { return self; })
      .def(
          "__exit__",
          [](RecorderHandle& self, nb::handle, nb::handle error, nb::handle) { self.exit(error); },
          nb::arg().none(), nb::arg().none(), nb::arg().none());
}

}  // namespace flashflood::python
