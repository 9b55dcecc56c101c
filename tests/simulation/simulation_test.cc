// The simulation as a test: many seeds, and that a seed always gives the same trace.
#include <gtest/gtest.h>

#include "simulation/world.h"

namespace flashflood::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds = 60;
#else
constexpr std::uint64_t seeds = 600;
#endif

TEST(Simulation, KeepsThePromisesUnderFaults) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Result result = World(seed).run(false);
    ASSERT_TRUE(result.failure.empty())
        << "seed " << seed << ": " << result.failure
        << "\nThe trace: build/dev/tests/simulation/simulation --seed " << seed << " --trace";
  }
}

TEST(Simulation, SameSeedSameTrace) {
  for (std::uint64_t seed : {3, 14, 159}) {
    Result first = World(seed).run(false);
    Result second = World(seed).run(false);
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.steps, second.steps) << "seed " << seed;
    EXPECT_NE(first.trace_hash, World(seed + 1).run(false).trace_hash);
  }
}

}  // namespace
}  // namespace flashflood::simulation
