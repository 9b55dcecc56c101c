// Recorders for Python.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include "convert.h"
#include "handles.h"

namespace flashflood::python {

RecorderHandle::~RecorderHandle() {
  without_gil([this] { recorder_.reset(); });
}

Recorder& RecorderHandle::recorder() {
  if (!recorder_) throw InvalidArgument("this recorder is closed; make a new one");
  return *recorder_;
}

void RecorderHandle::put(nb::handle data, std::optional<std::string_view> id, nb::handle date) {
  Recorder& target = recorder();
  const auto when = optional_timestamp(date, "date");
  const BorrowedBytes bytes(data, "data");
  if (target.try_put(id, when, bytes.view())) return;
  // The bytes cannot go away meanwhile, but a bytearray could change.
  NewEvent event{.date = when, .data = std::string(bytes.view())};
  if (id) event.id = std::string(*id);
  without_gil([&] { target.put(std::move(event)); });
}

void RecorderHandle::flush() {
  Recorder& target = recorder();
  without_gil([&] { target.flush(); });
}

void RecorderHandle::close() {
  if (!recorder_) return;
  flush();
  without_gil([this] { recorder_.reset(); });
}

void RecorderHandle::exit(nb::handle error) {
  if (error.is_none()) {
    close();
  } else {
    without_gil([this] { recorder_.reset(); });
  }
}

void bind_recorder(nb::module_& module) {
  nb::class_<RecorderHandle>(module, "Recorder")
      .def("put", &RecorderHandle::put, nb::arg("data").none(), nb::arg("id") = nb::none(),
           nb::arg("date") = nb::none(), "Takes an event; it is durable after the next flush().")
      .def("flush", &RecorderHandle::flush,
           "Returns when all that was taken before is durable, and in every later get and replay.")
      .def("close", &RecorderHandle::close, "Flushes and ends; nothing can be put any more.")
      .def_prop_ro("progress", [](RecorderHandle& self) { return self.recorder().progress(); })
      .def("__enter__", [](nb::object self) { return self; })
      .def(
          "__exit__",
          [](RecorderHandle& self, nb::handle, nb::handle error, nb::handle) { self.exit(error); },
          nb::arg().none(), nb::arg().none(), nb::arg().none());
}

}  // namespace flashflood::python
