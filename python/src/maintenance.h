// The parts of Flood that have a file of their own.
//
// Threads: with the GIL held.
#pragma once

#include "handles.h"

namespace flashflood::python {

void bind_maintenance(nb::class_<FloodHandle>& flood);
void bind_query(nb::module_& module, nb::class_<FloodHandle>& flood);

}  // namespace flashflood::python
