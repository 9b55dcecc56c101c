// Encoding, choosing merges, sealing and merging.
#include "engine/journal/journaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/journal/compact.h"
#include "engine/journal/seal.h"
#include "engine/journal/sealed_writer.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/cut_blocks.h"
#include "engine/test_flood.h"
#include "engine/upkeep/inventory.h"
#include "format/test_objects.h"

namespace flashflood::engine::testing {
namespace {

using format::Entry;
using format::EntryView;
using format::SealedJournal;

std::vector<Entry> entries_of(const std::vector<std::pair<std::int64_t, std::size_t>>& sizes) {
  std::vector<Entry> entries;
  for (auto [date, size] : sizes)
    entries.push_back(format::testing::small_entry("id-" + std::to_string(1000 + entries.size()),
                                                   date, std::string(size - 7, 'd')));
  return entries;
}

TEST(ForEachBlock, CutsByBytesAndGivesLargeEntriesTheirOwn) {
  MemoryFlood memory;
  auto entries = entries_of({{1, 2000}, {2, 2000}, {3, 2000}, {4, 9000}, {5, 100}, {6, 3996}});
  std::vector<std::size_t> counts;
  for_each_block(*memory.flood.context, format::testing::views(entries),
                 [&](std::span<const EntryView> rows) { counts.push_back(rows.size()); });
  EXPECT_EQ(counts, (std::vector<std::size_t>{2, 1, 1, 2}));
  for_each_block(*memory.flood.context, {},
                 [&](std::span<const EntryView>) { ADD_FAILURE() << "a block of nothing"; });
}

std::vector<SealedJournal> write(const MemoryFlood& memory, const std::vector<Entry>& entries,
                                 std::size_t journal_bytes) {
  SealedWriter writer(*memory.flood.context, 3, journal_bytes);
  for (const Entry& entry : entries) writer.add(entry.view());
  return writer.finish();
}

TEST(SealedWriter, CutsBetweenDatesWhereThatIsNear) {
  MemoryFlood memory;
  std::vector<std::pair<std::int64_t, std::size_t>> sizes;
  for (std::int64_t i = 0; i < 100; ++i) sizes.push_back({i / 2, 1000});
  auto journals = write(memory, entries_of(sizes), 9000);
  ASSERT_EQ(journals.size(), 10u);
  for (std::size_t i = 0; i < journals.size(); ++i) {
    EXPECT_EQ(journals[i].entries, 10u);
    EXPECT_EQ(journals[i].raw_bytes, 10'000u);
    EXPECT_EQ(journals[i].name.epoch, 3u);
    if (i > 0) {
      EXPECT_GT(journals[i].from, journals[i - 1].to);
    }
    auto object = memory.memory->get(journals[i].key(), ByteRange::whole());
    ASSERT_TRUE(object);
    EXPECT_EQ(object->bytes.size(), journals[i].object_bytes);
  }
}

TEST(SealedWriter, CutsWithinADateThatIsTooLong) {
  MemoryFlood memory;
  std::vector<std::pair<std::int64_t, std::size_t>> sizes(100, {7, 1000});
  auto journals = write(memory, entries_of(sizes), 8000);
  ASSERT_EQ(journals.size(), 10u);
  for (const auto& journal : journals) EXPECT_EQ(journal.raw_bytes, 10'000u);
}

TEST(SealedWriter, OfNothingWritesNothing) {
  MemoryFlood memory;
  EXPECT_TRUE(write(memory, {}, 8000).empty());
  EXPECT_TRUE(memory.flood.keys("journals/").empty());
}

SealedJournal journal_of(std::int64_t from, std::int64_t to, std::uint64_t raw_bytes) {
  SealedJournal journal = format::testing::small_sealed(from, to, 'j');
  journal.raw_bytes = raw_bytes;
  return journal;
}

TEST(ChooseMerge, LeavesWellAlone) {
  std::vector<SealedJournal> journals;
  EXPECT_TRUE(choose_merge(journals, 100).empty());
  for (std::int64_t i = 0; i < 20; ++i) journals.push_back(journal_of(i * 10, i * 10 + 5, 60));
  EXPECT_TRUE(choose_merge(journals, 100).empty());
  // Three small ones are not worth it.
  journals.insert(journals.end(), 3, journal_of(1000, 1001, 1));
  EXPECT_TRUE(choose_merge(journals, 100).empty());
}

TEST(ChooseMerge, TakesSmallNeighboursAndWhatOverlapsTooMuch) {
  std::vector<SealedJournal> small;
  for (std::int64_t i = 0; i < 6; ++i) small.push_back(journal_of(i * 10, i * 10 + 5, 10));
  EXPECT_EQ(choose_merge(small, 100).size(), 6u);
  EXPECT_EQ(choose_merge(small, 45).size(), 4u);
  // One that makes up most of the result is not rewritten for a few small ones.
  std::vector<SealedJournal> uneven{journal_of(0, 1, 90), journal_of(2, 3, 1), journal_of(4, 5, 1),
                                    journal_of(6, 7, 1)};
  EXPECT_TRUE(choose_merge(uneven, 100).empty());
  std::vector<SealedJournal> overlapping(8, journal_of(0, 100, 60));
  EXPECT_TRUE(choose_merge(overlapping, 100).empty());
  overlapping.push_back(journal_of(50, 60, 60));
  EXPECT_EQ(choose_merge(overlapping, 100).size(), 9u);
}

std::vector<format::IndexRun> runs_of(const std::vector<std::uint64_t>& entries) {
  std::vector<format::IndexRun> runs;
  for (std::uint64_t count : entries) {
    runs.emplace_back().parts.emplace_back();
    runs.back().parts[0].entries = count;
  }
  return runs;
}

TEST(ChooseIndexMerge, KeepsEachRunThreeTimesTheNextNewer) {
  EXPECT_EQ(choose_index_merge(runs_of({})), 0u);
  EXPECT_EQ(choose_index_merge(runs_of({5})), 0u);
  EXPECT_EQ(choose_index_merge(runs_of({40, 10, 3})), 0u);
  EXPECT_EQ(choose_index_merge(runs_of({1000, 10, 10})), 2u);
  EXPECT_EQ(choose_index_merge(runs_of({20, 10, 10})), 3u);
  EXPECT_EQ(choose_index_merge(runs_of({100, 1, 30})), 2u);
}

TEST(ChooseIndexMerge, KeepsRunsFewWhileAFloodGrows) {
  std::vector<std::uint64_t> runs;
  std::uint64_t rewritten = 0, total = 0;
  for (int i = 0; i < 2000; ++i) {
    runs.push_back(10);
    total += 10;
    if (std::size_t count = choose_index_merge(runs_of(runs))) {
      std::uint64_t sum = 0;
      for (std::size_t j = 0; j < count; ++j) {
        sum += runs.back();
        runs.pop_back();
      }
      runs.push_back(sum);
      rewritten += sum;
    }
    EXPECT_LE(runs.size(), 9u);
  }
  EXPECT_LE(rewritten, total * 24) << "each entry is rewritten too often";
}

TEST(Journal, SealsEverythingInPiecesWithinBounds) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  for (int i = 0; i < 7; ++i) flood.put("s" + std::to_string(i), at(i), "{}");
  for (int i = 0; i < 5; ++i) flood.record({{"r" + std::to_string(i), at(i), "{}"}});
  auto before = flood.replay();
  SealLimits limits;
  limits.singles_max = 2;
  limits.bulks_max = 2;
  JournalReport report;
  EXPECT_EQ(seal_pending(*flood.context, survey(*flood.context), limits, report),
            SealOutcome::sealed_some);
  EXPECT_EQ(report.sealed_events, 4u);
  EXPECT_EQ(report.pending_journals, 4u);
  EXPECT_EQ(flood.replay().size(), before.size());
  auto rest = flood.journal();
  EXPECT_EQ(rest.sealed_events, 8u);
  EXPECT_EQ(rest.pending_journals, 8u);
  EXPECT_EQ(flood.replay().size(), before.size());
  EXPECT_EQ(flood.journal().commits, 0u) << "nothing is left to do";
  EXPECT_TRUE(flood.problems().empty());
}

TEST(Journal, RefusesUnlessEnoughIsPending) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  flood.put("a", at(1), "{}");
  flood.record({{"b", at(1), "{}"}, {"c", at(1), "{}"}});
  JournalOptions options;
  options.min_events = 4;
  EXPECT_THROW(flood.journal(options), JournalingConditionNotMet);
  options.min_events = 3;
  options.min_bytes = 1 << 20;
  EXPECT_THROW(flood.journal(options), JournalingConditionNotMet);
  EXPECT_TRUE(flood.keys("journals/").empty());
  options.min_bytes = 1;
  EXPECT_EQ(flood.journal(options).sealed_events, 3u);
  options.journal_bytes = 1;
  EXPECT_THROW(flood.journal(options), InvalidArgument);
}

TEST(Journal, CountsTheDataThatIsPending) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  flood.put("a", at(1), "[1]");
  flood.put("b", at(2), "[22]");
  JournalOptions options;
  options.min_data_bytes = 8;
  EXPECT_THROW(flood.journal(options), JournalingConditionNotMet);
  EXPECT_TRUE(flood.keys("journals/").empty());
  options.min_data_bytes = 7;
  const JournalReport report = flood.journal(options);
  EXPECT_EQ(report.sealed_events, 2u);
  EXPECT_EQ(report.sealed_data_bytes, 7u);
  flood.record({{"c", at(1), std::string(100, 'c')}});
  options.min_data_bytes = 1 << 10;
  EXPECT_THROW(flood.journal(options), JournalingConditionNotMet);
  options.min_data_bytes = 100;
  EXPECT_EQ(flood.journal(options).sealed_events, 1u);
}

TEST(Journal, TellsHowFarItIsOfAllThatIsPending) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  flood.put("a", at(1), "[1]");
  flood.record({{"b", at(2), "[22]"}, {"c", at(3), "[333]"}});
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  std::uint64_t bytes = 0;
  JournalOptions options;
  options.progress = [&](const Progress& progress) {
    told.emplace_back(progress.events, progress.events_total);
    bytes = progress.bytes;
  };
  EXPECT_EQ(flood.journal(options).sealed_data_bytes, bytes);
  ASSERT_GE(told.size(), 2u);
  EXPECT_EQ(told.front(), std::pair(std::uint64_t{0}, std::uint64_t{3}));
  EXPECT_EQ(told.back(), std::pair(std::uint64_t{3}, std::uint64_t{3}));
  EXPECT_GE(bytes, 12u);
}

TEST(ListJournals, KnowsPendingOperationsThatItReads) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  flood.put("sealed", at(1), "{}");
  flood.journal();
  flood.put("a", at(2), "[1]");
  flood.put("late", at(9), "{}");
  auto listed = list_journals(*flood.context, {}, at(5), false);
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].from, at(1));
  for (std::size_t i : {1, 2}) EXPECT_EQ(listed[i].from, std::nullopt);
  auto read = list_journals(*flood.context, {}, at(5), true);
  ASSERT_EQ(read.size(), 2u) << "the late one lies beyond the range";
  EXPECT_EQ(read[0].key, listed[0].key);
  EXPECT_FALSE(read[1].sealed);
  EXPECT_EQ(read[1].from, at(2));
  EXPECT_EQ(read[1].to, at(2));
  EXPECT_EQ(read[1].data_bytes, 4u);
}

TEST(Journal, MergesSmallJournalsIntoFew) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  for (int i = 0; i < 40; ++i) {
    flood.record({{"a" + std::to_string(i), at(i), "{}"}});
    flood.journal();
  }
  auto catalog = load_head(*flood.context).catalog;
  EXPECT_LE(catalog->journals.size(), 10u);
  EXPECT_LE(catalog->index.size(), 5u);
  EXPECT_EQ(flood.replay().size(), 40u);
  EXPECT_TRUE(flood.problems().empty());
}

// Three recorded events of one id at three dates, sealed one by one in an order that is not that of
// their arrival: the first that arrived wins in the end, whatever hid it or was hidden meanwhile.
TEST(Journal, TheFirstArrivalWinsInWhateverOrderTheyAreSealed) {
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    for (std::int64_t second_at_date : {1, 2, 3}) {
      SCOPED_TRACE(::testing::PrintToString(order));
      MemoryFlood memory;
      const TestFlood& flood = memory.flood;
      std::vector<std::string> keys;
      const std::int64_t dates[] = {1, second_at_date, 3, 1};
      for (std::size_t i = 0; i < 4; ++i) {
        auto before = flood.keys("head/j-");
        flood.record({{"x", at(dates[i]), std::string(1, static_cast<char>('A' + i))}});
        for (const auto& key : flood.keys("head/j-"))
          if (std::find(before.begin(), before.end(), key) == before.end()) keys.push_back(key);
      }
      for (std::size_t i : order) {
        Survey surveyed = survey(*flood.context);
        std::erase_if(surveyed.head.bulks, [&](const auto& bulk) { return bulk.key != keys[i]; });
        JournalReport report;
        ASSERT_EQ(seal_pending(*flood.context, surveyed, {}, report), SealOutcome::sealed_all);
        EXPECT_EQ(flood.find("x")->data, "A");
      }
      for (int round = 0; round < 2; ++round) {
        auto events = flood.replay();
        ASSERT_EQ(events.size(), 1u);
        EXPECT_EQ(events[0].data, "A");
        EXPECT_EQ(flood.find("x")->data, "A");
        EXPECT_TRUE(flood.problems().empty());
        JournalReport report;
        merge_sealed(*flood.context, survey(*flood.context), std::size_t{1} << 20, report);
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace flashflood::engine::testing
