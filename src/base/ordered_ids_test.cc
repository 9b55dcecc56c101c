#include "base/ordered_ids.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace flashflood {
namespace {

class SetClock final : public Clock {
 public:
  Timestamp wall_now() override { return now; }
  std::chrono::nanoseconds steady_now() override { return {}; }
  void sleep_for(std::chrono::nanoseconds) override {}
  Timestamp now{std::chrono::milliseconds{1'700'000'000'123}};
};

// The same bytes every time.
class SetRandom final : public Random {
 public:
  explicit SetRandom(int byte) : byte_(byte) {}
  void fill(std::span<std::byte> out) override { std::memset(out.data(), byte_, out.size()); }

 private:
  int byte_;
};

TEST(OrderedIds, AreUuidsOfVersion7) {
  SetClock clock;
  SetRandom random(0xFF);
  OrderedIds ids;
  // 1,700,000,000,123 ms are 0x018bcfe5687b.
  EXPECT_EQ(ids.next(clock, random), "018bcfe5687b77ffbfffffffffffffff");
}

TEST(OrderedIds, AscendWhateverTheClockDoes) {
  SetClock clock;
  const auto random = make_system_random();
  OrderedIds ids;
  std::string last;
  for (int i = 0; i < 30'000; ++i) {
    if (i % 1000 == 999) clock.now += std::chrono::milliseconds(i % 7 == 0 ? -5000 : 1);
    const std::string id = ids.next(clock, *random);
    ASSERT_EQ(id.size(), 32U);
    ASSERT_LT(last, id);
    last = id;
  }
}

TEST(OrderedIds, GoOnInTheNextMillisecondWhenOneIsFull) {
  SetClock clock;
  SetRandom random(0xFF);  // each step is the largest
  OrderedIds ids;
  std::string last = ids.next(clock, random);
  const std::string first_millisecond = last.substr(0, 12);
  // The room that is always free: 2^73, in steps of 2^60.
  const int steps = (1 << 13) + 10;
  for (int i = 0; i < steps && last.substr(0, 12) == first_millisecond; ++i) {
    std::string id = ids.next(clock, random);
    ASSERT_LT(last, id);
    last = std::move(id);
  }
  EXPECT_GT(last.substr(0, 12), first_millisecond);
}

TEST(OrderedIds, OfTwoMakersInOneMillisecondDiffer) {
  SetClock clock;
  const auto random = make_system_random();
  OrderedIds a, b;
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    all.insert(a.next(clock, *random));
    all.insert(b.next(clock, *random));
  }
  EXPECT_EQ(all.size(), 2000U);
}

TEST(OrderedIds, TakeAClockThatIsWrong) {
  SetClock clock;
  const auto random = make_system_random();
  OrderedIds ids;
  clock.now = timestamp_min;
  const std::string early = ids.next(clock, *random);
  EXPECT_EQ(early.substr(0, 12), "000000000000");
  clock.now = timestamp_max;
  EXPECT_LT(early, ids.next(clock, *random));
}

}  // namespace
}  // namespace flashflood
