#include "engine/read/merge.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/read/merge_entries.h"
#include "engine/state/rank.h"
#include "engine/test_flood.h"
#include "format/test_objects.h"

namespace flashflood::engine::testing {
namespace {

using format::Entry;
using format::EntryClass;
using format::EntryKind;
using format::EntryView;
using format::testing::Dice;

Entry entry_of(std::string id, std::int64_t date, EntryClass entry_class, std::uint64_t order,
               EntryKind kind = EntryKind::put, std::string data = "") {
  Entry entry;
  entry.id = std::move(id);
  entry.date = at(date);
  entry.entry_class = entry_class;
  entry.order = order;
  entry.kind = kind;
  entry.data = std::move(data);
  return entry;
}

int compare(const Entry& a, const Entry& b) {
  int result = compare_entries(a.view(), b.view());
  EXPECT_EQ(result > 0, compare_entries(b.view(), a.view()) < 0);
  return result;
}

TEST(Rank, SingleOperationsWinByRevisionAndBulkEntriesByArrival) {
  auto single1 = entry_of("x", 1, EntryClass::single, 1);
  auto removed2 = entry_of("x", 1, EntryClass::single, 2, EntryKind::remove);
  auto early = entry_of("x", 1, EntryClass::bulk, 100);
  auto late = entry_of("x", 1, EntryClass::bulk, 200);
  auto marker = entry_of("x", 1, EntryClass::bulk, 0, EntryKind::hidden);
  EXPECT_GT(compare(removed2, single1), 0);
  EXPECT_GT(compare(single1, early), 0);
  EXPECT_GT(compare(early, late), 0);
  EXPECT_GT(compare(marker, early), 0);
  EXPECT_GT(compare(single1, marker), 0);
  EXPECT_EQ(compare(early, early), 0);
}

TEST(Rank, OfOneArrivalTheContentsDecideAlwaysAlike) {
  auto a = entry_of("x", 1, EntryClass::bulk, 100, EntryKind::put, "one");
  auto b = entry_of("x", 1, EntryClass::bulk, 100, EntryKind::put, "two");
  EXPECT_NE(compare(a, b), 0);
  EXPECT_EQ(compare(a, b) > 0, content_hash(a.view()) < content_hash(b.view()));
  EXPECT_EQ(compare_ranks(rank_of(a.view()), rank_of(b.view())), 0);
}

TEST(Rank, IsAnOrder) {
  Dice dice(3);
  std::vector<Entry> entries;
  for (int i = 0; i < 40; ++i)
    entries.push_back(entry_of("x", static_cast<std::int64_t>(dice.below(2)),
                               dice.below(2) ? EntryClass::single : EntryClass::bulk, dice.below(3),
                               dice.below(4) ? EntryKind::put : EntryKind::hidden,
                               std::string(dice.below(3), 'd')));
  for (const auto& a : entries)
    for (const auto& b : entries)
      for (const auto& c : entries)
        if (compare_entries(a.view(), b.view()) > 0 && compare_entries(b.view(), c.view()) > 0) {
          EXPECT_GT(compare_entries(a.view(), c.view()), 0);
        }
}

// Entries of a run, one at each (date, id). `dates`: how many different ones.
std::vector<Entry> random_run(Dice& dice, std::uint64_t dates, std::int64_t first) {
  std::map<std::pair<Timestamp, std::string>, Entry> entries;
  for (std::uint64_t i = 0, count = 1 + dice.below(400); i < count; ++i) {
    bool single = dice.below(3) == 0;
    std::uint64_t order = 1 + dice.below(50);
    // A revision has one content, wherever it lies.
    auto kind = single && order % 3 == 0 ? EntryKind::remove : EntryKind::put;
    std::string data = single ? std::string(order, 'r') : dice.bytes(dice.below(300));
    Entry entry = entry_of("id-" + std::to_string(dice.below(40)),
                           first + static_cast<std::int64_t>(dice.below(dates)),
                           single ? EntryClass::single : EntryClass::bulk, order, kind, data);
    entries[{entry.date, entry.id}] = entry;
  }
  std::vector<Entry> sorted;
  for (auto& item : entries) sorted.push_back(item.second);
  return sorted;
}

// Of the runs a random choice that the merge opens only when it comes to them. They may begin later
// than is said beforehand.
std::unique_ptr<RunQueue> take_some_for_later(const Context& context, Dice& dice,
                                              std::vector<std::unique_ptr<engine::Run>>& runs) {
  auto waiting = std::make_shared<std::vector<std::unique_ptr<engine::Run>>>();
  std::vector<format::SealedJournal> journals;
  for (auto& run : runs) {
    if (dice.below(2)) continue;
    format::SealedJournal journal;
    journal.from = run->block(0).first - std::chrono::microseconds(dice.below(3) * dice.below(200));
    journal.name.epoch = waiting->size();
    journals.push_back(journal);
    waiting->push_back(std::move(run));
  }
  std::erase(runs, nullptr);
  std::sort(journals.begin(), journals.end());
  return std::make_unique<RunQueue>(
      context, std::move(journals),
      [waiting](const format::SealedJournal& journal) {
        return std::move((*waiting)[static_cast<std::size_t>(journal.name.epoch)]);
      },
      std::make_shared<ReadAhead>(dice.below(2) * (std::size_t{64} << 20)));
}

TEST(Merge, EqualsANaiveMerge) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    MemoryFlood memory;
    const Context& context = *memory.flood.context;
    Dice dice(seed);
    std::map<std::pair<Timestamp, std::string>, Entry> expected;
    std::vector<std::unique_ptr<engine::Run>> runs;
    for (std::uint64_t r = 0, count = dice.below(6); r < count; ++r) {
      // Runs over the same dates, over neighbouring ones, and over others.
      auto entries = random_run(dice, 1 + dice.below(300),
                                static_cast<std::int64_t>(dice.below(3) * dice.below(400)));
      auto run = std::make_unique<MemoryRun>(context, format::testing::views(entries));
      if (dice.below(2)) run->arrival = 1 + dice.below(60);
      run->sealed = dice.below(2);
      for (Entry& entry : entries) {
        if (run->arrival && entry.entry_class == EntryClass::bulk) entry.order = run->arrival;
        auto [there, added] = expected.try_emplace({entry.date, entry.id}, entry);
        if (!added && compare_entries(entry.view(), there->second.view()) > 0)
          there->second = entry;
      }
      runs.push_back(std::move(run));
    }
    auto later = dice.below(2) ? take_some_for_later(context, dice, runs) : nullptr;
    Merge merge(context, std::move(runs), std::move(later));
    auto next = expected.begin();
    for_each_entry(context, merge, [&](const EntryView& entry) {
      ASSERT_TRUE(next != expected.end());
      EXPECT_TRUE(format::testing::same(entry, next->second.view()));
      ++next;
    });
    EXPECT_TRUE(next == expected.end());
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Merge, GivesWholeBlocksWhereRunsDoNotOverlap) {
  MemoryFlood memory;
  const Context& context = *memory.flood.context;
  std::vector<std::unique_ptr<engine::Run>> runs;
  std::size_t blocks = 0;
  for (std::int64_t r = 0; r < 3; ++r) {
    std::vector<Entry> entries;
    for (std::int64_t i = 0; i < 100; ++i)
      entries.push_back(
          entry_of("x", r * 1000 + i, EntryClass::bulk, 1, EntryKind::put, std::string(200, 'd')));
    runs.push_back(std::make_unique<MemoryRun>(context, format::testing::views(entries)));
    blocks += runs.back()->size();
  }
  Merge merge(context, std::move(runs));
  std::size_t pieces = 0, entries = 0;
  while (auto piece = merge.next()) {
    ++pieces;
    piece->open();
    entries += piece->size();
  }
  EXPECT_EQ(pieces, blocks);
  EXPECT_EQ(entries, 300u);
}

}  // namespace
}  // namespace flashflood::engine::testing
