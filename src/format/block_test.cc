#include "format/block.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;
using testing::random_entries;
using testing::same;
using testing::small_entry;
using testing::views;

std::int64_t us(Timestamp date) { return date.time_since_epoch().count(); }

void expect_round_trip(const std::vector<Entry>& entries, const BlockOptions& options) {
  std::vector<EntryView> expected = views(entries);
  EncodedBlock encoded = encode_block(expected, options);
  EXPECT_EQ(encoded.info.stored_bytes, encoded.stored.size());
  EXPECT_EQ(encoded.info.count, entries.size());
  EXPECT_EQ(encoded.info.first, entries.front().date);
  EXPECT_EQ(encoded.info.last, entries.back().date);
  auto block = decode_block(encoded.stored, encoded.info, "b");
  ASSERT_EQ(block->size(), entries.size());
  std::size_t dead = 0;
  std::size_t raw_bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_TRUE(same(block->entry(i), expected[i])) << i;
    dead += expected[i].live() ? 0 : 1;
    raw_bytes += raw_bytes_of(expected[i]);
  }
  EXPECT_EQ(encoded.info.dead_count, dead);
  EXPECT_EQ(encoded.info.raw_bytes, raw_bytes);
  EXPECT_GE(block->memory_bytes(), raw_bytes);
  EXPECT_NO_THROW(check_block_order(*block, "b"));
}

class BlockCodecs : public ::testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(All, BlockCodecs, ::testing::Values(Codec::none, Codec::zstd, Codec::lz4));

TEST_P(BlockCodecs, RandomEntriesComeBack) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    expect_round_trip(random_entries(dice, 1 + dice.below(60), 300), {.codec = GetParam()});
  }
}

TEST_P(BlockCodecs, CompressibleEntriesComeBack) {
  std::vector<Entry> entries;
  for (int i = 0; i < 2000; ++i) {
    entries.push_back(small_entry("id-" + std::to_string(10000 + i), i,
                                  "{\"a\":" + std::to_string(i) + ",\"country\":\"France\"}"));
  }
  expect_round_trip(entries, {.codec = GetParam()});
  EncodedBlock encoded = encode_block(views(entries), {.codec = GetParam()});
  EXPECT_EQ(encoded.info.codec, GetParam());
  if (GetParam() != Codec::none) {
    EXPECT_LT(encoded.info.stored_bytes, encoded.info.raw_bytes / 2);
  }
}

TEST_P(BlockCodecs, LargeEventsComeBack) {
  Entry large = small_entry("large", 5, std::string(data_bytes_max, 'x'));
  expect_round_trip({small_entry("a", 1, "1"), large, small_entry("z", 9, "2")},
                    {.codec = GetParam()});
}

TEST(Block, WhatDoesNotCompressIsStoredPlain) {
  Dice dice(1);
  Entry entry = small_entry("x", 0, dice.bytes(5000));
  for (Codec codec : {Codec::zstd, Codec::lz4}) {
    EncodedBlock encoded = encode_block(views({entry}), {.codec = codec});
    EXPECT_EQ(encoded.info.codec, Codec::none);
    EXPECT_EQ(encoded.info.stored_bytes, block_header_bytes + encoded.info.raw_bytes);
  }
}

TEST(Block, EncodingRefusesWhatCannotBeRead) {
  auto refused = [](std::vector<Entry> entries) {
    EXPECT_THROW(encode_block(views(entries), {}), InvalidArgument);
  };
  refused({});
  refused({small_entry("", 0, "")});
  refused({small_entry(std::string(id_bytes_max + 1, 'x'), 0, "")});
  refused({small_entry("b", 1, ""), small_entry("a", 0, "")});
  refused({small_entry("b", 1, ""), small_entry("a", 1, "")});
  refused({small_entry("a", us(timestamp_max) + 1, "")});
  refused({small_entry("a", us(timestamp_min) - 1, "")});
  Entry odd = small_entry("a", 0, "");
  odd.kind = static_cast<EntryKind>(5);
  refused({odd});
  odd = small_entry("a", 0, "");
  odd.entry_class = static_cast<EntryClass>(0);
  refused({odd});
  // Two entries of which each is allowed, but which are too much for one block.
  std::string half(data_bytes_max / 2 + (1 << 20), 'x');
  refused({small_entry("a", 0, half), small_entry("b", 0, half)});
  EntryView huge;
  huge.id = "a";
  std::string data(data_bytes_max + 1, 'x');
  huge.data = data;
  EXPECT_THROW(encode_block({&huge, 1}, {}), InvalidArgument);
}

TEST(Block, ADescriptionOfAnotherBlockIsNoticed) {
  EncodedBlock encoded =
      encode_block(views({small_entry("a", 1, "x"), small_entry("b", 2, "y")}), {});
  auto refused = [&](auto change) {
    BlockInfo info = encoded.info;
    change(info);
    EXPECT_THROW(decode_block(encoded.stored, info, "b"), CorruptData);
  };
  EXPECT_NO_THROW(decode_block(encoded.stored, encoded.info, "b"));
  refused([](BlockInfo& info) { ++info.stored_bytes; });
  refused([](BlockInfo& info) { ++info.raw_bytes; });
  refused([](BlockInfo& info) { ++info.count; });
  refused([](BlockInfo& info) { ++info.dead_count; });
  refused([](BlockInfo& info) { info.codec = Codec::lz4; });
  refused([](BlockInfo& info) { info.first += std::chrono::microseconds(1); });
  refused([](BlockInfo& info) { info.last -= std::chrono::microseconds(1); });
}

}  // namespace
}  // namespace flashflood::format
