#include "query/json/byte_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace flashflood::query {
namespace {

using Hit = ByteSearch::Hit;

// The same with std::string_view::find.
Hit find_plainly(const std::vector<std::string>& needles, std::string_view text, std::size_t from) {
  Hit best{text.find('\\', from), 1};
  for (const std::string& needle : needles) {
    Hit hit{text.find(needle, from), needle.size()};
    if (hit.at < best.at || (hit.at == best.at && hit.size < best.size)) best = hit;
  }
  return best.at == std::string_view::npos ? Hit{} : best;
}

class ByteSearchTest : public ::testing::TestWithParam<SimdLevel> {
 protected:
  // Searches in a copy of exactly the text's size, so that a sanitizer sees what is read beyond.
  static void check(const std::vector<std::string>& needles, std::string_view text,
                    std::size_t from) {
    std::unique_ptr<char[]> copy(new char[text.size()]);
    std::copy(text.begin(), text.end(), copy.get());
    const ByteSearch search(needles, GetParam());
    const Hit found = search.find({copy.get(), text.size()}, from);
    const Hit expected = find_plainly(needles, text, from);
    ASSERT_EQ(found.at, expected.at) << text << " from " << from << " for " << needles[0];
    ASSERT_EQ(found.size, expected.size) << text << " from " << from << " for " << needles[0];
  }
};

TEST_P(ByteSearchTest, FindsANeedleAtEveryPlaceOfEverySize) {
  for (std::size_t size = 0; size < 300; size += size < 200 ? 1 : 7) {
    for (std::string needle : {"\"France\"", "q", "LAMP"}) {
      std::string text(size, 'a');
      check({needle}, text, 0);
      for (std::size_t at = 0; at + needle.size() <= size; ++at) {
        text.replace(at, needle.size(), needle);
        check({needle}, text, 0);
        check({needle}, text, at);
        check({needle}, text, at + 1);
        text.replace(at, needle.size(), needle.size(), 'a');
      }
    }
  }
}

TEST_P(ByteSearchTest, StopsAtABackslash) {
  for (std::size_t size : {1, 15, 16, 33, 64, 65, 200}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\\';
      check({"France"}, text, 0);
      check({"France", "EIRE"}, text, 0);
    }
  }
}

TEST_P(ByteSearchTest, WithoutANeedleFindsTheBackslash) {
  const ByteSearch search({}, GetParam());
  EXPECT_EQ(search.find("abc", 0).size, 0U);
  EXPECT_EQ(search.find("", 0).size, 0U);
  EXPECT_EQ(search.find("ab\\c", 0).at, 2U);
}

TEST_P(ByteSearchTest, AgreesWithFindOnRandomTexts) {
  std::mt19937_64 engine(7);
  auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine);
  };
  // Few letters, so that needles occur, nearly occur and overlap.
  auto random_text = [&](std::size_t size, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += alphabet[below(alphabet.size())];
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string_view alphabet = round % 3 == 0 ? "ab" : "abcdef\"\xC3\xA9";
    std::vector<std::string> needles;
    const std::size_t count = 1 + (round % 2 == 0 ? 0 : below(ByteSearch::needles_max));
    for (std::size_t i = 0; i < count; ++i) {
      needles.push_back(random_text(1 + below(round % 7 == 0 ? 60 : 8), alphabet));
    }
    std::string text = random_text(below(300), alphabet);
    if (round % 5 == 0 && !text.empty()) text[below(text.size())] = '\\';
    if (round % 4 == 0) text.insert(below(text.size() + 1), needles.back());
    check(needles, text, below(text.size() + 2));
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, ByteSearchTest,
                         ::testing::ValuesIn(simd_levels().begin(), simd_levels().end()),
                         [](const auto& level) { return std::string(name_of(level.param)); });

}  // namespace
}  // namespace flashflood::query
