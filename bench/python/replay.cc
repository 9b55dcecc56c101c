// Replays a flood and touches every event: python_bench_replay FLOOD ROUNDS
//
// Prints a line for each round: events, bytes of data, a sum over dates and revisions, seconds that
// passed, seconds of CPU.
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "flashflood/flashflood.h"

namespace {

void run(flashflood::Flood& flood) {
  const std::clock_t cpu_began = std::clock();
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t sum = 0;
  auto replay = flood.replay();
  for (auto batch = replay.next_batch(); !batch.empty(); batch = replay.next_batch()) {
    for (const flashflood::EventView& event : batch) {
      ++events;
      bytes += event.data.size();
      sum += static_cast<std::uint64_t>(event.date.time_since_epoch().count()) + event.revision;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double cpu = static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC;
  fmt::print("{} {} {} {} {}\n", events, bytes, sum, took.count(), cpu);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    flashflood::OpenOptions options;
    options.create = false;
    auto flood = flashflood::Flood::open(argv[1], options);
    for (int round = std::atoi(argv[2]); round > 0; --round) run(flood);
  } catch (const flashflood::Error& error) {
    fmt::print(stderr, "python_bench_replay: {}\n", error.what());
    return 1;
  }
}
