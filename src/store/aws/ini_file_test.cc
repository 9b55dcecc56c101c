#include "store/aws/ini_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flashflood/error.h"

namespace flashflood {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

std::string value(const IniSections& sections, std::string_view section, std::string_view key) {
  const auto found = sections.find(section);
  if (found == sections.end()) return "(no section)";
  const auto setting = found->second.values.find(key);
  return setting == found->second.values.end() ? "(no key)" : setting->second;
}

std::string refusal(std::string_view text) {
  try {
    parse_ini(text, "FILE");
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "(taken)";
}

TEST(IniFile, ReadsSectionsAndSettings) {
  const IniSections sections = parse_ini(
      "[default]\n"
      "region = eu-west-1\n"
      "output=json\n"
      "\n"
      "[profile a]\n"
      "region=us-east-1\n",
      "FILE");
  EXPECT_EQ(sections.size(), 2U);
  EXPECT_EQ(value(sections, "default", "region"), "eu-west-1");
  EXPECT_EQ(value(sections, "default", "output"), "json");
  EXPECT_EQ(value(sections, "profile a", "region"), "us-east-1");
}

TEST(IniFile, TakesBlanksWhereverTheyStand) {
  const IniSections sections = parse_ini(
      "\xEF\xBB\xBF\r\n"
      "[\t profile  x ]\t\r\n"
      "  REGION\t=  eu-west-1 \t\r\n"
      "  Output : text\r\n"
      "empty =\r\n"
      "last = no newline",
      "FILE");
  EXPECT_EQ(value(sections, "profile  x", "region"), "eu-west-1");
  EXPECT_EQ(value(sections, "profile  x", "output"), "text");
  EXPECT_EQ(value(sections, "profile  x", "empty"), "");
  EXPECT_EQ(value(sections, "profile  x", "last"), "no newline");
}

TEST(IniFile, PassesOverComments) {
  const IniSections sections = parse_ini(
      "# region = a\n"
      "; region = b\n"
      "[default] # the usual one\n"
      "   # indented\n"
      "region = c#d;e\n"
      "   ; between\n"
      "key = AB/c+d=\n",
      "FILE");
  EXPECT_EQ(value(sections, "default", "region"), "c#d;e");
  EXPECT_EQ(value(sections, "default", "key"), "AB/c+d=");
}

TEST(IniFile, ReadsNestedSettings) {
  const IniSections sections = parse_ini(
      "[profile x]\n"
      "s3 =\n"
      "  addressing_style = path\n"
      "  # a comment\n"
      "\n"
      "\tMax_Concurrent_Requests=20\n"
      "region = r\n"
      "sts =  # of the older kind\n"
      "  a = b = c\n",
      "FILE");
  const IniSection& section = sections.at("profile x");
  EXPECT_EQ(section.nested.at("s3").at("addressing_style"), "path");
  EXPECT_EQ(section.nested.at("s3").at("max_concurrent_requests"), "20");
  EXPECT_EQ(section.nested.at("sts").at("a"), "b = c");
  EXPECT_EQ(section.values.count("s3"), 0U);
  EXPECT_EQ(value(sections, "profile x", "region"), "r");
}

TEST(IniFile, JoinsContinuedValues) {
  const IniSections sections = parse_ini(
      "[x]\n"
      "credential_process = program\n"
      "    --option\n"
      "    value\n"
      "region = r\n",
      "FILE");
  EXPECT_EQ(value(sections, "x", "credential_process"), "program\n--option\nvalue");
  EXPECT_EQ(value(sections, "x", "region"), "r");
}

TEST(IniFile, LaterValuesHold) {
  const IniSections sections =
      parse_ini("[x]\na = 1\na = 2\ns3 =\n  k = 1\n[y]\nb = 3\n[x]\nc = 4\ns3 = plain\n", "FILE");
  EXPECT_EQ(value(sections, "x", "a"), "2");
  EXPECT_EQ(value(sections, "x", "c"), "4");
  EXPECT_EQ(value(sections, "x", "s3"), "plain");
  EXPECT_EQ(sections.at("x").nested.size(), 0U);
}

TEST(IniFile, RefusesWhatItCannotReadByLine) {
  EXPECT_EQ(refusal("\n[x\n"), "FILE, line 2: a section begins with '[' but has no ']'");
  EXPECT_THAT(refusal("[x] y\n"), HasSubstr("line 1: there is text behind"));
  EXPECT_THAT(refusal("[ ]\n"), HasSubstr("line 1: a section has no name"));
  EXPECT_THAT(refusal("a = b\n[x]\n"), HasSubstr("line 1: a setting stands before"));
  EXPECT_THAT(refusal("[x]\n\nSECRET\n"), HasSubstr("line 3: neither"));
  EXPECT_THAT(refusal("[x]\n= SECRET\n"), HasSubstr("line 2: there is no key"));
  EXPECT_THAT(refusal("[x]\ns3 =\n  SECRET\n"), HasSubstr("line 3: a nested setting"));
  EXPECT_THAT(refusal("[x]\ns3 =\n  = SECRET\n"), HasSubstr("line 3: there is no key"));
  EXPECT_THAT(refusal(std::string_view("[x]\na = b\0c\n", 11)), HasSubstr("line 2: a zero byte"));
  for (const char* text : {"[x]\n\nSECRET\n", "[x]\n= SECRET\n", "[x]\ns3 =\n  SECRET\n"}) {
    EXPECT_THAT(refusal(text), testing::Not(HasSubstr("SECRET")));
  }
}

TEST(IniFile, EndsInTimeOnManyLines) {
  std::string text = "[x]\na = b\n";
  for (int i = 0; i < 200'000; ++i) text += " cccc\n";
  EXPECT_EQ(value(parse_ini(text, "FILE"), "x", "a").size(), 1 + 5 * 200'000U);
}

TEST(WithoutComment, CutsWhatFollowsABlank) {
  EXPECT_EQ(without_comment("eu-west-1 # Ireland"), "eu-west-1");
  EXPECT_EQ(without_comment("eu-west-1\t; Ireland"), "eu-west-1");
  EXPECT_EQ(without_comment("a#b;c"), "a#b;c");
  EXPECT_EQ(without_comment("# all of it"), "");
  EXPECT_EQ(without_comment(""), "");
}

TEST(SplitWords, SplitsAsAShellDoes) {
  EXPECT_THAT(split_words("  a  b\tc\n"), Optional(ElementsAre("a", "b", "c")));
  EXPECT_THAT(split_words("\"/opt/my tools/get\" 'it is' x\" y \"z"),
              Optional(ElementsAre("/opt/my tools/get", "it is", "x y z")));
  EXPECT_THAT(split_words(R"(a\ b "c\"d\e" 'f\g' \")"),
              Optional(ElementsAre("a b", "c\"d\\e", "f\\g", "\"")));
  EXPECT_THAT(split_words("'' \"\""), Optional(ElementsAre("", "")));
  EXPECT_THAT(split_words(""), Optional(ElementsAre()));
}

TEST(SplitWords, ExpandsNothing) {
  EXPECT_THAT(split_words("a $HOME `b` $(c) ; d | e > f && ~/g *"),
              Optional(ElementsAre("a", "$HOME", "`b`", "$(c)", ";", "d", "|", "e", ">", "f", "&&",
                                   "~/g", "*")));
}

TEST(SplitWords, RefusesWhatIsNotClosed) {
  EXPECT_EQ(split_words("a 'b"), std::nullopt);
  EXPECT_EQ(split_words("a \"b"), std::nullopt);
  EXPECT_EQ(split_words("a \\"), std::nullopt);
  EXPECT_EQ(split_words("\"a\\\""), std::nullopt);
}

}  // namespace
}  // namespace flashflood
