// Recorders for Python.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include "convert.h"
#include "cycles.h"
#include "handles.h"

namespace flashflood::python {

// The recorder for one call, during which another thread may close it. Throws InvalidArgument when
// that has happened already.
class RecorderHandle::Use {
 public:
  explicit Use(const RecorderHandle& handle) {
    const auto* const held = handle.recorder_.get();
    if (held == nullptr) throw InvalidArgument("this recorder is closed; make a new one");
    recorder_ = *held;
  }
  ~Use() {
    // The last one waits for what is under way.
    if (recorder_.use_count() == 1) without_gil([this] { recorder_.reset(); });
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Recorder* operator->() const { return recorder_.get(); }

 private:
  std::shared_ptr<Recorder> recorder_;
};

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

void RecorderHandle::put(nb::handle data, std::optional<std::string_view> id, nb::handle date) {
  const Use recorder(*this);
  const auto when = optional_timestamp(date, "date");
  const BorrowedBytes bytes(data, "data");
  if (recorder->try_put(id, when, bytes.view())) return;
  // The bytes cannot go away meanwhile, but those of a bytearray could change.
  NewEvent event{.date = when, .data = std::string(bytes.view())};
  if (id) event.id = std::string(*id);
  interruptibly([&] { recorder->put(std::move(event)); });
}

bool RecorderHandle::try_put(nb::handle data, std::optional<std::string_view> id, nb::handle date) {
  const Use recorder(*this);
  return recorder->try_put(id, optional_timestamp(date, "date"),
                           BorrowedBytes(data, "data").view());
}

void RecorderHandle::flush() {
  const Use recorder(*this);
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

Recorder::Progress RecorderHandle::progress() { return Use(*this)->progress(); }

void bind_recorder(nb::module_& module) {
  nb::class_<RecorderHandle>(module, "Recorder", nb::type_slots(traversed_slots<RecorderHandle>()),
                             "Records in bulk. What it took is durable when flush() returns, or "
                             "the block of its with ends; a block that ends with an error drops "
                             "what was not flushed.")
      .def("put", &RecorderHandle::put, nb::arg("data").none(), nb::arg("id") = nb::none(),
           nb::arg("date") = nb::none(), "Takes an event; it is durable after the next flush().")
      .def("_try_put", &RecorderHandle::try_put, nb::arg("data").none(), nb::arg("id") = nb::none(),
           nb::arg("date") = nb::none(), "For flashflood.aio: False where put() would wait.")
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
