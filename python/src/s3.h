// S3 options as Python holds them.
//
// Threads: with the GIL held.
#pragma once

#include <array>

#include "bindings.h"

namespace flashflood::python {

// Options, and what keeps the Python function that gives their credentials: everything that the
// library makes of the options has to be held together with `credentials`.
struct HeldS3Options {
  S3Options options;
  nb::object credentials;

  std::array<nb::handle, 1> held() const { return {credentials}; }
};

}  // namespace flashflood::python
