#include "format/catalog.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "format/envelope.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;
using testing::hash_from;
using testing::name_of;
using testing::small_catalog;
using testing::small_sealed;

std::vector<SealedJournal> random_journals(Dice& dice, std::size_t count) {
  std::vector<SealedJournal> journals;
  for (std::size_t i = 0; i < count; ++i) {
    auto [from, to] = std::minmax({dice.date(), dice.date()});
    std::uint64_t entries = 1 + dice.below(1'000'000);
    journals.push_back({from,
                        to,
                        {dice.below(1000), dice.token()},
                        entries,
                        dice.below(entries + 1),
                        dice.any(),
                        1 + (dice.any() >> 1)});
    if (dice.below(2) == 0) journals.back().posts = {{{from, journal_header_bytes}}, 25};
    if (journals.back().object_bytes < 26) journals.back().object_bytes = 26;
  }
  std::sort(journals.begin(), journals.end());
  return journals;
}

Catalog random_catalog(Dice& dice) {
  Catalog catalog;
  catalog.number = dice.any() >> dice.below(64);
  catalog.fence = catalog.number / 3;
  catalog.swept = catalog.number / 2;
  catalog.token = dice.token();
  if (dice.below(2) == 0) {
    catalog.boot_id = dice.bytes(dice.below(40));
    catalog.boot_clock_ns = static_cast<std::int64_t>(dice.any());
  }
  if (dice.below(2) == 0) {
    catalog.journals = random_journals(dice, dice.below(50));
  } else {
    for (const SealedJournal& journal : random_journals(dice, dice.below(50))) {
      catalog.pages.push_back({journal.name, journal.from, journal.to, 1, journal.entries,
                               journal.dead_entries, journal.raw_bytes, journal.object_bytes});
    }
  }
  for (std::uint64_t r = dice.below(4); r > 0; --r) {
    IndexRun& run = catalog.index.emplace_back();
    for (unsigned char p = 0; p <= dice.below(5); ++p) {
      unsigned char first = static_cast<unsigned char>(p * 10);
      run.parts.push_back({{dice.any(), dice.token()},
                           hash_from(first, 0),
                           hash_from(static_cast<unsigned char>(first + dice.below(10)), 1),
                           1 + dice.below(100),
                           dice.any()});
    }
  }
  if (dice.below(2) == 0) catalog.settings = dice.bytes(dice.below(300));
  std::uint64_t retired = dice.below(60);
  for (std::uint64_t i = 0; i < retired; ++i) {
    std::string key = "head/" + std::to_string(1000 + i) + std::string(dice.below(30), 'x');
    catalog.retired.push_back({key, dice.below(catalog.number / 2 + 1)});
  }
  return catalog;
}

TEST(Catalog, RandomCatalogsComeBack) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    Catalog catalog = random_catalog(dice);
    EXPECT_EQ(decode_catalog(encode_catalog(catalog), "c"), catalog);
  }
  EXPECT_EQ(decode_catalog(encode_catalog(Catalog{}), "c"), Catalog{});
}

TEST(Catalog, PagesComeBack) {
  Dice dice(1);
  for (std::size_t count : {0, 1, 1000}) {
    CatalogPage page{random_journals(dice, count)};
    EXPECT_EQ(decode_catalog_page(encode_catalog_page(page), "p").journals, page.journals);
  }
}

TEST(Catalog, APageIsNotACatalog) {
  EXPECT_THROW(decode_catalog(encode_catalog_page({}), "c"), CorruptData);
  EXPECT_THROW(decode_catalog_page(encode_catalog({}), "p"), CorruptData);
}

TEST(Catalog, TheOrderOfJournalsIsTheirRangeThenTheirName) {
  EXPECT_LT(small_sealed(1, 9, 'a'), small_sealed(2, 3, 'a'));
  EXPECT_LT(small_sealed(1, 3, 'b'), small_sealed(1, 4, 'a'));
  EXPECT_LT(small_sealed(1, 3, 'a'), small_sealed(1, 3, 'b'));
  EXPECT_FALSE(small_sealed(1, 3, 'a') < small_sealed(1, 3, 'a'));
}

TEST(Catalog, WhatCouldNotBeReadIsNotWritten) {
  auto refused = [](auto change) {
    Catalog catalog = small_catalog();
    change(catalog);
    EXPECT_THROW(encode_catalog(catalog), InvalidArgument);
  };
  EXPECT_NO_THROW(encode_catalog(small_catalog()));
  refused([](Catalog& c) { std::swap(c.journals[0], c.journals[1]); });
  refused([](Catalog& c) { c.journals[1] = c.journals[0]; });
  refused([](Catalog& c) { c.journals[0].entries = 0; });
  refused([](Catalog& c) { c.journals[0].dead_entries = 101; });
  refused([](Catalog& c) { std::swap(c.journals[0].from, c.journals[0].to); });
  refused([](Catalog& c) { c.pages.push_back({name_of(1, 'p'), {}, {}, 1, 1, 0, 1, 1}); });
  refused([](Catalog& c) { std::swap(c.retired[0], c.retired[1]); });
  refused([](Catalog& c) { c.retired[1].key = c.retired[0].key; });
  refused([](Catalog& c) { c.retired[1].key = std::string(901, 'x'); });
  refused([](Catalog& c) { c.retired[0].key.clear(); });
  refused([](Catalog& c) { c.retired[0].number = 10; });
  refused([](Catalog& c) { c.fence = 10; });
  refused([](Catalog& c) { c.swept = 10; });
  refused([](Catalog& c) { c.index.emplace_back(); });
  refused([](Catalog& c) { std::swap(c.index[0].parts[0], c.index[0].parts[1]); });
  refused([](Catalog& c) { c.index[0].parts[1].first = c.index[0].parts[0].last; });
  refused([](Catalog& c) { c.index[0].parts[0].entries = 0; });
  refused([](Catalog& c) { c.token.bytes = "short"; });
  refused([](Catalog& c) { c.settings = std::string(65'537, 'x'); });
  refused([](Catalog& c) { c.journals[0].posts.end = 1; });
  CatalogPage page{{small_sealed(2, 2, 'a'), small_sealed(1, 2, 'a')}};
  EXPECT_THROW(encode_catalog_page(page), InvalidArgument);
}

TEST(Catalog, LongListsAreCompressedWithinTheRatio) {
  Catalog catalog;
  catalog.number = 1;
  for (int i = 0; i < 20000; ++i) {
    catalog.retired.push_back({"head/e-" + std::to_string(100000 + i) + std::string(800, '0'), 1});
  }
  Bytes object = encode_catalog(catalog);
  EXPECT_EQ(decode_catalog(object, "c"), catalog);
  Dice dice(1);
  CatalogPage page{random_journals(dice, 1000)};
  EXPECT_LT(encode_catalog_page(page).size(), 72'000u);
}

constexpr EnvelopeForm form{"FFcatlg\1", 1, "catalog"};

TEST(Catalog, UnknownSectionsArePassedOverOnlyWhenOptional) {
  Bytes payload = open_envelope(encode_catalog(small_catalog()), form, "c");
  Bytes unknown = payload;
  append_section(unknown, 99, "something new");
  EXPECT_THROW(decode_catalog(seal_envelope(unknown, form), "c"), UnsupportedFormat);
  unknown[payload.size() + 2] = 1;
  EXPECT_EQ(decode_catalog(seal_envelope(unknown, form), "c"), small_catalog());
}

// What programs of before there were settings and posts in catalogs do with them.
TEST(Catalog, SettingsAndPostsAreOptional) {
  Catalog catalog = small_catalog();
  const Bytes plain = open_envelope(encode_catalog(catalog), form, "c");
  catalog.settings = "{}";
  catalog.journals[0].posts = {{{catalog.journals[0].from, journal_header_bytes}}, 3000};
  const Bytes payload = open_envelope(encode_catalog(catalog), form, "c");
  EXPECT_EQ(payload.substr(0, plain.size()), plain);
  for (BytesView rest = BytesView(payload).substr(plain.size()); !rest.empty();) {
    EXPECT_EQ(rest[2], 1);  // the flag of a section that may be passed over
    rest.remove_prefix(16 + load<std::uint64_t>(rest.data() + 8));
  }
}

TEST(Catalog, ANewerVersionSaysToUpdate) {
  Bytes payload = open_envelope(encode_catalog(small_catalog()), form, "c");
  EnvelopeForm newer = form;
  newer.version = 2;
  EXPECT_THROW(decode_catalog(seal_envelope(payload, newer), "c"), UnsupportedFormat);
}

TEST(Catalog, ASmallObjectCannotClaimMuchMemory) {
  // Zeros compress beyond the ratio, so they are stored as they are.
  Bytes zeros(std::size_t{8} << 20, '\0');
  EXPECT_EQ(seal_envelope(zeros, form).size(), zeros.size() + envelope_header_bytes);
  EXPECT_EQ(open_envelope(seal_envelope(zeros, form), form, "c"), zeros);
}

}  // namespace
}  // namespace flashflood::format
