#include "format/journal.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "flashflood/error.h"
#include "format/sections.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;
using testing::random_entries;
using testing::same;
using testing::small_entry;
using testing::small_journal;
using testing::views;

struct Built {
  std::vector<Entry> entries;
  Bytes object;
};

Built build(std::uint64_t seed, std::size_t count, bool with_id_table, Codec codec) {
  Dice dice(seed);
  Built built{random_entries(dice, count, 200), {}};
  std::vector<EntryView> all = views(built.entries);
  JournalBuilder builder({JournalOrigin::sealed, dice.token(), dice.any(), false}, with_id_table);
  for (std::size_t at = 0; at < all.size();) {
    std::size_t size = std::min<std::size_t>(1 + dice.below(20), all.size() - at);
    std::span<const EntryView> part(all.data() + at, size);
    builder.add(encode_block(part, {.codec = codec}), part);
    at += size;
    EXPECT_EQ(builder.entries(), at);
  }
  built.object = builder.finish();
  return built;
}

// As the engine reads: a guess, then as much as the tail takes, then blocks by range.
std::shared_ptr<const JournalTail> open(const Bytes& object, std::size_t guess) {
  BytesView whole = object;
  BytesView suffix = whole.substr(whole.size() - std::min(guess, whole.size()));
  std::uint64_t needed = journal_tail_bytes(suffix, whole.size(), "j");
  if (needed > suffix.size()) suffix = whole.substr(whole.size() - needed);
  return parse_journal_tail(suffix, whole.size(), "j");
}

TEST(Journal, EntriesComeBackThroughTheTail) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    bool with_id_table = seed % 2 == 0;
    Built built = build(seed, 1 + seed * 7, with_id_table, static_cast<Codec>(seed % 3));
    for (std::size_t guess : {journal_footer_bytes, std::size_t{2000}, built.object.size()}) {
      auto tail = open(built.object, guess);
      EXPECT_EQ(tail->entries(), built.entries.size());
      EXPECT_EQ(tail->object_bytes(), built.object.size());
      EXPECT_EQ(tail->has_id_table(), with_id_table);
      EXPECT_GT(tail->memory_bytes(), 0u);
      std::size_t row = 0;
      for (std::size_t b = 0; b < tail->blocks().size(); ++b) {
        const BlockInfo& info = tail->blocks()[b];
        auto block =
            decode_block(BytesView(built.object).substr(info.offset, info.stored_bytes), info, "j");
        for (std::size_t i = 0; i < block->size(); ++i, ++row) {
          ASSERT_TRUE(same(block->entry(i), built.entries[row].view()));
          EXPECT_EQ(tail->place(row).block, b);
          EXPECT_EQ(tail->place(row).index, i);
        }
      }
      EXPECT_EQ(row, built.entries.size());
    }
  }
}

TEST(Journal, TheIdTableFindsEveryRowOfAnId) {
  std::vector<Entry> entries;
  for (int i = 0; i < 500; ++i)
    entries.push_back(small_entry("id" + std::to_string(i % 100), i, ""));
  std::vector<EntryView> all = views(entries);
  JournalBuilder builder({JournalOrigin::bulk, {}, 1, false}, true);
  builder.add(encode_block(all, {}), all);
  Bytes object = builder.finish();
  auto tail = open(object, object.size());
  for (std::uint64_t id = 0; id < 100; ++id) {
    std::vector<std::uint64_t> expected{id, id + 100, id + 200, id + 300, id + 400};
    EXPECT_EQ(tail->rows_of("id" + std::to_string(id)), expected);
  }
  EXPECT_TRUE(tail->rows_of("id100").empty());
  EXPECT_TRUE(tail->rows_of("").empty());
}

TEST(Journal, PropertiesComeBack) {
  for (bool made_here : {false, true}) {
    JournalProperties properties{JournalOrigin::single, {"abcdefghijklmnop"}, 77, made_here};
    Entry entry = small_entry("the id", 42, "{\"a\":1}");
    entry.entry_class = EntryClass::single;
    entry.kind = EntryKind::update;
    entry.order = 3;
    Bytes object = encode_single(properties, entry.view());
    EXPECT_LT(object.size(), entry.id.size() + entry.data.size() + 300);
    SingleJournal single = decode_single(object, "j");
    EXPECT_EQ(single.properties.origin, JournalOrigin::single);
    EXPECT_EQ(single.properties.token, properties.token);
    EXPECT_EQ(single.properties.epoch, 77u);
    EXPECT_EQ(single.properties.id_made_here, made_here);
    EXPECT_TRUE(same(single.entry.view(), entry.view()));
  }
}

TEST(Journal, OnlySingleOperationsAreSingles) {
  Entry entry = small_entry("x", 1, "");
  EXPECT_THROW(encode_single({JournalOrigin::single, {}, 0, false}, entry.view()), InvalidArgument);
  entry.entry_class = EntryClass::single;
  EXPECT_THROW(encode_single({JournalOrigin::bulk, {}, 0, false}, entry.view()), InvalidArgument);
  EXPECT_THROW(decode_single(small_journal(Codec::none), "j"), CorruptData);
}

TEST(Journal, TheBuilderRefusesWhatDoesNotFit) {
  std::vector<EntryView> one{EntryView{Timestamp{}, "a", "", EntryKind::put, EntryClass::bulk, 0}};
  std::vector<EntryView> earlier = one;
  earlier[0].date -= std::chrono::microseconds(1);
  JournalBuilder builder({}, true);
  EXPECT_THROW(builder.finish(), InvalidArgument);
  EXPECT_THROW(builder.add(encode_block(one, {})), InvalidArgument);
  builder.add(encode_block(one, {}), one);
  EXPECT_THROW(builder.add(encode_block(earlier, {}), earlier), InvalidArgument);
  EncodedBlock cut = encode_block(one, {});
  cut.stored.pop_back();
  EXPECT_THROW(builder.add(cut, one), InvalidArgument);
  EXPECT_NO_THROW(builder.add(encode_block(one, {}), one));
  EXPECT_EQ(builder.entries(), 2u);
}

TEST(Journal, TooShortASuffixIsAnError) {
  Bytes object = small_journal(Codec::zstd);
  BytesView whole = object;
  std::uint64_t needed = journal_tail_bytes(whole, whole.size(), "j");
  EXPECT_NO_THROW(parse_journal_tail(whole.substr(whole.size() - needed), whole.size(), "j"));
  EXPECT_THROW(parse_journal_tail(whole.substr(whole.size() - needed + 1), whole.size(), "j"),
               CorruptData);
}

// The same journal with other sections: those of a version to come, and damaged ones whose
// checksums are right all the same.
Bytes with_sections(const Bytes& object, const std::map<std::uint16_t, std::string>& changes,
                    bool optional) {
  constexpr ObjectForm form{"FFjourn\1", "FFjfoot\1", 1, "journal"};
  constexpr std::array all{SectionKind::properties, SectionKind::block_index,
                           SectionKind::id_table};
  Tail tail = read_tail(object, object.size(), form, all, "j");
  std::map<std::uint16_t, std::string> sections;
  for (const Tail::Section& section : tail.sections) {
    sections[static_cast<std::uint16_t>(section.kind)] = section.bytes;
  }
  for (const auto& [kind, bytes] : changes) sections[kind] = bytes;
  Bytes out = object.substr(0, tail.footer.tail_offset);
  TailWriter writer(out);
  for (const auto& [kind, bytes] : sections) {
    writer.add(static_cast<SectionKind>(kind), kind == 3 || (optional && changes.contains(kind)),
               bytes);
  }
  writer.finish(form, tail.footer.entries);
  return out;
}

TEST(Journal, UnknownSectionsArePassedOverOnlyWhenOptional) {
  Bytes object = small_journal(Codec::none);
  Bytes optional = with_sections(object, {{77, "a filter of the future"}}, true);
  EXPECT_EQ(open(optional, 100)->entries(), 4u);
  EXPECT_THROW(open(with_sections(object, {{77, "indispensable"}}, false), 100), UnsupportedFormat);
}

TEST(Journal, SectionsThatContradictEachOtherAreNoticed) {
  Bytes object = small_journal(Codec::none);
  constexpr std::size_t line = 48;
  std::string index = object.substr(
      open(object, 100)->blocks()[1].offset + open(object, 100)->blocks()[1].stored_bytes + 32,
      2 * line);
  ASSERT_EQ(with_sections(object, {{2, index}}, false), object);
  auto refused = [&](std::uint16_t kind, const std::string& bytes) {
    EXPECT_THROW(open(with_sections(object, {{kind, bytes}}, false), 100), CorruptData);
  };
  refused(1, "short");
  refused(2, "");
  refused(2, index.substr(0, line));       // a block is missing
  refused(2, index + index.substr(line));  // one too many
  refused(2, index.substr(line) + index.substr(0, line));
  refused(2, index.substr(0, line + 1));
  refused(3, std::string(48, '\0'));  // row 0 four times
  refused(3, std::string(36, '\0'));
  // No byte of the index may be changed and the index still taken, but for a block's own numbers,
  // which decode_block() compares: sizes of a compressed block, the count of the dead, dates.
  for (std::size_t i = 0; i < index.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = index;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      Bytes damaged = with_sections(object, {{2, changed}}, false);
      try {
        auto tail = open(damaged, 100);
        bool noticed = false;
        for (const BlockInfo& info : tail->blocks()) {
          try {
            decode_block(BytesView(damaged).substr(info.offset, info.stored_bytes), info, "j");
          } catch (const CorruptData&) {
            noticed = true;
          }
        }
        EXPECT_TRUE(noticed) << i << " " << bit;
      } catch (const CorruptData&) {
      } catch (const UnsupportedFormat&) {
        EXPECT_TRUE(i % line == 40 || i % line == 41) << i;  // kind and codec
      }
    }
  }
}

TEST(Journal, ANewerVersionSaysToUpdate) {
  Bytes out = small_journal(Codec::none);
  constexpr ObjectForm form{"FFjourn\1", "FFjfoot\1", 1, "journal"};
  constexpr ObjectForm newer{"FFjourn\1", "FFjfoot\1", 2, "journal"};
  Footer footer = read_footer(out, out.size(), form, "j");
  out.resize(footer.tail_offset);
  TailWriter writer(out);
  writer.finish(newer, 4);
  try {
    journal_tail_bytes(out, out.size(), "head/j-1");
    FAIL();
  } catch (const UnsupportedFormat& error) {
    EXPECT_NE(std::string(error.what()).find("update the program"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("head/j-1: "), 0u);
  }
  Bytes header;
  append_object_header(header, newer);
  EXPECT_THROW(check_journal_header(header, "j"), UnsupportedFormat);
  EXPECT_NO_THROW(check_journal_header(small_journal(Codec::none), "j"));
}

}  // namespace
}  // namespace flashflood::format
