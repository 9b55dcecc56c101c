// The library's exceptions as Python's.
//
// Threads: with the GIL held.
#pragma once

namespace flashflood::python {

// Inside a catch block of a function that Python calls without nanobind: sets the Python error that
// stands for the exception.
void set_python_error() noexcept;

}  // namespace flashflood::python
