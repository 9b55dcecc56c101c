// The traces on which simpler rules fail (docs/protocol.md), against the real engine: those about
// journalers, collectors and readers. tests/simulation/mutants.py shows that each test fails when
// its rule is taken out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/journal/commit.h"
#include "engine/journal/journaling.h"
#include "engine/journal/seal.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/state/lease.h"
#include "engine/upkeep/collector.h"
#include "engine/upkeep/verifier.h"
#include "engine/write/recorder.h"
#include "engine/write/single.h"
#include "flashflood/error.h"
#include "format/keys.h"
#include "simulation/stage.h"

namespace flashflood::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds patience = 10min;
constexpr std::chrono::seconds grace = 1h;

engine::SealOutcome seal(const engine::Context& context, const engine::SealLimits& limits = {}) {
  JournalReport report;
  return engine::seal_pending(context, engine::survey(context), limits, report);
}

TEST(P4, OnlyTheCollectorDeletes) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  Player journaler(stage, [&] { engine::journal(*context, {}); });
  journaler.expect(Request::create, "head/c-", Cue::late, 100);
  EXPECT_THROW(journaler.go(), OutcomeUnknown);
  stage.deliver();  // c1 lands after all
  EXPECT_THAT(stage.keys("head/c-"), Not(IsEmpty()));
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a"));
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P4, ALostAnswerToACommitIsNoConflict) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player journaler(stage, [&] { outcome = seal(*context); });
  journaler.expect(Request::create, "head/c-", Cue::lose_answer);
  EXPECT_FALSE(journaler.go());
  EXPECT_EQ(outcome, engine::SealOutcome::sealed_all);
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a"));
}

TEST(P4, ACatalogThatWasCollectedAndIsCreatedAgainIsNoCommit) {
  Stage stage;
  record(stage, "x", 0, "a");
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player paused(stage, [&] { outcome = seal(*context); });
  paused.go_to(Request::create, "head/c-");
  for (int i = 0; i < 4; ++i) {
    stage.journal();
    record(stage, "y" + std::to_string(i), 0, "b");
    stage.advance(grace + 1min);
    stage.collect();
  }
  const std::string first = format::catalog_key(1);
  ASSERT_FALSE(stage.bucket().find(first));
  paused.go();
  EXPECT_TRUE(stage.bucket().find(first));
  EXPECT_EQ(outcome, engine::SealOutcome::conflict);
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P5, ACommitIsNotRebasedOverTheFence) {
  Stage stage;
  record(stage, "y", 0, "b");
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player slow(stage, [&] { outcome = seal(*context); });
  slow.go_to(Request::create, "head/c-");
  engine::put_event(*stage.process(), event("x", 0, "a"));
  engine::SealLimits singles;
  singles.bulks_max = 0;
  ASSERT_EQ(seal(*stage.process(), singles), engine::SealOutcome::sealed_some);
  stage.advance(grace + 1min);
  stage.collect();  // c2, whose fence is 1; the outputs of the slow one go
  slow.go();
  EXPECT_EQ(outcome, engine::SealOutcome::conflict);
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a", "y@0=b"));
  stage.journal();
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a", "y@0=b"));
  EXPECT_THAT(engine::verify(*stage.process(), {}).problems, IsEmpty());
}

TEST(P5, ACommitIsRebasedWhereNothingSpeaksAgainstIt) {
  Stage stage;
  record(stage, "y", 0, "b");
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player slow(stage, [&] { outcome = seal(*context); });
  slow.go_to(Request::create, "head/c-");
  engine::put_event(*stage.process(), event("x", 0, "a"));
  engine::SealLimits singles;
  singles.bulks_max = 0;
  ASSERT_EQ(seal(*stage.process(), singles), engine::SealOutcome::sealed_some);
  slow.go();
  EXPECT_EQ(outcome, engine::SealOutcome::sealed_all);
  EXPECT_THAT(stage.keys("head/c-").size(), 2U);
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a", "y@0=b"));
}

// A reader far from its snapshot: its lease was answered too late to count.
TEST(P11, ALeaseThatComesLateDoesNotCount) {
  Stage stage;
  auto context = stage.process();
  engine::SnapshotLease lease(*context, 0, context->steady_now());
  stage.advance(grace / 4 + 1min);
  Player reader(stage, [&] { lease.keep(); });
  reader.go_to(Request::put, "leases/", Cue::stop_after);
  stage.advance(grace / 4);
  EXPECT_FALSE(reader.go());
  stage.advance(grace / 4);
  EXPECT_THROW(lease.keep(), SnapshotExpired);
}

TEST(P11, ALeaseInTimeHoldsTheFence) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  stage.journal();  // c1
  auto context = stage.process();
  engine::SnapshotLease lease(*context, 1, context->steady_now());
  engine::put_event(*stage.process(), event("y", 0, "b"));
  stage.journal();  // c2
  for (int i = 0; i < 20; ++i) {
    stage.advance(grace / 3);
    lease.keep();
    stage.collect();
    EXPECT_LE(engine::survey(*stage.process()).fence, 1U);
  }
  ASSERT_TRUE(stage.bucket().find(format::catalog_key(1)));
}

// The old lease ends and is collected before its page is read, and the new one came after its own
// page was read.
TEST(P11, AListingOfLeasesThatTakesLongBeginsAgain) {
  bool lesser_name = false;
  for (std::uint64_t seed = 1; !lesser_name; ++seed) {
    ASSERT_LT(seed, 50U);
    Stage stage(seed);
    engine::put_event(*stage.process(), event("x", 0, "a"));
    stage.journal();  // c1
    auto context = stage.process();
    engine::SnapshotLease lease(*context, 1, context->steady_now());
    engine::put_event(*stage.process(), event("y", 0, "b"));
    stage.journal();  // c2
    stage.advance(grace / 4 + 1min);
    lease.keep();
    for (int i = 0; i < 4; ++i) {
      stage.advance(grace / 2 + 1min);
      lease.keep();
    }
    stage.advance(grace / 2);
    stage.collect();
    ASSERT_EQ(stage.keys("leases/").size(), 1U);
    const std::string old_lease = stage.keys("leases/").front();
    auto journaling = stage.process();
    std::uint64_t fence = 0;
    Player journaler(stage, [&] { fence = engine::survey(*journaling).fence; });
    journaler.expect(Request::list, "leases/", Cue::split_list, 1,
                     old_lease.substr(0, old_lease.size() - 1));
    ASSERT_TRUE(journaler.go());
    stage.advance(1min);
    lease.keep();
    ASSERT_EQ(stage.keys("leases/").size(), 2U);
    lesser_name = stage.keys("leases/").front() != old_lease;
    stage.advance(grace / 2);
    stage.collect();
    ASSERT_FALSE(stage.bucket().find(old_lease));
    journaler.go();
    EXPECT_LE(fence, 1U);
  }
}

TEST(P12, ASlowListingBeginsAgain) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  engine::IdState state;
  Player reader(stage, [&] { state = engine::look_up(*context, "x", IdHash::of("x"), true); });
  reader.expect(Request::list, "head/", Cue::split_list, 1, "head/d");
  ASSERT_TRUE(reader.go());  // it has seen that there is no catalog
  stage.journal();
  stage.advance(patience + 1min);
  stage.collect();
  ASSERT_THAT(stage.keys("head/e-"), IsEmpty());
  reader.go();
  EXPECT_TRUE(state.live());
  EXPECT_EQ(state.data, "a");
}

TEST(P12, ASlowReplayBeginsAgain) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  std::size_t events = 0;
  Player reader(stage, [&] {
    engine::Replayer replayer(context, {});
    events = replayer.next_batch().size();
  });
  reader.go_to(Request::get, "head/e-");  // listed, and not yet read
  stage.journal();
  stage.advance(patience + 1min);
  stage.collect();
  ASSERT_THAT(stage.keys("head/e-"), IsEmpty());
  reader.go();
  EXPECT_EQ(events, 1U);
}

// A machine that is too slow is not told that its flood is damaged.
TEST(P12, AReaderThatIsAlwaysSlowIsToldSo) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  Player reader(stage, [&] { engine::Replayer(context, {}).next_batch(); });
  reader.expect(Request::get, "head/e-", Cue::stop_after, 100);
  EXPECT_THROW(
      {
        while (reader.go()) stage.advance(patience);
      },
      StoreUnavailable);
}

// Two journalers seal the same entries: their outputs never share a name, so that no DELETE of
// one's hits the other's.
TEST(P13, OutputsNeverShareAName) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player slow(stage, [&] { outcome = seal(*context); });
  slow.go_to(Request::create, "head/c-");
  const auto first = stage.keys("journals/");
  const auto index = stage.keys("index/");
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(seal(*stage.process()), engine::SealOutcome::sealed_all);
  EXPECT_EQ(stage.keys("journals/").size(), 2U);
  EXPECT_EQ(stage.keys("index/").size(), 2U);
}

TEST(P14, WhatAnotherCommitRetiredIsNotSealedAgain) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  engine::SealOutcome outcome{};
  Player slow(stage, [&] { outcome = seal(*context); });
  slow.go_to(Request::create, "head/c-");
  ASSERT_EQ(seal(*stage.process()), engine::SealOutcome::sealed_all);
  slow.go();
  EXPECT_EQ(outcome, engine::SealOutcome::conflict);
  EXPECT_EQ(stage.keys("head/c-").size(), 1U);
}

// The listing that everybody makes stays short: retired single operations go after the patience,
// while everything else waits for the grace.
TEST(P15, RetiredSingleOperationsGoAfterThePatience) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  record(stage, "y", 0, "b");
  stage.journal();
  stage.advance(patience + 1min);
  stage.collect();
  EXPECT_THAT(stage.keys("head/e-"), IsEmpty());
  EXPECT_THAT(stage.keys("head/j-"), Not(IsEmpty()));
  stage.advance(grace);
  stage.collect();
  EXPECT_THAT(stage.keys("head/j-"), IsEmpty());
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a", "y@0=b"));
}

// Two recorders in one tick of the store's clock: the contents decide, and the index cannot tell
// their entries apart.
TEST(Ties, AreNoDamage) {
  for (bool turned : {false, true}) {
    Stage stage(1, std::chrono::hours(1000));
    record(stage, "x", 0, turned ? "a" : "b");
    stage.journal();
    record(stage, "x", 0, turned ? "b" : "a");
    const auto pending = stage.shown();
    const std::string data = stage.get("x");
    stage.journal();
    EXPECT_EQ(stage.shown(), pending);
    EXPECT_EQ(stage.get("x"), data);
    EXPECT_THAT(engine::verify(*stage.process(), {}).problems, IsEmpty());
  }
}

// A put under way when a bulk put of its id, at another date, was updated: it is outranked from the
// beginning. Once that is journaled, the id has one date.
void outranked_put(bool seal_put_first) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "put")); });
  writer.go_to(Request::create, "head/e-");
  record(stage, "x", 1, "bulk");
  auto other = stage.process();
  Player updater(stage, [&] { engine::update_event(*other, "x", "update", {}); });
  updater.go_to(Request::create, "head/e-");
  if (seal_put_first) {
    writer.go();
    stage.journal();
    updater.go();
  } else {
    updater.go();
    stage.journal();
    writer.go();
  }
  EXPECT_EQ(stage.get("x"), "update");
  stage.journal();
  EXPECT_EQ(stage.get("x"), "update");
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=update"));
  EXPECT_THAT(engine::verify(*stage.process(), {}).problems, IsEmpty());
}

TEST(TwoDates, APutThatWasOutrankedBeforeItLanded) { outranked_put(false); }
TEST(TwoDates, APutThatWasOutrankedAfterItWasSealed) { outranked_put(true); }

TEST(TwoDates, APutThatIsSealedTogetherWithWhatOutranksIt) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "put")); });
  writer.go_to(Request::create, "head/e-");
  record(stage, "x", 1, "bulk");
  engine::update_event(*stage.process(), "x", "update", {});
  writer.go();
  EXPECT_EQ(stage.get("x"), "update");
  stage.journal();
  EXPECT_EQ(stage.get("x"), "update");
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=update"));
  EXPECT_THAT(engine::verify(*stage.process(), {}).problems, IsEmpty());
}

// The put that is not sealed has the date of a sealed bulk entry, which the same commit hides: what
// is left out takes nothing with it. (Of many bulk journals a commit takes the first by name, so
// that one which arrived later may be sealed before the one which wins.)
TEST(TwoDates, APutThatIsLeftOutLeavesTheMarkerAtItsDate) {
  Stage stage;
  auto late = stage.process();  // has seen no catalog yet, so its journals come first by name
  engine::put_event(*stage.process(), event("y", 2, "other"));
  stage.journal();
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "put")); });
  writer.go_to(Request::create, "head/e-");
  auto early = stage.process();
  engine::survey(*early);
  record(early, "x", 1, "bulk");
  auto other = stage.process();
  Player updater(stage, [&] { engine::update_event(*other, "x", "update", {}); });
  updater.go_to(Request::create, "head/e-");
  stage.advance(1s);
  record(late, "x", 0, "late");

  engine::SealLimits one;
  one.bulks_max = 1;
  ASSERT_EQ(seal(*stage.process(), one), engine::SealOutcome::sealed_some);
  EXPECT_EQ(stage.get("x"), "bulk");
  writer.go();
  updater.go();
  EXPECT_EQ(stage.get("x"), "update");
  stage.journal();
  EXPECT_EQ(stage.get("x"), "update");
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=update", "y@2=other"));
  EXPECT_THAT(engine::verify(*stage.process(), {}).problems, IsEmpty());
}

}  // namespace
}  // namespace flashflood::simulation
