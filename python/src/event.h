// flashflood.Event: a light object on one event of a batch.
//
// Events are made by the million, so this is a type of its own, outside nanobind: two words beside
// what every object has, from a free list, and nothing decoded before it is asked for. All events
// of a batch share one keeper, which keeps the batch's memory.
//
// Threads: with the GIL held.
#pragma once

#include <memory>

#include "bindings.h"

namespace flashflood::python {

// Keeps `memory` as long as there is a reference to it. A new reference, or nullptr with an error
// set.
PyObject* make_keeper(std::shared_ptr<const void> memory);

// An event on a view that `keeper` keeps valid. A new reference, or nullptr with an error set.
PyObject* make_event(PyObject* keeper, const EventView* view);

// An event of its own.
nb::object make_event(Event event);

}  // namespace flashflood::python
