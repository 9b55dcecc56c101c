// Reads that a run has begun end before what they refer to, however the run is used.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "engine/journal/seal.h"
#include "engine/read/run.h"
#include "store/forwarding_store.h"
#include "test_splits.h"

namespace flashflood::engine::testing {
namespace {

// Each read takes a while.
class SlowStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    ++begun;
    ++under_way;
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(30));
    auto part = ForwardingStore::get(key, range);
    --under_way;
    return part;
  }
  std::atomic<bool> slow{false};
  std::atomic<int> begun{0};
  std::atomic<int> under_way{0};
};

// Two sealed journals that overlap: a large one of a single date, and one of many dates.
struct Overlapping : ::testing::Test {
  static constexpr std::size_t large_events = 1000;
  static constexpr std::size_t data_bytes = 4000;

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<SlowStore> slow =
      std::make_shared<SlowStore>(std::make_shared<PresigningStore>(make_memory_store(clock)));
  std::shared_ptr<CountingStore> counting = std::make_shared<CountingStore>(slow);
  Environment env{clock, std::make_shared<SeededRandom>(1), make_thread_pool(2),
                  make_thread_pool(8)};
  OpenOptions options = [] {
    OpenOptions made = small_options();
    made.compression = "none";
    return made;
  }();
  TestFlood writer{counting, env, options};

  void SetUp() override {
    std::vector<TestEvent> small, large;
    for (int i = 0; i < 1000; ++i)
      small.push_back({"s" + std::to_string(i), at(10 * i), std::string(100, 's')});
    for (std::size_t i = 0; i < large_events; ++i)
      large.push_back({"l" + std::to_string(i), at(5005), std::string(data_bytes, 'l')});
    seal(small);
    seal(large);
    slow->slow = true;
  }
  void seal(const std::vector<TestEvent>& events) const {
    writer.record(events);
    JournalReport report;
    ASSERT_TRUE(seal_everything(*writer.context, SealLimits{}, report));
  }
};

TEST_F(Overlapping, ARunThatSkipsBlocksWaitsForItsReads) {
  const TestFlood reader(counting, env, options);
  const Head head = load_head(*reader.context);
  ASSERT_EQ(head.catalog->journals.size(), 2u);
  for (const format::SealedJournal& journal : head.catalog->journals) {
    const TailPtr tail = load_sealed_tail(*reader.context, head.catalog->number, journal);
    const std::size_t blocks = tail->blocks().size();
    ASSERT_GT(blocks, 8u);
    const int before = slow->begun;
    {
      JournalRun run(*reader.context, {journal.key(), head.catalog->number, tail}, {0, blocks},
                     {1, nullptr});
      for (std::size_t i = 0; i < blocks; i += 3) static_cast<void>(run.loader(i));
      while (slow->begun == before) std::this_thread::yield();  // the pool may start late
    }
    EXPECT_EQ(slow->under_way, 0);
  }
}

TEST_F(Overlapping, ASparseRunReadsWhatIsLoaded) {
  const TestFlood reader(counting, env, options);
  const Head head = load_head(*reader.context);
  const auto large = std::find_if(head.catalog->journals.begin(), head.catalog->journals.end(),
                                  [](const auto& journal) { return journal.from == at(5005); });
  ASSERT_NE(large, head.catalog->journals.end());
  const TailPtr tail = load_sealed_tail(*reader.context, head.catalog->number, *large);
  const std::size_t blocks = tail->blocks().size();
  const std::size_t most = 64 << 10;
  SparseRun run(*reader.context, {large->key(), head.catalog->number, tail}, {1, blocks}, most);
  ASSERT_EQ(run.size(), blocks - 1);
  const RequestCounts before = counting->counts();
  const auto since = [&] { return counting->counts() - before; };
  std::vector<Run::Loader> loaders;
  for (std::size_t i = 0; i < run.size(); ++i) loaders.push_back(run.loader(i));
  EXPECT_EQ(since().get, 0u);
  EXPECT_EQ(loaders[100]()->id(0), loaders[100]()->id(0));
  EXPECT_EQ(since().get, 1u);
  EXPECT_EQ(since().bytes_read, run.block(100).stored_bytes);
  // Each read doubles, up to the bound.
  slow->slow = false;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const BlockPtr block = loaders[i]();
    ASSERT_EQ(block->size(), run.block(i).count);
    ASSERT_EQ(block->date(0), run.block(i).first);
  }
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < run.size(); ++i) all += run.block(i).stored_bytes;
  EXPECT_LT(since().get, 10 + all / (most - run.block(0).stored_bytes));
  EXPECT_GE(since().get, all / most);
}

TEST_F(Overlapping, PresigningLeavesNoReadBehindAndReadsLittle) {
  const std::uint64_t all = large_events * data_bytes;
  for (const bool presigned : {false, true}) {
    const TestFlood reader(counting, env, options);
    const RequestCounts before = counting->counts();
    SplitOptions wanted;
    wanted.count = 5;
    if (presigned) wanted.presign = std::chrono::hours{1};
    EXPECT_GT(make_splits(*reader.context, wanted).size(), 1u);
    EXPECT_EQ(slow->under_way, 0);
    EXPECT_LT((counting->counts() - before).bytes_read, all / 10) << presigned;
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
