#include "document_scanner.h"

#include <gtest/gtest.h>

#include <string>

namespace flashflood::cli {
namespace {

// The ends that the scanner finds when it gets the text in pieces of one size.
std::string cut(std::string_view text, std::size_t piece_bytes) {
  JsonScanner scanner;
  std::string shown(text);
  std::size_t last = 0;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    const auto end = scanner.scan(text.substr(at, piece_bytes));
    if (end) last = at + *end;
  }
  return shown.substr(0, last);
}

TEST(JsonScanner, FindsTheLastEndHoweverTheTextIsCut) {
  struct Case {
    std::string_view text, whole;
  };
  for (const Case& one : {
           Case{R"({"a":1}{"b":2}{"c")", R"({"a":1}{"b":2})"},
           Case{"{\n \"a\": [1,\n2]}\n\n{\n", "{\n \"a\": [1,\n2]}"},
           Case{R"([{"a":1},{"b":[2]},{"c":)", R"([{"a":1},{"b":[2]})"},
           Case{R"([[1],[2]] [)", R"([[1],[2]])"},
           Case{R"({"a":"}\"{\\"} {)", R"({"a":"}\"{\\"})"},
           Case{"1 2 34", "1 2"},
           Case{R"(["a","b)", R"(["a")"},
           Case{"", ""},
       }) {
    for (std::size_t bytes = 1; bytes <= one.text.size() + 1; ++bytes) {
      EXPECT_EQ(cut(one.text, bytes), one.whole) << bytes;
    }
  }
}

// The place is that of the end which was found, and not of what follows it.
TEST(JsonScanner, KnowsThePlaceOfANumberThatEndsBetweenPieces) {
  JsonScanner scanner;
  EXPECT_EQ(scanner.scan("1 [2"), 1U);
  EXPECT_EQ(scanner.place(), JsonPlace::outside);
  EXPECT_EQ(scanner.scan(",3"), 0U);
  EXPECT_EQ(scanner.place(), JsonPlace::array_behind);
  EXPECT_EQ(scanner.scan("] "), 1U);
  EXPECT_EQ(scanner.place(), JsonPlace::outside);
}

TEST(JsonScanner, KnowsWhereInAnArrayItIs) {
  JsonScanner scanner;
  scanner.scan("[1, ");
  EXPECT_EQ(scanner.place(), JsonPlace::array_behind);
  scanner.scan("[2], 3]");
  EXPECT_EQ(scanner.place(), JsonPlace::outside);
}

TEST(SseEvents, EndWithABlankLine) {
  EXPECT_EQ(end_of_sse_events("data: 1\n\ndata: 2\n"), 9U);
  EXPECT_EQ(end_of_sse_events("data: 1\r\n\r\nx"), 11U);
  EXPECT_EQ(end_of_sse_events("data: 1\n"), 0U);
}

}  // namespace
}  // namespace flashflood::cli
