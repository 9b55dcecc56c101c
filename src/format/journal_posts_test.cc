#include "format/journal_posts.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "format/journal.h"
#include "format/test_objects.h"

namespace flashflood::format {
namespace {

using testing::Dice;

Timestamp on(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

// Blocks of random sizes; many have a date in common with their neighbours.
std::vector<BlockInfo> random_blocks(Dice& dice, std::size_t count, std::uint32_t bytes_max) {
  std::vector<BlockInfo> blocks;
  std::uint64_t offset = journal_header_bytes;
  std::int64_t date = 0;
  for (std::size_t i = 0; i < count; ++i) {
    BlockInfo& block = blocks.emplace_back();
    block.offset = offset;
    block.stored_bytes = static_cast<std::uint32_t>(100 + dice.below(bytes_max));
    block.first = on(date += static_cast<std::int64_t>(dice.below(2)));
    block.last = on(date += static_cast<std::int64_t>(dice.below(3)));
    offset += block.stored_bytes;
  }
  return blocks;
}

TEST(JournalPosts, AStretchHoldsEveryBlockThatMayHoldTheDate) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const auto blocks = random_blocks(dice, 1 + dice.below(200), 200'000);
    const JournalPosts posts = make_posts(blocks);
    EXPECT_TRUE(posts.fit(blocks.front().first, blocks.back().last, posts.end + 1));
    for (std::int64_t date = -1; date <= blocks.back().last.time_since_epoch().count() + 1;
         ++date) {
      const auto span = posts.span_of(on(date));
      std::size_t begins = 0, ends = 0;
      for (const BlockInfo& block : blocks) {
        const std::uint64_t end = block.offset + block.stored_bytes;
        if (block.first <= on(date) && on(date) <= block.last) {
          ASSERT_TRUE(span);
          EXPECT_LE(span->offset, block.offset);
          EXPECT_GE(span->offset + span->bytes, end);
        }
        begins += span && span->offset == block.offset ? 1 : 0;
        ends += span && span->offset + span->bytes == end ? 1 : 0;
      }
      EXPECT_EQ(begins, span ? 1u : 0u);
      EXPECT_EQ(ends, span ? 1u : 0u);
    }
    EXPECT_FALSE(posts.span_of(on(-1)));
  }
}

TEST(JournalPosts, AreFewAndCloseTogether) {
  Dice dice(1);
  // Of about 4 MiB: one every half MiB.
  const auto small = make_posts(random_blocks(dice, 120, 70'000));
  EXPECT_GE(small.posts.size(), 6u);
  EXPECT_LE(small.posts.size(), 9u);
  // However large the journal is.
  const auto large = make_posts(random_blocks(dice, 5000, 500'000));
  EXPECT_GE(large.posts.size(), posts_max / 2);
  EXPECT_LE(large.posts.size(), posts_max + 1);
}

TEST(JournalPosts, ComeBackFromTheirSection) {
  Dice dice(7);
  std::vector<JournalPosts> all;
  for (std::size_t i = 0; i < 20; ++i)
    all.push_back(i % 3 == 0 ? JournalPosts{} : make_posts(random_blocks(dice, i, 300'000)));
  std::vector<const JournalPosts*> pointers;
  for (const JournalPosts& posts : all) pointers.push_back(&posts);
  const Bytes bytes = encode_posts(pointers);
  EXPECT_EQ(decode_posts(bytes, all.size(), "c"), all);
  EXPECT_EQ(decode_posts("", 0, "c").size(), 0u);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THROW(decode_posts(BytesView(bytes).substr(0, size), all.size(), "c"), CorruptData);
  EXPECT_THROW(decode_posts(bytes + "x", all.size(), "c"), CorruptData);
  EXPECT_THROW(decode_posts(bytes + std::string(16, 'x'), all.size(), "c"), CorruptData);
}

TEST(JournalPosts, WhatContradictsTheJournalDoesNotFit) {
  Dice dice(3);
  const auto blocks = random_blocks(dice, 50, 200'000);
  const Timestamp from = blocks.front().first, to = blocks.back().last;
  const JournalPosts good = make_posts(blocks);
  ASSERT_GT(good.posts.size(), 3u);
  ASSERT_TRUE(good.fit(from, to, good.end + 100));
  const auto fits = [&](const auto& change) {
    JournalPosts changed = good;
    change(changed);
    return changed.fit(from, to, good.end + 100);
  };
  EXPECT_FALSE(good.fit(from, to, good.end));
  EXPECT_FALSE(good.fit(from + std::chrono::microseconds{1}, to, good.end + 100));
  EXPECT_FALSE(fits([](JournalPosts& p) { p.posts.front().offset = 0; }));
  EXPECT_FALSE(fits([](JournalPosts& p) { p.posts[2].offset = p.posts[1].offset; }));
  EXPECT_FALSE(fits([](JournalPosts& p) { p.end = p.posts.back().offset; }));
  EXPECT_FALSE(fits([&](JournalPosts& p) { p.posts.back().date = to + std::chrono::seconds{1}; }));
  EXPECT_FALSE(fits([&](JournalPosts& p) { p.posts[2].date = from - std::chrono::seconds{1}; }));
  EXPECT_FALSE(fits([](JournalPosts& p) { p.posts.clear(); }));
}

}  // namespace
}  // namespace flashflood::format
