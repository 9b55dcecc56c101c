#include "json_text.h"

#include <gtest/gtest.h>

namespace flashflood::cli {
namespace {

std::string member(std::string_view json, std::string_view key) {
  return std::string(raw_member(json, key).value_or("nothing"));
}

TEST(JsonText, MembersKeepTheirBytes) {
  const std::string_view json =
      R"( { "id" : "a\"}" , "n":1.50, "data" :  { "x" : [ 1, "]}" ] } ,"t":true,"e":{}, "n":-2e3})";
  EXPECT_EQ(member(json, "id"), R"("a\"}")");
  EXPECT_EQ(member(json, "data"), R"({ "x" : [ 1, "]}" ] })");
  EXPECT_EQ(member(json, "t"), "true");
  EXPECT_EQ(member(json, "e"), "{}");
  EXPECT_EQ(member(json, "n"), "-2e3");  // the last one counts
  EXPECT_EQ(member(json, "x"), "nothing");
  EXPECT_EQ(member("{}", "x"), "nothing");
  EXPECT_EQ(member("[1]", "x"), "nothing");
  EXPECT_EQ(member("7", "x"), "nothing");
}

TEST(JsonText, ValuesEnd) {
  const auto value = [](std::string_view json) {
    return std::string(json.substr(0, end_of_json_value(json, 0)));
  };
  EXPECT_EQ(value("[1,[2]] x"), "[1,[2]]");
  EXPECT_EQ(value("12,3"), "12");
  EXPECT_EQ(value("12"), "12");
  EXPECT_EQ(value(R"("a,b" c)"), R"("a,b")");
}

}  // namespace
}  // namespace flashflood::cli
