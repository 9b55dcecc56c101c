#include "query/json/reader.h"

#include <gtest/gtest.h>

#include <string>

#include "query/json/writer.h"

namespace flashflood::query {
namespace {

// The document printed again, or "!" and the problem.
std::string round_trip(std::string_view json, bool lone_surrogates = false) {
  std::string padded = std::string(json) + std::string(StructureFinder::padding, ' ');
  StructureFinder finder;
  if (const char* what = finder.find(padded.data(), json.size())) return std::string("!0 ") + what;
  Reader reader;
  Arena arena;
  const Reader::Options options{.depth_max = 5, .lone_surrogates = lone_surrogates};
  bool is_json = reader.check(finder.tokens(), options);
  ReadProblem problem = reader.problem();
  auto value = reader.read(finder.tokens(), arena, options);
  EXPECT_EQ(is_json, value.has_value()) << json;
  EXPECT_EQ(problem.at, reader.problem().at) << json;
  if (!value) return "!" + std::to_string(reader.problem().at) + " " + reader.problem().what;
  std::string out;
  EXPECT_TRUE(append_json(*value, JsonStyle::compact, 1 << 20, out));
  return out;
}

TEST(Reader, ReadsEveryKindOfValue) {
  EXPECT_EQ(round_trip(R"( {"a": [1, -2.5e3, true, false, null], "": {}, "b": [ ]} )"),
            R"({"a":[1,-2.5e3,true,false,null],"":{},"b":[]})");
  EXPECT_EQ(round_trip("\t\r\n\"x\" \n"), R"("x")");
  EXPECT_EQ(round_trip("0"), "0");
}

TEST(Reader, SaysWhatIsWrong) {
  EXPECT_EQ(round_trip(""), "!0 it is empty");
  EXPECT_EQ(round_trip("  \n"), "!0 it is empty");
  EXPECT_EQ(round_trip("[1, 2"), "!5 it ends early");
  EXPECT_EQ(round_trip("{\"a\""), "!4 it ends early");
  EXPECT_EQ(round_trip("{\"a\":"), "!5 it ends early");
  EXPECT_EQ(round_trip("{\"a\":1,"), "!7 it ends early");
  EXPECT_EQ(round_trip("{1:2}"), "!1 an object needs a string as key here");
  EXPECT_EQ(round_trip("{\"a\" 1}"), "!5 a colon is missing here");
  EXPECT_EQ(round_trip("[1 2]"), "!3 ',' or ']' is missing here");
  EXPECT_EQ(round_trip("{\"a\":1]"), "!6 ',' or '}' is missing here");
  EXPECT_EQ(round_trip("1 2"), "!2 more text follows the document");
  EXPECT_EQ(round_trip("\"a"), "!0 a string is not closed");
  EXPECT_EQ(round_trip("\"a\nb\""), "!0 a string holds an unescaped control character");
  EXPECT_EQ(round_trip("\"\xFF\""), "!0 it is not valid UTF-8");
  EXPECT_EQ(round_trip("[[[[[[1]]]]]]"), "!5 it is nested too deep");
  EXPECT_EQ(round_trip("[[[[[1]]]]]"), "[[[[[1]]]]]");
}

TEST(Reader, RefusesWhatIsNoValue) {
  for (std::string_view json : {"tru",
                                "truex",
                                "nul",
                                "True",
                                "NaN",
                                "Infinity",
                                "01",
                                "-",
                                "+1",
                                "1.",
                                ".5",
                                "1e",
                                "1e+",
                                "0x1",
                                "1a",
                                "--1",
                                "'a'",
                                "[,1]",
                                "[1,]",
                                "{,}",
                                "{\"a\":1,}",
                                "]",
                                "}",
                                ",",
                                ":",
                                "[1}",
                                "{]",
                                "\"a\"b",
                                "\"a\"\"b\"",
                                "1\"a\"",
                                "[1]]",
                                "{}{}",
                                "/**/1",
                                "\xEF\xBB\xBF"
                                "1",
                                "[1\f]"}) {
    EXPECT_EQ(round_trip(json).substr(0, 1), "!") << json;
  }
  EXPECT_EQ(round_trip(std::string_view("1\0", 2)).substr(0, 1), "!");
  EXPECT_EQ(round_trip(std::string_view("\"a\"\0", 4)).substr(0, 1), "!");
}

TEST(Reader, ResolvesEscapes) {
  EXPECT_EQ(round_trip(R"("\u00e9\uD83D\uDE00\t\/\b")"), R"("é😀\t/\b")");
  EXPECT_EQ(round_trip(R"("\u0000")"), R"("\u0000")");
  EXPECT_EQ(round_trip(R"(["ab\x"])"), "!4 an escape in a string is not valid");
  EXPECT_EQ(round_trip(R"("\u12g4")"), "!1 an escape in a string is not valid");
  EXPECT_EQ(round_trip(R"("\u12")"), "!1 an escape in a string is not valid");
  EXPECT_EQ(round_trip(R"({"a":"\\","b\"":"\\\""})"), R"({"a":"\\","b\"":"\\\""})");
}

TEST(Reader, HalvesOfSurrogatePairs) {
  for (std::string_view json :
       {R"("\ud83d")", R"("\ude00")", R"("\ud83d\ud83d")", R"("\ud83dx")", R"("\ude00\ud83d")"}) {
    EXPECT_EQ(round_trip(json), "!1 a string holds half of a surrogate pair") << json;
  }
  EXPECT_EQ(round_trip(R"("\ud83d\ud83d\ude00")", true), "\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"");
}

TEST(Reader, GrowsAndShrinks) {
  StructureFinder finder;
  Reader reader;
  Arena arena;
  for (std::size_t count : {1U, 100'000U, 3U, 1'000U}) {
    arena.clear();
    std::string json = "[0";
    for (std::size_t i = 1; i < count; ++i) json += ", 0";
    json += "]";
    std::size_t size = json.size();
    json.append(StructureFinder::padding, ' ');
    ASSERT_EQ(finder.find(json.data(), size), nullptr);
    auto value = reader.read(finder.tokens(), arena, {.depth_max = 1});
    ASSERT_TRUE(value);
    EXPECT_EQ(value->size, count);
    reader.release();
    finder.release();
  }
}

}  // namespace
}  // namespace flashflood::query
