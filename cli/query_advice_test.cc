#include "query_advice.h"

#include <gtest/gtest.h>

namespace flashflood::cli {
namespace {

TEST(QueryAdvice, OnWhatMatchesNothing) {
  EXPECT_EQ(advice_on_no_match(R"(country == "France")"),
            R"("France" is the name of a field: the text is written 'France')");
  EXPECT_EQ(advice_on_no_match("a && country==France"),
            "France is the name of a field: the text is written 'France'");
  EXPECT_EQ(advice_on_no_match("amount > '3'"),
            "'3' is text, which is never a number: the number is `3`");
  EXPECT_EQ(advice_on_no_match("'-1.5' == amount"),
            "'-1.5' is text, which is never a number: the number is `-1.5`");
  EXPECT_EQ(advice_on_no_match(R"(amount == "3")"),
            R"("3" is the name of a field: the number is written `3`)");
  EXPECT_EQ(advice_on_no_match("date > 'x'"), "> compares numbers alone, and 'x' is text");
  for (const char* fine : {"country == 'France'", "amount > `3`", R"("event-id" == 'x')",
                           "a == b.c", "length(a) > b[0]", "contains(a, 'b')", "a", "",
                           R"(a == '"b"')", "a == to_string(b)", "a == `\"x == y\"`"}) {
    EXPECT_EQ(advice_on_no_match(fine), "") << fine;
  }
}

TEST(QueryAdvice, OnWhatCannotBeParsed) {
  EXPECT_EQ(advice_on_syntax("amount > 3"), "numbers are written in backquotes: `3`");
  EXPECT_EQ(advice_on_syntax("a == -1.5 && b"), "numbers are written in backquotes: `-1.5`");
  EXPECT_EQ(advice_on_syntax("a = `3`"), "two are equal by ==");
  const std::string name =
      "a name that is more than letters, digits and _ is written in double quotes: ";
  EXPECT_EQ(advice_on_syntax("@timestamp > `3`"), name + R"("@timestamp")");
  EXPECT_EQ(advice_on_syntax("x.event-id-2"), name + R"("event-id-2")");
  for (const char* nothing : {"a[", "@.a", "'a - b", "a[-1", "a[1:"}) {
    EXPECT_EQ(advice_on_syntax(nothing), "") << nothing;
  }
}

}  // namespace
}  // namespace flashflood::cli
