#include "engine/read/read_ahead.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "engine/journal/commit.h"
#include "engine/journal/seal.h"
#include "engine/read/replayer.h"
#include "engine/test_flood.h"
#include "store/forwarding_store.h"

namespace flashflood::engine::testing {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

TEST(ReadAhead, HasRoomForTwoWindowsAndMoreWhenThatIsNotEnough) {
  ReadAhead ahead(64 * mib);
  auto first = ahead.reserve(8 * mib);
  auto second = ahead.reserve(8 * mib);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(ahead.reserve(1));
  ahead.came_too_late();
  auto third = ahead.reserve(16 * mib);
  EXPECT_TRUE(third);
  EXPECT_FALSE(ahead.reserve(1));
  for (int i = 0; i < 5; ++i) ahead.came_too_late();
  EXPECT_FALSE(ahead.reserve(33 * mib));
  EXPECT_TRUE(ahead.reserve(32 * mib));
}

TEST(ReadAhead, TakesBackWhatIsLetGoOf) {
  ReadAhead ahead(0);
  auto all = ahead.reserve(16 * mib);
  EXPECT_FALSE(ahead.reserve(1));
  *all = {};
  EXPECT_TRUE(ahead.reserve(16 * mib));
  {
    const auto beyond = ahead.take(20 * mib);
    EXPECT_FALSE(ahead.reserve(0));
  }
  EXPECT_TRUE(ahead.reserve(16 * mib));
}

// Whether every thread of this program sleeps except for the one that asks. A thread that has work
// and no core to do it on does not sleep.
bool all_others_sleep() {
  const std::string self = std::to_string(gettid());
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(opendir("/proc/self/task"), closedir);
  while (const dirent* thread = readdir(threads.get())) {
    const std::string name = thread->d_name;
    if (name.starts_with('.') || name == self) continue;
    std::ifstream file("/proc/self/task/" + name + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t command_end = line.rfind(')');  // "<thread> (<command>) <state> ..."
    if (command_end == std::string::npos || line.substr(command_end + 2, 1) != "S") return false;
  }
  return true;
}

// A store that is farther away than any work takes: reads of journals, but for those of tails, are
// answered one after the other, and each only when nothing else goes on before that.
class FarStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    if (key.starts_with("journals/") && range.kind != ByteRange::Kind::suffix) wait();
    return inner().get(key, range);
  }
  // The most reads that were under way at once.
  std::size_t most() {
    std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++reads_;
    waiting_.insert(mine);
    most_ = std::max(most_, waiting_.size());
    changed_.wait(lock, [&] { return *waiting_.begin() == mine; });
    // Twice, since threads may wake each other while they are looked at.
    for (int asleep = 0; asleep < 2; asleep = all_others_sleep() ? asleep + 1 : 0)
      changed_.wait_for(lock, std::chrono::milliseconds(1));
    waiting_.erase(mine);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t reads_ = 0;  // guarded by mutex_, as is all below
  std::set<std::uint64_t> waiting_;
  std::size_t most_ = 0;
};

// `journals` sealed journals of `each` MiB, that cannot be compressed, read through a FarStore.
class FarReplay : public ::testing::Test {
 protected:
  void fill(int journals, int each) {
    OpenOptions options;
    options.compression = "none";
    const TestFlood flood(memory_, inline_environment(std::make_shared<ManualClock>(), 1), options);
    for (int journal = 0; journal < journals; ++journal) {
      std::vector<TestEvent> events;
      for (int i = 0; i < each; ++i, ++events_)
        events.push_back({"e" + std::to_string(events_), at(static_cast<std::int64_t>(events_)),
                          std::string(mib, 'x')});
      flood.record(events);
      JournalReport report;
      ASSERT_EQ(seal_pending(*flood.context, survey(*flood.context), {}, report),
                SealOutcome::sealed_all);
    }
  }
  // The most reads under way in a replay that gives all events in order.
  std::size_t most(std::size_t read_ahead_bytes) {
    const auto far = std::make_shared<FarStore>(memory_);
    const TestFlood flood(far, system_environment());
    ReplayOptions options;
    options.read_ahead_bytes = read_ahead_bytes;
    const auto events = flood.replay(options);
    EXPECT_EQ(events.size(), events_);
    for (std::size_t i = 0; i < events.size(); ++i)
      EXPECT_EQ(events[i].date, at(static_cast<std::int64_t>(i)));
    return far->most();
  }

  const std::shared_ptr<ObjectStore> memory_ = make_memory_store(std::make_shared<ManualClock>());
  std::size_t events_ = 0;
};

TEST_F(FarReplay, ReadsOneJournalWithAsManyRequestsAsTheMemoryAllows) {
  fill(1, 96);
  EXPECT_EQ(most(0), 2u);
  EXPECT_THAT(most(32 * mib), ::testing::AllOf(::testing::Ge(3u), ::testing::Le(4u)));
  EXPECT_THAT(most(64 * mib), ::testing::AllOf(::testing::Ge(6u), ::testing::Le(9u)));
}

TEST_F(FarReplay, ReadsManyJournalsSo) {
  fill(24, 4);
  EXPECT_THAT(most(0), ::testing::Le(5u));
  EXPECT_THAT(most(64 * mib), ::testing::AllOf(::testing::Ge(10u), ::testing::Le(17u)));
}

}  // namespace
}  // namespace flashflood::engine::testing
