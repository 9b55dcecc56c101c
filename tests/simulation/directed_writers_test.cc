// The traces on which simpler rules fail (docs/protocol.md), against the real engine: those about
// single operations and recorders. tests/simulation/mutants.py shows that each test fails when its
// rule is taken out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/journal/journaling.h"
#include "engine/journal/seal.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/write/recorder.h"
#include "engine/write/single.h"
#include "flashflood/error.h"
#include "format/journal.h"
#include "format/keys.h"
#include "simulation/stage.h"

namespace flashflood::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::seconds patience = 10min;
constexpr std::chrono::seconds grace = 1h;

std::string single(const std::string& id, std::uint64_t revision) {
  return format::single_key(IdHash::of(id), revision);
}

// Everything so far is sealed, and its pending journals are gone.
void seal_and_collect(Stage& stage, nanoseconds span) {
  stage.journal();
  stage.advance(span + 1min);
  stage.collect();
  stage.collect();
}

// Besides, the catalog has forgotten what it had retired.
void seal_collect_and_forget(Stage& stage) {
  seal_and_collect(stage, grace);
  engine::put_event(*stage.process(), event("later", 9, "later"));
  seal_and_collect(stage, grace);
}

TEST(P1, PutLooksUpFirstEvenWhenTheNameIsFree) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  seal_and_collect(stage, grace);
  ASSERT_THAT(stage.keys("head/e-"), IsEmpty());
  EXPECT_THROW(engine::put_event(*stage.process(), event("x", 0, "b")), EventExists);
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P1, PutLooksUpFirstAgainstBulk) {
  Stage stage;
  record(stage.process(), "x", 0, "a");
  EXPECT_THROW(engine::put_event(*stage.process(), event("x", 0, "b")), EventExists);
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P2, AFenceDoesNotKillAWriteThatLandsLate) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto b = stage.process();
  Player writer(stage, [&] { engine::update_event(*b, "x", "b", {}); });
  writer.go_to(Request::create, single("x", 2));
  seal_and_collect(stage, grace);
  EXPECT_FALSE(writer.go());  // acknowledged
  EXPECT_EQ(stage.get("x"), "b");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=b"));
  seal_and_collect(stage, grace);
  EXPECT_EQ(stage.get("x"), "b");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=b"));
}

TEST(P3, APausedDeleteHitsNoLiveWrite) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  engine::erase_event(*stage.process(), "x", {});
  stage.journal();
  stage.advance(patience + 1min);
  Player paused(stage, [&] {
    stage.collect();
    stage.collect();
  });
  paused.go_to(Request::remove, "head/e-");
  stage.collect();
  stage.collect();
  ASSERT_THAT(stage.keys("head/e-"), IsEmpty());
  engine::put_event(*stage.process(), event("x", 0, "b"));
  paused.go();
  EXPECT_EQ(stage.get("x"), "b");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=b"));
}

TEST(P6, TombstonesStay) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  engine::erase_event(*stage.process(), "x", {});
  auto context = stage.process();
  Player recorder(stage, [&] { record(context, "x", 0, "bulk"); });
  recorder.go_to(Request::create, "head/j-");
  seal_and_collect(stage, grace);
  recorder.go();
  EXPECT_EQ(stage.get("x"), "nothing");
  EXPECT_THAT(stage.shown(), IsEmpty());
  seal_and_collect(stage, grace);
  EXPECT_EQ(stage.get("x"), "nothing");
  EXPECT_THAT(stage.shown(), IsEmpty());
}

// A listing is no cut: it shows the second revision and not yet the first.
TEST(P7, AnUpdateCountsWithoutItsPut) {
  Stage stage;
  auto context = stage.process();
  Player journaler(stage, [&] { engine::journal(*context, {}); });
  journaler.expect(Request::list, "head/", Cue::split_list, 1, single("x", 1));
  ASSERT_TRUE(journaler.go());
  engine::put_event(*stage.process(), event("x", 0, "a"));
  engine::update_event(*stage.process(), "x", "b", {});
  journaler.go();
  EXPECT_EQ(stage.get("x"), "b");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=b"));
  // The first revision is sealed after the second one, and may not go on top of the index.
  seal_and_collect(stage, patience);
  EXPECT_EQ(stage.get("x"), "b");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=b"));
}

// Of two recorders the one that arrives later has the lesser name and the lesser content.
TEST(P8, BulkRanksByArrival) {
  auto hash = [](std::string_view data) {
    return engine::content_hash(
        {day(0), "x", data, format::EntryKind::put, format::EntryClass::bulk, 0});
  };
  const std::string first_data = hash("a") < hash("b") ? "b" : "a";
  const std::string late_data = hash("a") < hash("b") ? "a" : "b";
  const std::string expected = "x@0=" + first_data;
  bool lesser_name = false;
  for (std::uint64_t seed = 1; !lesser_name; ++seed) {
    ASSERT_LT(seed, 50U);
    Stage stage(seed);
    auto early = stage.process(), late = stage.process();
    Player recorder(stage, [&] { record(late, "x", 0, late_data); });
    recorder.go_to(Request::create, "head/j-");
    record(early, "x", 0, first_data);
    const std::string first = stage.keys("head/j-").front();
    EXPECT_EQ(stage.get("x"), first_data);
    recorder.go();
    lesser_name = stage.keys("head/j-").front() != first;
    EXPECT_EQ(stage.get("x"), first_data);
    EXPECT_THAT(stage.shown(), ElementsAre(expected));
    stage.journal();
    EXPECT_EQ(stage.get("x"), first_data);
    EXPECT_THAT(stage.shown(), ElementsAre(expected));
  }
}

TEST(P8, BulkRanksByArrivalWhenTheEarlierOneIsSealed) {
  Stage stage;
  auto early = stage.process(), late = stage.process();
  Player recorder(stage, [&] { record(late, "x", 0, "late"); });
  recorder.go_to(Request::create, "head/j-");
  record(early, "x", 0, "early");
  stage.journal();
  recorder.go();
  EXPECT_EQ(stage.get("x"), "early");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=early"));
  stage.journal();
  EXPECT_EQ(stage.get("x"), "early");
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=early"));
}

TEST(P9, OneIdHasOneDateOnceItIsJournaled) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 1, "a"));
  stage.journal();
  record(stage.process(), "x", 0, "bulk");
  EXPECT_EQ(stage.get("x"), "a");
  stage.journal();
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=a"));
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P9, ASealedBulkEntryIsHiddenByAnEarlierWriteAtAnotherDate) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 1, "a")); });
  writer.go_to(Request::create, single("x", 1));
  record(stage.process(), "x", 0, "bulk");
  stage.journal();
  writer.go();
  EXPECT_EQ(stage.get("x"), "a");
  stage.journal();
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=a"));
}

TEST(P10, ALateWriterCannotKnow) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "late")); });
  writer.go_to(Request::create, single("x", 1));
  engine::put_event(*stage.process(), event("x", 1, "a"));
  seal_and_collect(stage, patience);
  ASSERT_THAT(stage.keys("head/e-"), IsEmpty());
  EXPECT_THROW(writer.go(), OutcomeUnknown);
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(P10, ALateTwinDoesNotShowAtAnotherDate) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "late")); });
  writer.go_to(Request::create, single("x", 1));
  engine::put_event(*stage.process(), event("x", 1, "a"));
  seal_collect_and_forget(stage);
  EXPECT_THROW(writer.go(), OutcomeUnknown);
  ASSERT_THAT(stage.keys("head/e-"), ElementsAre(single("x", 1)));
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=a", "later@9=later"));
  seal_and_collect(stage, patience);
  EXPECT_THAT(stage.shown(), ElementsAre("x@1=a", "later@9=later"));
  EXPECT_THAT(stage.keys("head/e-"), IsEmpty());
}

TEST(P10, ALateBulkTwinMayGoWhileItIsRead) {
  Stage stage;
  auto context = stage.process();
  Player recorder(stage, [&] { record(context, "x", 0, "a"); });
  recorder.expect(Request::create, "head/j-", Cue::late);
  ASSERT_FALSE(recorder.go());  // repeated, and acknowledged
  const std::string key = stage.keys("head/j-").front();
  seal_collect_and_forget(stage);
  ASSERT_THAT(stage.keys("head/j-"), IsEmpty());
  stage.deliver();  // the twin
  ASSERT_THAT(stage.keys("head/j-"), ElementsAre(key));
  auto journaling = stage.process();
  Player journaler(stage, [&] { engine::journal(*journaling, {}); });
  journaler.go_to(Request::get, key, Cue::stop_after);  // it has read the tail
  auto store = stage.process()->store;
  store->remove(std::vector{key});  // a DELETE of the first self arrives
  EXPECT_NO_THROW(journaler.go());
  EXPECT_THAT(stage.shown(), ElementsAre("x@0=a", "later@9=later"));
}

// What may have happened is not reported as if it had not.
TEST(Outcomes, AnErrorAfterALostAnswerIsUnknown) {
  Stage stage;
  engine::put_event(*stage.process(), event("x", 0, "a"));
  auto context = stage.process();
  Player writer(stage, [&] { engine::update_event(*context, "x", "b", {}); });
  writer.go_to(Request::create, single("x", 2));
  stage.advance(patience);
  // It is late, so it looks again, and gets no answer.
  writer.expect(Request::list, "head/", Cue::no_answer, 50);
  EXPECT_THROW(writer.go(), OutcomeUnknown);
  EXPECT_EQ(stage.get("x"), "b");
}

TEST(Outcomes, AFullStoreAfterALostAnswerIsUnknown) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "a")); });
  writer.expect(Request::create, single("x", 1), Cue::late);
  writer.expect(Request::create, single("x", 1), Cue::full);
  EXPECT_THROW(writer.go(), OutcomeUnknown);
  stage.deliver();
  EXPECT_EQ(stage.get("x"), "a");
}

TEST(Outcomes, ADamagedAnswerDoesNotMakeTheOwnObjectForeign) {
  Stage stage;
  auto context = stage.process();
  Player writer(stage, [&] { engine::put_event(*context, event("x", 0, "a")); });
  writer.expect(Request::create, single("x", 1), Cue::lose_answer);
  writer.expect(Request::get, single("x", 1), Cue::damage);
  EXPECT_FALSE(writer.go());
  EXPECT_EQ(stage.get("x"), "a");
}

}  // namespace
}  // namespace flashflood::simulation
