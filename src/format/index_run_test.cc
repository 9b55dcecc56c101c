#include "format/index_run.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;
using testing::index_part;
using testing::random_index_entries;

std::shared_ptr<const IndexTail> open(const Bytes& object, std::size_t guess) {
  BytesView whole = object;
  BytesView suffix = whole.substr(whole.size() - std::min(guess, whole.size()));
  std::uint64_t needed = index_tail_bytes(suffix, whole.size(), "i");
  if (needed > suffix.size()) suffix = whole.substr(whole.size() - needed);
  return parse_index_tail(suffix, whole.size(), "i");
}

std::optional<IndexEntry> look_up(const Bytes& object, const IndexTail& tail, const IdHash& id,
                                  std::size_t* pages_read = nullptr) {
  auto span = tail.pages_of(id);
  if (!span) return std::nullopt;
  for (std::size_t page = span->first; page <= span->last; ++page) {
    BytesView bytes = BytesView(object).substr(index_page_offset(page), index_page_bytes);
    if (pages_read != nullptr) ++*pages_read;
    for (const IndexEntry& entry : decode_index_page(bytes, page, "i")) {
      if (entry.id == id) return entry;
    }
  }
  return std::nullopt;
}

TEST(IndexPart, EveryEntryIsFound) {
  for (std::size_t count : {1, 2, 408, 409, 410, 818, 819, 5000}) {
    SCOPED_TRACE(count);
    Dice dice(count);
    std::vector<IndexEntry> entries = random_index_entries(dice, count);
    IndexPartBuilder builder;
    for (const IndexEntry& entry : entries) builder.add(entry);
    EXPECT_EQ(builder.entries(), count);
    std::size_t size = (count + 408) / 409 * index_page_bytes;
    EXPECT_GE(builder.size(), size - index_page_bytes);
    Bytes object = builder.finish();
    for (std::size_t guess : {index_footer_bytes, object.size()}) {
      auto tail = open(object, guess);
      EXPECT_EQ(tail->entries(), count);
      EXPECT_EQ(tail->pages(), (count + 408) / 409);
      EXPECT_GT(tail->memory_bytes(), 0u);
      std::size_t pages_read = 0;
      for (const IndexEntry& entry : entries) {
        EXPECT_TRUE(tail->may_hold(entry.id));
        EXPECT_EQ(look_up(object, *tail, entry.id, &pages_read), entry);
      }
      EXPECT_LE(pages_read, count + tail->pages());
    }
  }
}

TEST(IndexPart, TheFilterIsWrongForLessThanOneIn250) {
  Dice dice(7);
  std::vector<IndexEntry> entries = random_index_entries(dice, 200'000);
  // A part of a run holds a narrow range of hashes: their first bytes are all alike.
  for (IndexEntry& entry : entries) entry.id.bytes[0] = 0x5a;
  std::sort(entries.begin(), entries.end(),
            [](const IndexEntry& a, const IndexEntry& b) { return a.id < b.id; });
  auto tail = open(index_part(entries), 100);
  std::size_t wrong = 0;
  constexpr std::size_t tries = 500'000;
  for (std::size_t i = 0; i < tries; ++i) {
    IdHash id;
    for (unsigned char& c : id.bytes) c = static_cast<unsigned char>(dice.any());
    id.bytes[0] = 0x5a;
    wrong += tail->may_hold(id) ? 1 : 0;
  }
  RecordProperty("wrong", static_cast<int>(wrong));
  EXPECT_LT(wrong, tries / 250);
  EXPECT_GT(wrong, 0u);
}

TEST(IndexPart, EqualPrefixesAtPageBordersAreFound) {
  // 3,000 entries whose first 8 bytes take few values, so that runs of equal ones begin and end
  // everywhere in pages and cover whole pages.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    std::vector<IndexEntry> entries = random_index_entries(dice, 3000);
    for (IndexEntry& entry : entries) {
      auto value = static_cast<unsigned char>(1 + dice.below(1 + seed * 3));
      std::fill_n(entry.id.bytes.begin(), 8, value);
    }
    std::sort(entries.begin(), entries.end(),
              [](const IndexEntry& a, const IndexEntry& b) { return a.id < b.id; });
    Bytes object = index_part(entries);
    auto tail = open(object, 100);
    for (const IndexEntry& entry : entries) {
      EXPECT_EQ(look_up(object, *tail, entry.id), entry);
    }
    EXPECT_FALSE(tail->pages_of(IdHash{}));
  }
}

TEST(IndexPart, TheBuilderRefusesWhatIsOutOfOrder) {
  IndexPartBuilder builder;
  IndexEntry entry;
  entry.id.bytes[0] = 5;
  builder.add(entry);
  EXPECT_THROW(builder.add(entry), InvalidArgument);
  entry.id.bytes[0] = 4;
  EXPECT_THROW(builder.add(entry), InvalidArgument);
  entry.id.bytes[0] = 6;
  entry.kind = static_cast<EntryKind>(0);
  EXPECT_THROW(builder.add(entry), InvalidArgument);
  EXPECT_EQ(builder.entries(), 1u);
  EXPECT_THROW(IndexPartBuilder().finish(), InvalidArgument);
}

TEST(IndexPart, TheSizeIsThatOfTheFinishedObject) {
  for (std::size_t count : {1, 409, 1000}) {
    Dice dice(count);
    IndexPartBuilder builder;
    for (const IndexEntry& entry : random_index_entries(dice, count)) builder.add(entry);
    std::size_t size = builder.size();
    EXPECT_EQ(builder.finish().size(), size);
  }
}

TEST(IndexPart, APageInTheWrongPlaceIsNoticed) {
  Dice dice(3);
  Bytes object = index_part(random_index_entries(dice, 1000));
  auto tail = open(object, 100);
  BytesView page = BytesView(object).substr(index_page_offset(1), index_page_bytes);
  EXPECT_NO_THROW(decode_index_page(page, 1, "i"));
  EXPECT_THROW(decode_index_page(page, 0, "i"), CorruptData);
  EXPECT_THROW(decode_index_page(page.substr(1), 1, "i"), CorruptData);
}

TEST(IndexRun, ThePlaceOfAHashIsGuessedToAFewPages) {
  Dice dice(11);
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{400}, std::size_t{5000}, std::size_t{200'000}}) {
    const auto entries = random_index_entries(dice, count);
    const IndexPartInfo part{count, entries.front().id, entries.back().id};
    std::size_t elsewhere = 0, pages_most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto pages = guess_index_pages(part, entries[i].id);
      const std::size_t page = i / index_page_entries;
      ASSERT_LE(pages.last, (count - 1) / index_page_entries);
      elsewhere += page < pages.first || page > pages.last ? 1 : 0;
      pages_most = std::max(pages_most, pages.last - pages.first + 1);
    }
    EXPECT_LE(elsewhere, count / 1000);
    EXPECT_LE(pages_most, 6u);
  }
}

TEST(IndexRun, AllPagesButTheLastAreFull) {
  EXPECT_EQ(entries_of_page(1, 0), 1u);
  EXPECT_EQ(entries_of_page(409, 0), 409u);
  EXPECT_EQ(entries_of_page(410, 0), 409u);
  EXPECT_EQ(entries_of_page(410, 1), 1u);
}

}  // namespace
}  // namespace flashflood::format
