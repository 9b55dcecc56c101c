#include "engine/state/catalog_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/test_flood.h"
#include "format/test_objects.h"

namespace flashflood::engine::testing {
namespace {

using format::Catalog;
using format::SealedJournal;
using format::testing::Dice;

SealedJournal random_journal(Dice& dice) {
  auto from = static_cast<std::int64_t>(dice.below(100'000));
  SealedJournal journal;
  journal.from = at(from);
  journal.to = at(from + static_cast<std::int64_t>(dice.below(10) ? dice.below(50) : 20'000));
  journal.name = {1, dice.token()};
  journal.entries = 1 + dice.below(100);
  journal.raw_bytes = 1000;
  journal.object_bytes = 500;
  return journal;
}

// A catalog and the plain vector it should equal.
struct Pair {
  MemoryFlood memory;
  Catalog catalog;
  std::vector<SealedJournal> journals;

  EditedJournals edit(const JournalsEdit& edit) {
    auto edited = edit_journals(*memory.flood.context, catalog, edit, 1);
    if (!edited) throw std::runtime_error("refused");
    for (const auto& [key, bytes] : edited->new_pages) memory.memory->put(key, bytes);
    ++catalog.number;
    catalog.journals = edited->journals;
    catalog.pages = edited->pages;
    std::vector<SealedJournal> kept, removed = edit.removed;
    std::sort(removed.begin(), removed.end());
    std::set_difference(journals.begin(), journals.end(), removed.begin(), removed.end(),
                        std::back_inserter(kept));
    kept.insert(kept.end(), edit.added.begin(), edit.added.end());
    std::sort(kept.begin(), kept.end());
    journals = std::move(kept);
    // What is written can be read back.
    Catalog back = format::decode_catalog(format::encode_catalog(catalog), "catalog");
    EXPECT_EQ(back, catalog);
    return *edited;
  }
  void check_between(std::optional<Timestamp> from, std::optional<Timestamp> to) {
    std::vector<SealedJournal> expected;
    for (const auto& journal : journals)
      if ((!from || journal.to > *from) && (!to || journal.from <= *to))
        expected.push_back(journal);
    EXPECT_EQ(journals_between(*memory.flood.context, catalog, from, to), expected);
  }
};

TEST(CatalogPages, EqualAVectorUnderRandomEdits) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Pair pair;
    for (int step = 0; step < 40; ++step) {
      JournalsEdit edit;
      std::size_t adds = dice.below(8) == 0 ? dice.below(3000) : dice.below(20);
      for (std::size_t i = 0; i < adds; ++i) edit.added.push_back(random_journal(dice));
      std::size_t removes = dice.below(8) == 0 ? pair.journals.size() : dice.below(20);
      auto rest = pair.journals;
      for (std::size_t i = 0; i < removes && !rest.empty(); ++i) {
        std::swap(rest[dice.below(rest.size())], rest.back());
        edit.removed.push_back(rest.back());
        rest.pop_back();
      }
      auto edited = pair.edit(edit);
      EXPECT_EQ(pair.catalog.pages.empty(), pair.journals.size() <= root_journals_max);
      std::size_t count = 0;
      for (const auto& page : pair.catalog.pages) {
        EXPECT_GT(page.count, 0u);
        EXPECT_LE(page.count, page_journals_max);
        count += page.count;
      }
      if (!pair.catalog.pages.empty()) {
        EXPECT_EQ(count, pair.journals.size());
      }
      pair.check_between({}, {});
      for (int i = 0; i < 5; ++i) {
        auto from = at(static_cast<std::int64_t>(dice.below(100'000)));
        pair.check_between(from, from + std::chrono::microseconds{dice.below(1000)});
      }
      pair.check_between(at(50'000), {});
      pair.check_between({}, at(50'000));
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(CatalogPages, AnEditRewritesOnlyThePagesItTouches) {
  Dice dice(1);
  Pair pair;
  JournalsEdit fill;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    SealedJournal journal = random_journal(dice);
    journal.from = at(i * 10);
    journal.to = at(i * 10 + 5);
    fill.added.push_back(journal);
  }
  pair.edit(fill);
  ASSERT_GE(pair.catalog.pages.size(), 20u);
  // As time goes on: new journals come at the end, neighbours are merged.
  for (std::int64_t i = 0; i < 50; ++i) {
    JournalsEdit edit;
    SealedJournal next = random_journal(dice);
    next.from = at(1'000'000 + i);
    next.to = at(1'000'001 + i);
    edit.added.push_back(next);
    if (i % 5 == 0) {
      edit.removed.assign(pair.journals.begin() + 5000, pair.journals.begin() + 5004);
      SealedJournal merged = random_journal(dice);
      merged.from = edit.removed.front().from;
      merged.to = edit.removed.back().to;
      edit.added.push_back(merged);
    }
    auto edited = pair.edit(edit);
    EXPECT_LE(edited.new_pages.size(), 4u);
    EXPECT_LE(edited.retired_pages.size(), 4u);
  }
  // A narrow range reads one page or two.
  TestFlood fresh = TestFlood(pair.memory.counting, pair.memory.env);
  auto before = pair.memory.counting->counts();
  journals_between(*fresh.context, pair.catalog, at(70'000), at(70'010));
  EXPECT_LE((pair.memory.counting->counts() - before).get, 2u);
}

TEST(CatalogPages, RefuseToRemoveWhatIsNotThere) {
  Dice dice(1);
  for (std::size_t count : {10, 2000}) {
    Pair pair;
    JournalsEdit fill;
    for (std::size_t i = 0; i < count; ++i) fill.added.push_back(random_journal(dice));
    pair.edit(fill);
    JournalsEdit edit;
    edit.removed.push_back(random_journal(dice));
    EXPECT_FALSE(edit_journals(*pair.memory.flood.context, pair.catalog, edit, 1));
    edit.removed = {pair.journals[0], random_journal(dice)};
    EXPECT_FALSE(edit_journals(*pair.memory.flood.context, pair.catalog, edit, 1));
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
