#include "store/s3/hedge_policy.h"

#include <gtest/gtest.h>

namespace flashflood {
namespace {

using namespace std::chrono_literals;

TEST(HedgePolicy, WaitsForTwiceTheUsualTime) {
  HedgePolicy policy;
  EXPECT_EQ(policy.delay(), 0ms);  // nothing is known yet
  for (int i = 0; i < 100; ++i) policy.record(i % 10 == 0 ? 40ms : 30ms, false);
  EXPECT_GE(policy.delay(), 60ms);
  EXPECT_LE(policy.delay(), 80ms);
  for (int i = 0; i < 200; ++i) policy.record(100us, false);
  EXPECT_EQ(policy.delay(), 20ms);  // less is noise
}

TEST(HedgePolicy, FewReadsAreSentTwice) {
  HedgePolicy policy;
  for (int i = 0; i < 64; ++i) policy.record(1ms, false);
  int copies = 0;
  constexpr int reads = 10'000;
  for (int i = 0; i < reads; ++i) {
    const bool twice = policy.delay() > 0ms;
    copies += twice ? 1 : 0;
    policy.record(1s, twice);
  }
  EXPECT_GT(copies, 0);
  EXPECT_LE(copies, reads * 3 / 100);
}

}  // namespace
}  // namespace flashflood
