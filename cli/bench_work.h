// What bench measures: a flood is filled, journaled, looked up and replayed.
//
// Threads: one thread at a time; parallel puts start their own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "flashflood/flood.h"

namespace flashflood::cli {

// How much bench does; plain values, all at least 1.
struct BenchSize {
  std::uint64_t events = 200'000;  // recorded in bulk
  std::size_t threads = 8;         // that put at once

  std::uint64_t single_puts() const;
  std::uint64_t data_bytes() const;     // about: of all events
  std::uint64_t objects() const;        // about: that are written
  std::uint64_t list_requests() const;  // about
  std::uint64_t get_requests() const;   // about
};

struct Measurement {
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;               // all of it
  std::vector<double> latencies{};  // of single calls
  RequestReport requests{};
};

// Fills `flood`, which is empty, and measures. Checks that what comes back is what was put: Failure
// when it is not. Throws Interrupted soon after a signal.
std::vector<Measurement> measure_flood(Flood& flood, const BenchSize& size);

}  // namespace flashflood::cli
