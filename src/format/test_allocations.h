// How much the code under test allocates at once.
//
// Threads: counted for each thread by itself.
#pragma once

#include <cstddef>

namespace flashflood::format::testing {

// The largest single allocation of this thread since it was set to zero;
// always zero under a sanitizer.
std::size_t& largest_allocation();

}  // namespace flashflood::format::testing
