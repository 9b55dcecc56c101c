// Commits, leases and the collector: what happens between several of them.
#include "engine/journal/commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/stop.h"
#include "engine/journal/compact.h"
#include "engine/journal/seal.h"
#include "engine/state/catalog_pages.h"
#include "engine/test_flood.h"
#include "store/forwarding_store.h"

namespace flashflood::engine::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto patience = 600s;
constexpr auto grace = 3600s;

SealOutcome seal(const TestFlood& flood, const Survey& surveyed, const SealLimits& limits = {}) {
  JournalReport report;
  return seal_pending(*flood.context, surveyed, limits, report);
}
SealOutcome seal(const TestFlood& flood) { return seal(flood, survey(*flood.context)); }

MergeOutcome merge(const TestFlood& flood, const Survey& surveyed) {
  JournalReport report;
  return merge_sealed(*flood.context, surveyed, std::size_t{1} << 20, report);
}

struct CommitTest : ::testing::Test {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  TestFlood other = memory.another();

  // What a journaler saw before another one commits; a bulk journal only, or a single operation.
  Survey survey_with(bool single, const std::string& id) {
    if (single) {
      flood.put(id, at(1), "{}");
    } else {
      flood.record({{id, at(1), "{}"}});
    }
    return survey(*flood.context);
  }
  void check_whole(std::size_t events) {
    EXPECT_EQ(flood.replay().size(), events);
    EXPECT_THAT(flood.problems(), IsEmpty());
    flood.journal();
    EXPECT_EQ(flood.replay().size(), events);
    EXPECT_THAT(flood.problems(), IsEmpty());
  }
};

TEST_F(CommitTest, RebasesOntoWhatDoesNotConcernIt) {
  // `mine` takes the singles, and the other journaler the bulk journal.
  flood.put("a", at(1), "{}");
  Survey mine = survey(*flood.context);
  other.record({{"b", at(2), "{}"}});
  Survey theirs = survey(*other.context);
  theirs.head.singles.clear();
  EXPECT_EQ(seal(other, theirs), SealOutcome::sealed_all);
  EXPECT_EQ(seal(flood, mine), SealOutcome::sealed_all);
  auto catalog = load_head(*flood.context).catalog;
  EXPECT_EQ(catalog->number, 2u);
  EXPECT_EQ(catalog->journals.size(), 2u);
  check_whole(2);
}

TEST_F(CommitTest, ConflictsWhenAnInputWasSealed) {
  Survey mine = survey_with(false, "a");
  EXPECT_EQ(seal(other), SealOutcome::sealed_all);
  EXPECT_EQ(seal(flood, mine), SealOutcome::conflict);
  check_whole(1);
}

TEST_F(CommitTest, ConflictsWhenAnIdOfItsOwnWasSealed) {
  flood.record({{"a", at(1), "first"}});
  Survey mine = survey(*flood.context);
  other.record({{"a", at(2), "second"}});
  Survey theirs = survey(*other.context);
  theirs.head.bulks.erase(
      std::find_if(theirs.head.bulks.begin(), theirs.head.bulks.end(),
                   [&](const PendingBulk& bulk) { return bulk.key == mine.head.bulks[0].key; }));
  EXPECT_EQ(seal(other, theirs), SealOutcome::sealed_all);
  EXPECT_EQ(seal(flood, mine), SealOutcome::conflict);
  flood.journal();
  auto events = flood.replay();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].data, "first");
  check_whole(1);
}

TEST_F(CommitTest, ConflictsWhenTheFenceHasPassedItsBase) {
  other.record({{"x", at(1), "{}"}});
  seal(other);
  Survey mine = survey_with(false, "a");
  memory.pass(grace + 1s);
  other.put("y", at(2), "{}");
  Survey theirs = survey(*other.context);
  theirs.head.bulks.clear();
  EXPECT_EQ(seal(other, theirs), SealOutcome::sealed_all);
  ASSERT_GE(load_head(*other.context).catalog->fence, 1u);
  // The fence stands at the base itself: not above it yet.
  memory.pass(grace + 1s);
  other.put("z", at(2), "{}");
  theirs = survey(*other.context);
  theirs.head.bulks.clear();
  EXPECT_EQ(seal(other, theirs), SealOutcome::sealed_all);
  ASSERT_GT(load_head(*other.context).catalog->fence, mine.head.catalog->number);
  EXPECT_EQ(seal(flood, mine), SealOutcome::conflict);
  check_whole(4);
}

TEST_F(CommitTest, ConflictsWhenSweptHasPassedItsBaseAndItSealsSingles) {
  for (bool single : {true, false}) {
    MemoryFlood fresh;
    TestFlood mine_flood = fresh.another(), theirs_flood = fresh.another();
    if (single) {
      mine_flood.put("a", at(1), "{}");
    } else {
      mine_flood.record({{"a", at(1), "{}"}});
    }
    Survey mine = survey(*mine_flood.context);
    for (int i = 0; i < 2; ++i) {
      theirs_flood.record({{"x" + std::to_string(i), at(1), "{}"}});
      Survey theirs = survey(*theirs_flood.context);
      theirs.head.singles.clear();
      std::erase_if(theirs.head.bulks, [&](const PendingBulk& bulk) {
        return !mine.head.bulks.empty() && bulk.key == mine.head.bulks[0].key;
      });
      EXPECT_EQ(seal(theirs_flood, theirs), SealOutcome::sealed_all);
      fresh.pass(patience + 1s);
    }
    auto catalog = load_head(*theirs_flood.context).catalog;
    ASSERT_GT(catalog->swept, mine.head.catalog->number);
    ASSERT_EQ(catalog->fence, 0u);
    EXPECT_EQ(seal(mine_flood, mine), single ? SealOutcome::conflict : SealOutcome::sealed_all);
  }
}

TEST_F(CommitTest, OfTwoMergesOfOneJournalOneConflicts) {
  for (int i = 0; i < 5; ++i) {
    flood.record({{"a" + std::to_string(i), at(i), "{}"}});
    seal(flood);
  }
  Survey mine = survey(*flood.context);
  EXPECT_EQ(merge(other, survey(*other.context)), MergeOutcome::merged);
  EXPECT_EQ(merge(flood, mine), MergeOutcome::conflict);
  check_whole(5);
}

TEST_F(CommitTest, AMergeAndASealGoTogether) {
  for (int i = 0; i < 5; ++i) {
    flood.record({{"a" + std::to_string(i), at(i), "{}"}});
    seal(flood);
  }
  Survey mine = survey(*flood.context);
  other.record({{"b", at(1), "{}"}});
  EXPECT_EQ(seal(other), SealOutcome::sealed_all);
  EXPECT_EQ(merge(flood, mine), MergeOutcome::merged);
  JournalReport report;
  mine = survey(*flood.context);
  other.record({{"c", at(1), "{}"}});
  EXPECT_EQ(seal(other), SealOutcome::sealed_all);
  EXPECT_EQ(merge_index(*flood.context, mine, report), MergeOutcome::merged);
  check_whole(7);
}

TEST_F(CommitTest, WatermarksMoveByAgeAndNeverFall) {
  flood.record({{"a", at(1), "{}"}});
  seal(flood);
  auto first = survey(*flood.context);
  EXPECT_EQ(first.fence, 0u);
  EXPECT_EQ(first.swept, 0u);
  memory.pass(patience + 1s);
  auto second = survey(*flood.context);
  EXPECT_EQ(second.fence, 0u);
  EXPECT_EQ(second.swept, 1u);
  memory.pass(grace);
  auto third = survey(*flood.context);
  EXPECT_EQ(third.fence, 1u);
  CommitPlan plan(third);
  EXPECT_TRUE(plan.changes_anything());
  EXPECT_EQ(commit(*flood.context, plan), CommitOutcome::committed);
  // A plan that is older commits nothing that falls back.
  flood.record({{"b", at(1), "{}"}});
  Survey late = survey(*flood.context);
  late.fence = late.swept = 0;
  EXPECT_EQ(seal(flood, late), SealOutcome::sealed_all);
  EXPECT_EQ(load_head(*flood.context).catalog->fence, 1u);
}

struct LeaseTest : CommitTest {
  std::chrono::nanoseconds now() { return memory.clock->steady_now(); }
  std::vector<std::string> leases() { return flood.keys("leases/"); }
};

TEST_F(LeaseTest, IsTakenPastAQuarterOfTheGraceAndGivenBack) {
  {
    SnapshotLease lease(*flood.context, 0, now());
    lease.keep();
    memory.pass(grace / 4 - 1s);
    lease.keep();
    EXPECT_THAT(leases(), IsEmpty());
    memory.pass(2s);
    lease.keep();
    EXPECT_EQ(leases().size(), 1u);
    lease.keep();
    EXPECT_EQ(leases().size(), 1u);
  }
  EXPECT_THAT(leases(), IsEmpty());
}

// A store that notices a stop, as those that wait for a server do.
class StoppableStore final : public ForwardingStore {
 public:
  StoppableStore(std::shared_ptr<ObjectStore> inner, bool answers)
      : ForwardingStore(std::move(inner)), answers_(answers) {}
  void remove(std::span<const std::string> keys) override {
    throw_if_stopped();
    const auto clock = make_system_clock();
    while (!answers_) clock->sleep_for(1s);
    ForwardingStore::remove(keys);
  }

 private:
  const bool answers_;
};

TEST_F(LeaseTest, IsGivenBackByWhoIsStopped) {
  for (const bool answers : {true, false}) {
    Environment env = memory.env;
    if (!answers) env.io = make_thread_pool(1);
    const TestFlood reader(std::make_shared<StoppableStore>(memory.memory, answers), env);
    std::stop_source stop;
    const StopScope scope(stop.get_token());
    auto lease = std::make_unique<SnapshotLease>(*reader.context, 0, now());
    memory.pass(grace / 3);
    lease->keep();
    EXPECT_EQ(leases().size(), 1u);
    stop.request_stop();
    const auto clock = make_system_clock();
    const auto begin = clock->steady_now();
    lease.reset();
    EXPECT_LT(clock->steady_now() - begin, 10s) << "it waits for an answer";
    EXPECT_EQ(leases().size(), answers ? 0u : 1u);
  }
}

TEST_F(LeaseTest, IsRenewedForAsLongAsTheReaderLasts) {
  flood.record({{"a", at(1), "{}"}});
  seal(flood);
  SnapshotLease lease(*flood.context, 1, now());
  for (int i = 0; i < 30; ++i) {
    memory.pass(grace / 3);
    lease.keep();
    flood.record({{"b" + std::to_string(i), at(1), "{}"}});
    flood.journal();
    flood.collect();
    EXPECT_LE(load_head(*flood.context).catalog->fence, 1u);
  }
}

TEST_F(LeaseTest, ThatCameTooLateDoesNotCount) {
  SnapshotLease slow(*flood.context, 0, now());
  memory.pass(grace * 3 / 4 + 1s);
  EXPECT_THROW(slow.keep(), SnapshotExpired);
  SnapshotLease forgotten(*flood.context, 0, now());
  memory.pass(grace / 3);
  forgotten.keep();
  memory.pass(grace);
  EXPECT_THROW(forgotten.keep(), SnapshotExpired);
}

TEST_F(LeaseTest, ExpiresOnTheStoresClock) {
  auto lease = std::make_unique<SnapshotLease>(*flood.context, 0, now());
  memory.pass(grace / 3);
  lease->keep();
  EXPECT_FALSE(survey(*flood.context).leases.at(0).expired);
  memory.pass(grace + 1s);
  EXPECT_TRUE(survey(*flood.context).leases.at(0).expired);
  flood.collect();
  EXPECT_THAT(leases(), IsEmpty());
}

TEST_F(LeaseTest, AReplayThatLastsLongerThanTheGraceReadsItsSnapshot) {
  for (int i = 0; i < 300; ++i)
    flood.record({{"a" + std::to_string(i), at(i), std::string(3000, 'x')}});
  SealLimits limits;
  limits.bulks_max = 1000;
  limits.journal_bytes = 5000;
  EXPECT_EQ(seal(flood, survey(*flood.context), limits), SealOutcome::sealed_all);
  ReplayOptions options;
  options.read_ahead_bytes = 0;
  Replayer replayer(flood.context, options);
  std::size_t events = 0, batches = 0;
  for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch()) {
    events += batch.size();
    if (++batches > 12) continue;
    memory.pass(grace / 3);
    other.put("new" + std::to_string(batches), at(1), "{}");
    other.journal();
    other.collect();
  }
  EXPECT_EQ(events, 300u);
}

struct CollectorTest : CommitTest {};

TEST_F(CollectorTest, TakesSinglesAfterPatienceAndTheRestAfterGrace) {
  flood.put("a", at(1), "{}");
  flood.record({{"b", at(2), "{}"}});
  flood.journal();
  auto report = flood.collect();
  EXPECT_EQ(report.removed_objects, 0u);
  EXPECT_EQ(report.kept_objects, 2u);
  memory.pass(patience + 1s);
  EXPECT_EQ(flood.collect().removed_objects, 1u);
  EXPECT_THAT(flood.keys("head/e-"), IsEmpty());
  EXPECT_EQ(flood.keys("head/j-").size(), 1u);
  memory.pass(grace + 1s);
  EXPECT_GE(flood.collect().removed_objects, 1u);
  EXPECT_THAT(flood.keys("head/j-"), IsEmpty());
  check_whole(2);
}

TEST_F(CollectorTest, ADryRunNamesAndRemovesNothing) {
  flood.put("a", at(1), "{}");
  flood.journal();
  memory.pass(patience + 1s);
  CollectOptions advance_only;
  flood.record({{"b", at(2), "{}"}});
  flood.journal();  // moves the watermark too
  CollectOptions dry;
  dry.dry_run = true;
  auto before = memory.flood.keys();
  auto report = flood.collect(dry);
  EXPECT_EQ(memory.flood.keys(), before);
  ASSERT_EQ(report.removed_objects, 1u);
  EXPECT_EQ(report.keys.size(), 1u);
  EXPECT_THAT(report.keys[0], HasSubstr("head/e-"));
  EXPECT_GT(report.removed_bytes, 0u);
  EXPECT_EQ(flood.collect(advance_only).removed_objects, 1u);
}

TEST_F(CollectorTest, WithoutAdvancingTakesOnlyWhatEarlierCommitsAllow) {
  flood.put("a", at(1), "{}");
  flood.journal();
  memory.pass(patience + 1s);
  CollectOptions still;
  still.advance = false;
  auto number = load_head(*flood.context).catalog->number;
  EXPECT_EQ(flood.collect(still).removed_objects, 0u);
  EXPECT_EQ(load_head(*flood.context).catalog->number, number);
}

TEST_F(CollectorTest, ForgetsTheNamesOfWhatIsGone) {
  for (int i = 0; i < 6; ++i) {
    flood.put("a" + std::to_string(i), at(i), "{}");
    flood.record({{"b" + std::to_string(i), at(i), "{}"}});
    flood.journal();
  }
  for (int i = 0; i < 6; ++i) {
    memory.pass(grace + 1s);
    flood.collect();
  }
  auto head = load_head(*flood.context);
  EXPECT_THAT(head.catalog->retired, IsEmpty());
  EXPECT_LE(head.catalogs.size(), 2u);
  // Nothing is left but what the catalog names.
  std::size_t named = head.catalogs.size() + head.catalog->journals.size() + 1;
  for (const auto& run : head.catalog->index) named += run.parts.size();
  EXPECT_EQ(flood.keys().size(), named);
  auto before = flood.keys();
  flood.collect();
  EXPECT_EQ(flood.keys(), before) << "a collector with nothing to do commits nothing";
  check_whole(12);
}

TEST_F(CollectorTest, TakesOrphansOfJournalersThatDied) {
  flood.record({{"a", at(1), "{}"}});
  flood.journal();
  // A journaler wrote its outputs and died before the commit.
  memory.memory->put("journals/" +
                         std::string("20200101T000000.000000Z--20200101T000000.000000Z--") +
                         "0000000000000000-" + std::string(32, '1'),
                     "orphan");
  memory.memory->put("index/0000000000000000-" + std::string(32, '2'), "orphan");
  memory.memory->put("catalog/0000000000000000-" + std::string(32, '3'), "orphan");
  EXPECT_EQ(flood.collect().removed_objects, 0u) << "its journaler may still commit";
  memory.pass(grace + 1s);
  flood.collect();
  flood.collect();
  for (const auto& key : flood.keys())
    EXPECT_NE(memory.memory->get(key, ByteRange::whole())->bytes, "orphan") << key;
  check_whole(1);
}

}  // namespace
}  // namespace flashflood::engine::testing
