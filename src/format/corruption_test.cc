// Damage to every kind of object: each bit flipped, each length cut, and seeded mutations, also
// with the checksums made right again, so that the checks behind them are reached.

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "flashflood/error.h"
#include "format/envelope.h"
#include "format/sections.h"
#include "format/settings.h"
#include "format/test_allocations.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;
using testing::index_part;
using testing::largest_allocation;
using testing::random_index_entries;
using testing::small_catalog;
using testing::small_entry;
using testing::small_journal;
using testing::views;

constexpr std::string_view name = "head/some-object";

void read_journal(BytesView object) {
  auto tail = parse_journal_tail(object, object.size(), name);
  for (const BlockInfo& info : tail->blocks()) {
    auto block = decode_block(object.substr(info.offset, info.stored_bytes), info, name);
    for (std::size_t i = 0; i < block->size(); ++i) {
      EntryView entry = block->entry(i);
      ASSERT_GE(entry.id.size(), 1u);
      ASSERT_LE(entry.id.data() + entry.id.size(), entry.data.data());
    }
  }
}

void read_index(BytesView object) {
  auto tail = parse_index_tail(object, object.size(), name);
  for (std::size_t page = 0; page < tail->pages(); ++page) {
    decode_index_page(object.substr(index_page_offset(page), index_page_bytes), page, name);
  }
}

struct Object {
  const char* what;
  Bytes bytes;
  std::function<void(BytesView)> read;
};

Entry single_entry() {
  Entry entry = small_entry("some id", 1'300'000'000'000'000, "{\"amount\":3}");
  entry.entry_class = EntryClass::single;
  entry.order = 1;
  return entry;
}

std::vector<Object> objects() {
  Dice dice(1);
  JournalProperties single{JournalOrigin::single, {"0123456789abcdef"}, 5, true};
  Catalog long_catalog = small_catalog();
  for (int i = 0; i < 300; ++i) {
    long_catalog.retired.push_back({"journals/y" + std::to_string(100 + i), 9});
  }
  return {
      {"single", encode_single(single, single_entry().view()),
       [](BytesView b) { decode_single(b, name); }},
      {"plain journal", small_journal(Codec::none), read_journal},
      {"zstd journal", small_journal(Codec::zstd), read_journal},
      {"lz4 journal", small_journal(Codec::lz4), read_journal},
      {"catalog", encode_catalog(small_catalog()), [](BytesView b) { decode_catalog(b, name); }},
      {"empty catalog", encode_catalog({}), [](BytesView b) { decode_catalog(b, name); }},
      {"long catalog", encode_catalog(long_catalog), [](BytesView b) { decode_catalog(b, name); }},
      {"page", encode_catalog_page({small_catalog().journals}),
       [](BytesView b) { decode_catalog_page(b, name); }},
      {"index", index_part(random_index_entries(dice, 3)), read_index},
      {"settings",
       encode_settings({"0123456789abcdef0123456789abcdef", std::chrono::seconds(7200),
                        std::chrono::seconds(60)}),
       [](BytesView b) { decode_settings(b, name); }},
      {"lease", encode_lease({5, std::chrono::seconds(900), {"0123456789abcdef"}}),
       [](BytesView b) { decode_lease(b, name); }},
      {"mark of an import", encode_import_mark({{IdHash::of("a"), IdHash::of("b")}}),
       [](BytesView b) { decode_import_mark(b, name); }},
  };
}

// What reading ended with: CorruptData (NotAFlood for settings) that names the object.
void expect_noticed(const Object& object, BytesView bytes, const std::string& damage) {
  bool is_settings = std::string_view(object.what) == "settings";
  std::string message;
  try {
    object.read(bytes);
  } catch (const CorruptData& error) {
    message = error.what();
  } catch (const NotAFlood& error) {
    if (is_settings) message = error.what();
  } catch (const Error& error) {
    FAIL() << object.what << ", " << damage << ": " << error.what();
  }
  EXPECT_EQ(message.substr(0, name.size()), name) << object.what << ", " << damage;
}

TEST(Corruption, WholeObjectsAreRead) {
  for (const Object& object : objects()) EXPECT_NO_THROW(object.read(object.bytes)) << object.what;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr int bit_step =
    5;  // twelve times as slow there: some bits of every byte, others of the next
#else
constexpr int bit_step = 1;
#endif

TEST(Corruption, EveryFlippedBitIsNoticed) {
  for (const Object& object : objects()) {
    Bytes bytes = object.bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (int bit = static_cast<int>(i) % bit_step; bit < 8; bit += bit_step) {
        bytes[i] = static_cast<char>(bytes[i] ^ 1 << bit);
        expect_noticed(object, bytes, "bit " + std::to_string(bit) + " of " + std::to_string(i));
        bytes[i] = static_cast<char>(bytes[i] ^ 1 << bit);
      }
    }
  }
}

TEST(Corruption, EveryTruncationIsNoticed) {
  for (const Object& object : objects()) {
    for (std::size_t size = 0; size < object.bytes.size(); ++size) {
      // From its own memory, so that a read past the end is seen by the sanitizer.
      Bytes cut = object.bytes.substr(0, size);
      cut.shrink_to_fit();
      expect_noticed(object, cut, "cut at " + std::to_string(size));
      Bytes rest = object.bytes.substr(object.bytes.size() - size);
      expect_noticed(object, rest, "only the last " + std::to_string(size));
    }
    expect_noticed(object, object.bytes + '\0', "one byte more");
    expect_noticed(object, '\0' + object.bytes, "one byte before");
  }
}

Bytes mutated(Dice& dice, Bytes bytes) {
  for (std::uint64_t i = 1 + dice.below(4); i > 0; --i) {
    std::size_t at = bytes.empty() ? 0 : dice.below(bytes.size());
    switch (dice.below(6)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(dice.any());
        break;
      case 1:
        bytes.erase(at, dice.below(20));
        break;
      case 2:
        bytes.insert(at, dice.bytes(dice.below(20)));
        break;
      case 3:
        bytes += bytes.substr(at, 100);
        break;
      case 4:  // an extreme number
        for (std::size_t k = at; k < std::min(at + 8, bytes.size()); ++k) {
          bytes[k] = dice.below(2) == 0 ? '\xff' : '\0';
        }
        break;
      default:
        if (!bytes.empty())
          bytes[at] = static_cast<char>(bytes[at] + (dice.below(2) == 0 ? 1 : -1));
    }
  }
  return bytes;
}

// Reads; only the stated exceptions may come, and no allocation above the bound.
void expect_contained(const std::function<void(BytesView)>& read, BytesView bytes,
                      std::size_t allocation_max) {
  largest_allocation() = 0;
  try {
    read(bytes);
  } catch (const CorruptData&) {
  } catch (const UnsupportedFormat&) {
  } catch (const NotAFlood&) {
  }
  EXPECT_LE(largest_allocation(), allocation_max);
}

TEST(Corruption, MutationsAreContained) {
  for (const Object& object : objects()) {
    SCOPED_TRACE(object.what);
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
      Dice dice(seed);
      Bytes bytes = mutated(dice, object.bytes);
      expect_contained(object.read, bytes, 2 * bytes.size() + 10'000);
    }
  }
}

TEST(Corruption, RandomBytesAreContained) {
  for (const Object& object : objects()) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      Dice dice(seed);
      expect_contained(object.read, dice.bytes(dice.below(400)), 10'000);
    }
  }
}

TEST(Corruption, CatalogsWithRightChecksumsAreContained) {
  constexpr EnvelopeForm form{"FFcatlg\1", 1, "catalog"};
  Bytes payload = open_envelope(encode_catalog(small_catalog()), form, name);
  for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
    Dice dice(seed);
    Bytes changed = mutated(dice, payload);
    Bytes object = seal_envelope(changed, form);
    // A retired key of 40 bytes in memory may stand for 12 bytes of the payload.
    expect_contained([](BytesView b) { decode_catalog(b, name); }, object,
                     8 * changed.size() + 10'000);
  }
}

TEST(Corruption, BlocksWithRightChecksumsAreContained) {
  std::vector<Entry> entries;
  for (int i = 0; i < 8; ++i) entries.push_back(small_entry("id" + std::to_string(i), i, "data"));
  for (Codec codec : {Codec::none, Codec::zstd, Codec::lz4}) {
    Bytes stored = encode_block(views(entries), {.codec = codec}).stored;
    for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
      Dice dice(seed);
      Bytes changed = mutated(dice, stored);
      if (changed.size() < block_header_bytes) continue;
      BytesView payload = BytesView(changed).substr(block_header_bytes);
      store(changed.data() + 24, xxh3(payload));
      if (changed[1] == 0) store(changed.data() + 32, xxh3(payload));
      if (dice.below(2) == 0) {
        store(changed.data() + 16, static_cast<std::uint32_t>(payload.size()));
        if (changed[1] == 0) {
          store(changed.data() + 12, static_cast<std::uint32_t>(payload.size()));
        }
      }
      store(changed.data() + 40, xxh3(BytesView(changed).substr(0, 40)));
      auto read = [](BytesView b) {
        auto block = decode_block(b, name);
        std::size_t total = 0;
        for (std::size_t i = 0; i < block->size(); ++i) {
          for (char c : block->id(i)) total += static_cast<unsigned char>(c);
          for (char c : block->data(i)) total += static_cast<unsigned char>(c);
        }
        EXPECT_GT(total + 1, 0u);
      };
      expect_contained(read, changed, block_raw_bytes_max);
    }
  }
}

TEST(Corruption, TailsWithRightChecksumsAreContained) {
  constexpr ObjectForm journal{"FFjourn\1", "FFjfoot\1", 1, "journal"};
  constexpr ObjectForm index{"FFindex\1", "FFifoot\1", 1, "index part"};
  constexpr std::array all{SectionKind::properties, SectionKind::block_index, SectionKind::id_table,
                           SectionKind::fences, SectionKind::filter};
  Dice entries(1);
  struct Case {
    ObjectForm form;
    Bytes object;
    std::function<void(BytesView)> read;
  };
  for (const Case& one : {Case{journal, small_journal(Codec::none), read_journal},
                          Case{index, index_part(random_index_entries(entries, 3)), read_index}}) {
    Tail tail = read_tail(one.object, one.object.size(), one.form, all, name);
    for (std::uint64_t seed = 0; seed < 5000; ++seed) {
      Dice dice(seed);
      Bytes object = one.object.substr(0, tail.footer.tail_offset);
      TailWriter writer(object);
      std::size_t changed = dice.below(tail.sections.size());
      for (std::size_t i = 0; i < tail.sections.size(); ++i) {
        Bytes bytes(tail.sections[i].bytes);
        writer.add(tail.sections[i].kind, false, i == changed ? mutated(dice, bytes) : bytes);
      }
      writer.finish(one.form, tail.footer.entries);
      expect_contained(one.read, object, 2 * object.size() + 10'000);
    }
  }
}

}  // namespace
}  // namespace flashflood::format
