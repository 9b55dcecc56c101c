#include "query/json/structure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flashflood::query {
namespace {

using Found = std::vector<std::pair<std::size_t, char>>;  // positions and kinds

// Byte after byte. Nothing where the text has no tokens to speak of.
Found find_slowly(std::string_view text) {
  Found found;
  bool in_string = false;
  bool in_word = false;
  bool is_escaped = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool is_quote = c == '"' && !is_escaped;
    is_escaped = c == '\\' && !is_escaped;
    if (in_string) {
      if (static_cast<unsigned char>(c) < 0x20) return {};
      in_string = !is_quote;
      continue;
    }
    const bool is_operator = std::string_view("{}[]:,").find(c) != std::string_view::npos;
    const bool is_word =
        !is_operator && !is_quote && std::string_view(" \t\r\n").find(c) == std::string_view::npos;
    if (is_operator || ((is_word || is_quote) && !in_word))
      found.emplace_back(at, is_word ? scalar_kind : c);
    in_word = is_word;
    in_string = is_quote;
  }
  return in_string ? Found{} : found;
}

class StructureTest : public ::testing::TestWithParam<SimdLevel> {
 protected:
  // From memory that ends with the text.
  const char* find(std::string_view text) {
    text_.assign(text.begin(), text.end());
    text_.shrink_to_fit();
    return finder_.find(text_.data(), text_.size());
  }
  Found found() const {
    Found found;
    const Tokens& tokens = finder_.tokens();
    for (std::size_t i = 0; i < tokens.count(); ++i) {
      found.emplace_back(tokens.begin[i], tokens.kinds[i]);
    }
    return found;
  }

  StructureFinder finder_{GetParam()};
  std::vector<char> text_;
};

TEST_P(StructureTest, FindsTokensAndTheirKinds) {
  ASSERT_EQ(find(R"( {"a\"" : [-1.5, true,"é,{"] })"), nullptr);
  EXPECT_EQ(found(), (Found{{1, '{'},
                            {2, '"'},
                            {8, ':'},
                            {10, '['},
                            {11, '0'},
                            {15, ','},
                            {17, '0'},
                            {21, ','},
                            {22, '"'},
                            {28, ']'},
                            {30, '}'}}));
  EXPECT_TRUE(finder_.tokens().has_escapes);
  EXPECT_EQ(finder_.tokens().begin[found().size()], 31U);
}

TEST_P(StructureTest, SaysWhatIsWrong) {
  for (std::size_t before : {0U, 1U, 60U, 64U, 200U}) {
    const std::string blanks(before, ' ');
    EXPECT_STREQ(find(blanks), "it is empty");
    EXPECT_STREQ(find(blanks + "\"abc"), "a string is not closed");
    EXPECT_STREQ(find(blanks + "\"abc\\\""), "a string is not closed");
    EXPECT_STREQ(find(blanks + "\"a\nc\""), "a string holds an unescaped control character");
    EXPECT_STREQ(find(blanks + "\"a\xC3\""), "it is not valid UTF-8");
    EXPECT_EQ(find(blanks + "\"a\\\\\""), nullptr);
  }
}

TEST_P(StructureTest, AgreesWithALoopOverTheBytes) {
  constexpr std::string_view bytes = "\"\"\"\"\\\\{}[]:,,, \n\t\rabc0123456789-.xyz__+\x01";
  std::mt19937 random(7);
  for (int round = 0; round < 4'000; ++round) {
    std::string text;
    const std::size_t size = 1 + random() % (round % 10 == 0 ? 400 : 80);
    // Some with few of the bytes that matter, so that not all have a string that is not closed.
    const std::size_t first = random() % 3 * 4;
    while (text.size() < size) text.push_back(bytes[first + random() % (bytes.size() - first)]);
    const Found expected = find_slowly(text);
    if (find(text) != nullptr) {
      EXPECT_EQ(expected, Found{}) << text;
      continue;
    }
    ASSERT_EQ(found(), expected) << text;
    for (std::size_t at = 0; at <= size; ++at) {
      const auto before = std::count_if(expected.begin(), expected.end(),
                                        [at](const auto& token) { return token.first < at; });
      ASSERT_EQ(finder_.count_before(at), static_cast<std::size_t>(before)) << text << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, StructureTest,
                         ::testing::ValuesIn(simd_levels().begin(), simd_levels().end()),
                         [](const auto& level) { return std::string(name_of(level.param)); });

}  // namespace
}  // namespace flashflood::query
