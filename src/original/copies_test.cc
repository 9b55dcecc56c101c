#include "original/copies.h"

#include <gtest/gtest.h>

namespace flashflood::original {
namespace {

Timestamp at(int second) { return Timestamp(std::chrono::seconds(1'574'676'000 + second)); }

constexpr std::optional<Timestamp> as_put{};

EventCopy copy(std::size_t journal, std::optional<Timestamp> version, int date = 0) {
  return {journal, 0, version, at(date)};
}

EventMarker update(std::size_t number, int second, std::optional<std::size_t> journal) {
  return {number, at(second), Action::update, journal};
}

EventMarker removal(std::size_t number, int second, std::optional<std::size_t> journal) {
  return {number, at(second), Action::remove, journal};
}

Verdict judged(const std::vector<EventCopy>& copies, const std::vector<EventMarker>& markers) {
  return judge(copies, markers, [] {
    ADD_FAILURE() << "the index is not needed";
    return true;
  });
}

TEST(OriginalCopies, OfUpdatesTheNewestCounts) {
  const Verdict verdict =
      judged({copy(3, as_put)}, {update(0, 20, 3), update(1, 30, 3), update(2, 10, 3)});
  EXPECT_EQ(verdict.copy, 0u);
  EXPECT_EQ(verdict.update, 1u);
  EXPECT_EQ(verdict.superseded, 2u);
  EXPECT_FALSE(verdict.deleted);
}

TEST(OriginalCopies, ADeleteAfterAnUpdateDeletes) {
  const Verdict verdict = judged({copy(3, at(5))}, {update(0, 20, 3), removal(1, 30, 3)});
  EXPECT_EQ(verdict.copy, std::nullopt);
  EXPECT_TRUE(verdict.deleted);
  EXPECT_EQ(verdict.superseded, 1u);
}

TEST(OriginalCopies, AnUpdateAfterADeleteUpdates) {
  const Verdict verdict = judged({copy(3, at(5))}, {removal(0, 20, 3), update(1, 30, 3)});
  EXPECT_EQ(verdict.copy, 0u);
  EXPECT_EQ(verdict.update, 1u);
}

TEST(OriginalCopies, OfCopiesThatOfTheNewestJournalCounts) {
  const Verdict verdict = judged({copy(0, as_put), copy(1, at(10)), copy(2, at(20))}, {});
  EXPECT_EQ(verdict.copy, 2u);
  EXPECT_EQ(verdict.duplicates, 2u);
}

TEST(OriginalCopies, OfTwoPutsTheLaterDateCountsInAnyOrder) {
  EXPECT_EQ(judged({copy(0, as_put, 7), copy(1, as_put, 9)}, {}).copy, 1u);
  EXPECT_EQ(judged({copy(1, as_put, 9), copy(0, as_put, 7)}, {}).copy, 0u);
  EXPECT_EQ(judged({copy(0, as_put, 7), copy(1, as_put, 7)}, {}).copy, 1u);
  EXPECT_EQ(judged({copy(1, as_put, 7), copy(0, as_put, 7)}, {}).copy, 0u);
}

// A crash inside journaling: the journal is there, and what it was made of, with its markers.
TEST(OriginalCopies, WhatACrashLeftIsOneEvent) {
  const Verdict both = judged({copy(0, as_put), copy(1, at(50))}, {update(0, 20, 0)});
  EXPECT_EQ(both.copy, 1u);
  EXPECT_EQ(both.update, std::nullopt);
  EXPECT_EQ(both.duplicates, 1u);
  EXPECT_EQ(both.superseded, 1u);
}

TEST(OriginalCopies, AnUpdateThatJournalingDidNotSeeCounts) {
  const Verdict verdict = judged({copy(0, as_put), copy(1, at(50))}, {update(0, 60, 0)});
  EXPECT_EQ(verdict.copy, 0u);
  EXPECT_EQ(verdict.update, 0u);
  EXPECT_EQ(verdict.duplicates, 1u);
}

TEST(OriginalCopies, AnUpdateOfAJournalThatIsGoneCountsWhenItIsNewer) {
  const Verdict newer = judged({copy(1, at(50))}, {update(0, 60, std::nullopt)});
  EXPECT_EQ(newer.copy, 0u);
  EXPECT_EQ(newer.update, 0u);
  const Verdict older = judged({copy(1, at(50))}, {update(0, 40, std::nullopt)});
  EXPECT_EQ(older.update, std::nullopt);
  EXPECT_EQ(older.superseded, 1u);
}

TEST(OriginalCopies, AMarkerOfAJournalThatIsGoneDoesNotMeanALaterPut) {
  const Verdict verdict = judged({copy(1, as_put)}, {removal(0, 60, std::nullopt)});
  EXPECT_EQ(verdict.copy, 0u);
  EXPECT_FALSE(verdict.deleted);
  EXPECT_EQ(verdict.superseded, 1u);
}

// The original finds the journal of "ab" when it looks for "a".
TEST(OriginalCopies, AMarkerUnderAnotherEventsJournalMeansItsEvent) {
  EXPECT_EQ(judged({copy(1, as_put)}, {update(0, 60, 7)}).update, 0u);
  EXPECT_TRUE(judged({copy(1, as_put)}, {removal(0, 60, 7)}).deleted);
}

TEST(OriginalCopies, PutAgainAfterADeleteOrACopyOfWhatWasDeleted) {
  const std::vector<EventCopy> copies{copy(0, at(10)), copy(1, as_put)};
  const std::vector<EventMarker> markers{removal(0, 20, 0)};
  const Verdict alive = judge(copies, markers, [] { return true; });
  EXPECT_EQ(alive.copy, 1u);
  EXPECT_TRUE(alive.deleted);
  EXPECT_EQ(alive.duplicates, 0u);
  EXPECT_EQ(alive.superseded, 0u);
  const Verdict dead = judge(copies, markers, [] { return false; });
  EXPECT_EQ(dead.copy, std::nullopt);
  EXPECT_TRUE(dead.deleted);
  EXPECT_EQ(dead.duplicates, 1u);
}

TEST(OriginalCopies, PutAgainAndJournaledAfterADelete) {
  const Verdict verdict = judged({copy(0, at(10)), copy(1, at(30))}, {removal(0, 20, 0)});
  EXPECT_EQ(verdict.copy, 1u);
  EXPECT_TRUE(verdict.deleted);
}

TEST(OriginalCopies, TwiceInOneJournal) {
  const Verdict verdict =
      judged({{4, 0, at(10), at(0)}, {4, 9, at(10), at(0)}}, {update(0, 20, 4)});
  EXPECT_EQ(verdict.copy, 1u);
  EXPECT_EQ(verdict.update, 0u);
  EXPECT_EQ(verdict.duplicates, 1u);
  EXPECT_EQ(verdict.superseded, 0u);
}

}  // namespace
}  // namespace flashflood::original
