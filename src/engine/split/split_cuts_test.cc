#include "engine/split/split_cuts.h"

#include <gtest/gtest.h>

#include <numeric>

namespace flashflood::engine {
namespace {

Timestamp at(std::int64_t n) { return Timestamp{std::chrono::microseconds{n}}; }

// Blocks of 100 bytes, one for each date.
CutSource blocks(std::vector<std::pair<int, int>> dates) {
  CutSource source;
  for (auto [first, last] : dates) source.parts.push_back({at(first), at(last), 100});
  return source;
}

// The bytes of each piece, by the parts that it reads.
std::vector<std::uint64_t> pieces(const std::vector<CutSource>& sources,
                                  const std::vector<format::EventPosition>& cuts) {
  std::vector<std::uint64_t> bytes;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    format::EventRange range;
    if (i > 0) range.after = cuts[i - 1];
    if (i < cuts.size()) range.upto = cuts[i];
    bytes.push_back(0);
    for (const CutSource& source : sources) {
      const auto parts = parts_in(source, range);
      for (std::uint64_t part = parts.first; part < parts.end; ++part)
        bytes.back() += source.parts[part].bytes;
    }
  }
  return bytes;
}

std::vector<std::string> no_ids(std::span<const PartRef>) { throw std::logic_error("was asked"); }

TEST(SplitCuts, NothingToCut) {
  std::vector<CutSource> none, one{blocks({{1, 1}})};
  EXPECT_TRUE(choose_cuts(none, 5, no_ids).empty());
  EXPECT_TRUE(choose_cuts(one, 5, no_ids).empty());
  std::vector<CutSource> many{blocks({{1, 2}, {3, 4}})};
  EXPECT_TRUE(choose_cuts(many, 1, no_ids).empty());
}

TEST(SplitCuts, AreEven) {
  std::vector<std::pair<int, int>> dates;
  for (int i = 0; i < 100; ++i) dates.push_back({2 * i, 2 * i + 1});
  for (std::uint64_t count = 2; count <= 100; ++count) {
    std::vector<CutSource> sources{blocks(dates)};
    auto cuts = choose_cuts(sources, count, no_ids);
    ASSERT_EQ(cuts.size(), count - 1);
    auto sizes = pieces(sources, cuts);
    EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}), 10'000u);
    for (std::uint64_t size : sizes) {
      EXPECT_LE(size, 10'000 / count + 100) << count;
      EXPECT_GT(size, 0u);
    }
  }
}

TEST(SplitCuts, NoMoreThanThereAreBlocks) {
  std::vector<CutSource> sources{blocks({{1, 1}, {2, 2}, {3, 3}})};
  auto cuts = choose_cuts(sources, 1000, no_ids);
  ASSERT_EQ(cuts.size(), 2u);
  EXPECT_EQ(cuts[0], (format::EventPosition{at(1), {}}));
  EXPECT_EQ(cuts[1], (format::EventPosition{at(2), {}}));
}

TEST(SplitCuts, OverlappingJournalsAreCutTogether) {
  std::vector<std::pair<int, int>> dates;
  for (int i = 0; i < 60; ++i) dates.push_back({10 * i, 10 * i + 9});
  std::vector<CutSource> sources{blocks(dates), blocks(dates), blocks(dates)};
  auto cuts = choose_cuts(sources, 6, no_ids);
  ASSERT_EQ(cuts.size(), 5u);
  for (std::uint64_t size : pieces(sources, cuts))
    EXPECT_NEAR(static_cast<double>(size), 3000, 300);
}

// A date that holds everything, in journals whose ids lie between each other or one after another.
TEST(SplitCuts, OneDateIsCutById) {
  for (const bool interleaved : {false, true}) {
    for (const int journals : {1, 4, 100}) {
      const int each = 200 / journals;
      std::vector<CutSource> sources;
      for (int s = 0; s < journals; ++s) {
        sources.push_back(
            blocks(std::vector<std::pair<int, int>>(static_cast<std::size_t>(each), {7, 7})));
        sources.back().has_ids = true;
      }
      std::size_t reads = 0;
      auto cuts = choose_cuts(sources, 10, [&](std::span<const PartRef> parts) {
        reads += parts.size();
        std::vector<std::string> ids;
        for (auto [source, part] : parts) {
          const auto s = static_cast<int>(source), i = static_cast<int>(part);
          ids.push_back(std::to_string(1000 + (interleaved ? journals * i + s : each * s + i)));
        }
        return ids;
      });
      ASSERT_EQ(cuts.size(), 9u);
      EXPECT_LE(reads, 40u);
      // Of a journal that was not cut just there, both sides read what lies around the cut.
      for (std::uint64_t size : pieces(sources, cuts)) EXPECT_GE(size, 1000u);
      if (journals > 1) continue;
      for (std::uint64_t size : pieces(sources, cuts)) EXPECT_LE(size, 3000u);
    }
  }
}

TEST(SplitCuts, LightDatesAreNotCut) {
  std::vector<std::pair<int, int>> dates;
  for (int i = 0; i < 100; ++i) dates.push_back({i / 2, i / 2});
  std::vector<CutSource> sources{blocks(dates)};
  sources[0].has_ids = true;
  auto cuts = choose_cuts(sources, 4, no_ids);
  ASSERT_EQ(cuts.size(), 3u);
  for (const auto& cut : cuts) EXPECT_FALSE(cut.id);
}

}  // namespace
}  // namespace flashflood::engine
