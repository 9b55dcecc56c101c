#include "engine/state/id_index.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/test_flood.h"
#include "format/test_objects.h"

namespace flashflood::engine::testing {
namespace {

using format::IndexEntry;
using format::IndexRun;
using format::testing::Dice;

// Several runs that share ids, and what they mean together.
struct Runs {
  MemoryFlood memory;
  std::vector<IndexRun> runs;
  std::map<IdHash, IndexEntry> newest;

  Runs(std::uint64_t seed, std::size_t run_count, std::size_t entries_max) {
    Dice dice(seed);
    std::vector<IdHash> known;
    for (std::size_t r = 0; r < run_count; ++r) {
      auto entries = format::testing::random_index_entries(dice, 1 + dice.below(entries_max));
      std::map<IdHash, IndexEntry> run;
      for (IndexEntry& entry : entries) {
        if (!known.empty() && dice.below(3) == 0) entry.id = known[dice.below(known.size())];
        run[entry.id] = entry;
      }
      IndexRunWriter writer(*memory.flood.context, 1);
      for (const auto& [id, entry] : run) {
        writer.add(entry);
        newest[id] = entry;
        known.push_back(id);
      }
      runs.push_back(writer.finish());
    }
  }
  IndexView view() const { return {1, runs}; }
};

IdHash unknown_id(std::size_t i) { return IdHash::of("unknown-" + std::to_string(i)); }

TEST(IdIndex, FindsTheNewestEntryOfEachId) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Runs index(seed, 1 + seed % 4, 3000);
    const Context& context = *index.memory.flood.context;
    for (const auto& [id, entry] : index.newest)
      EXPECT_EQ(find_in_index(context, index.view(), id), entry);
    for (std::size_t i = 0; i < 200; ++i)
      EXPECT_FALSE(find_in_index(context, index.view(), unknown_id(i)));
  }
}

TEST(IdIndex, FindsManyAtOnce) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Runs index(seed, 1 + seed % 5, seed % 3 ? 500 : 20'000);
    Dice dice(seed);
    std::vector<IdHash> ids;
    for (const auto& item : index.newest)
      if (dice.below(1 + seed % 7) == 0) ids.push_back(item.first);
    for (std::size_t i = 0; i < 50; ++i) ids.push_back(unknown_id(i));
    std::sort(ids.begin(), ids.end());
    std::map<std::size_t, IndexEntry> found;
    find_many_in_index(*index.memory.flood.context, index.view(), ids,
                       [&](std::size_t position, const IndexEntry& entry) {
                         EXPECT_TRUE(found.emplace(position, entry).second) << "found twice";
                       });
    for (std::size_t i = 0; i < ids.size(); ++i) {
      auto expected = index.newest.find(ids[i]);
      ASSERT_EQ(found.contains(i), expected != index.newest.end());
      if (found.contains(i)) {
        ASSERT_EQ(found[i], expected->second);
      }
    }
  }
}

TEST(IdIndex, IsScannedInOrderWithEachIdOnce) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Runs index(seed, seed % 6, 5000);
    auto next = index.newest.begin();
    scan_index(*index.memory.flood.context, index.view(), [&](const IndexEntry& entry) {
      ASSERT_TRUE(next != index.newest.end());
      ASSERT_EQ(entry, next->second);
      ++next;
    });
    EXPECT_TRUE(next == index.newest.end());
  }
}

TEST(IdIndex, ALookUpReadsOnePageOfAKnownRun) {
  Runs index(7, 1, 100'000);
  TestFlood warm(index.memory.counting, index.memory.env);
  find_in_index(*warm.context, index.view(), index.newest.begin()->first);
  find_in_index(*warm.context, index.view(), index.newest.begin()->first);  // it pays to know it
  auto before = index.memory.counting->counts();
  std::size_t looked_up = 0;
  for (auto it = index.newest.begin(); it != index.newest.end() && looked_up < 100; ++it) {
    EXPECT_TRUE(find_in_index(*warm.context, index.view(), it->first));
    ++looked_up;
  }
  auto counts = index.memory.counting->counts() - before;
  EXPECT_EQ(counts.get, looked_up);
  EXPECT_LE(counts.bytes_read, looked_up * 2 * format::index_page_bytes);
}

TEST(IdIndex, AFirstLookUpReadsAFewPagesOfARunOnce) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Runs index(seed, 1, seed == 4 ? 100'000 : 300 * seed);
    OpenOptions forgetful;
    forgetful.cache_bytes = 0;
    TestFlood cold(index.memory.counting, index.memory.env, forgetful);
    const auto before = index.memory.counting->counts();
    std::size_t looked_up = 0;
    for (auto it = index.newest.begin(); looked_up < 300 && it != index.newest.end(); ++looked_up) {
      ASSERT_EQ(find_in_index(*cold.context, index.view(), it->first), it->second);
      const std::ptrdiff_t step = seed == 4 ? 331 : 1;
      std::advance(it, std::min(step, std::distance(it, index.newest.end())));
    }
    for (std::size_t i = 0; i < 50; ++i)
      EXPECT_FALSE(find_in_index(*cold.context, index.view(), unknown_id(i)));
    const auto counts = index.memory.counting->counts() - before;
    EXPECT_LE(counts.get, looked_up + 50 + 3);  // a place far from where it was guessed is rare
    EXPECT_LE(counts.bytes_read, (looked_up + 50) * 6 * format::index_page_bytes);
  }
}

TEST(IdIndex, AnEmptyRunHasNoParts) {
  MemoryFlood memory;
  IndexRunWriter writer(*memory.flood.context, 1);
  EXPECT_TRUE(writer.finish().parts.empty());
}

}  // namespace
}  // namespace flashflood::engine::testing
