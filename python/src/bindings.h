// What the parts of the extension share. nanobind only; the raw type of events is in event.h.
//
// Threads: everything here is called with the GIL held, unless stated otherwise.
#pragma once

#include <nanobind/nanobind.h>

#include "flashflood/flashflood.h"

namespace flashflood::python {

namespace nb = nanobind;

// Each adds its part to the module.
void bind_waiting(nb::module_& module);
void bind_errors(nb::module_& module);
void bind_event(nb::module_& module);
void bind_reports(nb::module_& module);
void bind_s3(nb::module_& module);
void bind_recorder(nb::module_& module);
void bind_replay(nb::module_& module);
void bind_arrow(nb::module_& module);
void bind_flood(nb::module_& module);
void bind_tuples(nb::module_& module);

}  // namespace flashflood::python
