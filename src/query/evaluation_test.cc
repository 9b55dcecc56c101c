#include "query/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace flashflood::query {
namespace {

std::string search(std::string_view expression, std::string_view json, const Limits& limits = {}) {
  Document document;
  EXPECT_TRUE(document.parse(json)) << document.problem();
  std::string out;
  evaluate(Expression::compile(expression, limits), document).append_json(out);
  return out;
}

QueryError::Kind error_kind(std::string_view expression, std::string_view json,
                            const Limits& limits = {}) {
  try {
    ADD_FAILURE() << expression << " gives " << search(expression, json, limits);
  } catch (const QueryError& error) {
    return error.kind();
  }
  return {};
}

TEST(Evaluation, NumbersOfTheDocumentKeepTheirText) {
  EXPECT_EQ(search("@", "[1.50, 1E+2, -0, 123456789012345678901234567890, 1e999]"),
            "[1.50,1E+2,-0,123456789012345678901234567890,1e999]");
  EXPECT_EQ(search("a", R"({"a": 18446744073709551616})"), "18446744073709551616");
}

TEST(Evaluation, IntegersCompareExactly) {
  EXPECT_EQ(search("@ == `9007199254740993`", "9007199254740992"), "false");
  EXPECT_EQ(search("@ < `9007199254740993`", "9007199254740992"), "true");
  EXPECT_EQ(search("@ == `9007199254740992.0`", "9007199254740993"), "false");
  EXPECT_EQ(search("@ > `9223372036854775807`", "9223372036854775808"), "true");
  EXPECT_EQ(search("@ == `123456789012345678901234567891`", "123456789012345678901234567890"),
            "false");
  EXPECT_EQ(search("@ == `1.0`", "1"), "true");
}

TEST(Evaluation, ComputedNumbersPrintLikePython) {
  EXPECT_EQ(search("[sum(@), avg(@)]", "[1, 3]"), "[4,2.0]");
  EXPECT_EQ(search("sum(@)", "[1, 0.5]"), "1.5");
  EXPECT_EQ(search("sum(@)", "[9223372036854775807, 1]"), "9.223372036854776e+18");
  EXPECT_EQ(search("[].abs(@)", "[-3, -1.50, -1e-7, -123456789012345678901]"),
            "[3,1.5,1e-07,123456789012345678901]");
  EXPECT_EQ(search("[].[ceil(@), floor(@)]", "[1.5, -0.5, 3, 1e20]"),
            "[[2,1],[0,-1],[3,3],[100000000000000000000,100000000000000000000]]");
  EXPECT_EQ(search("[].to_string(@)", "[1.0, 1e3, 1e16, 0.00001, -0, 12]"),
            R"(["1.0","1000.0","1e+16","1e-05","0","12"])");
}

TEST(Evaluation, ReadsNumbersFromStringsLikePython) {
  EXPECT_EQ(
      search("[].to_number(@)", R"(["12", "+5", "00012", " 7 ", "1_000", ".5", "5.", "1e3"])"),
      "[12,5,12,7,1000,0.5,5.0,1000.0]");
  EXPECT_EQ(search("map(&to_number(@), @)", R"(["", "-", "x", "1 2", "1__0", "1e", "inf", "nan"])"),
            "[null,null,null,null,null,null,null,null]");
  EXPECT_EQ(search("to_number(@)", R"("123456789012345678901")"), "123456789012345678901");
}

TEST(Evaluation, ResultsBeyondTheRangeOfNumbersAreErrors) {
  EXPECT_EQ(error_kind("sum(@)", "[1e308, 1e308]"), QueryError::Kind::invalid_value);
  EXPECT_EQ(error_kind("ceil(@)", "1e999"), QueryError::Kind::invalid_value);
}

TEST(Evaluation, LastOfEqualKeysCounts) {
  constexpr std::string_view json = R"({"a": 1, "b": 2, "a": 3})";
  EXPECT_EQ(search("a", json), "3");
  EXPECT_EQ(search("@", json), R"({"a":3,"b":2})");
  EXPECT_EQ(search("length(@)", json), "2");
  EXPECT_EQ(search("*", json), "[3,2]");
  EXPECT_EQ(search(R"(@ == `{"b": 2, "a": 3}`)", json), "true");
  std::string many = "{";
  for (int i = 0; i < 100; ++i)
    many += "\"k" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  EXPECT_EQ(search("[length(@), k0, sum(values(@)), keys(@)[0]]", many), R"([50,50,3725,"k0"])");
}

TEST(Evaluation, StringsAreOfCodePoints) {
  EXPECT_EQ(search("length(@)", R"("日本語😀")"), "4");
  EXPECT_EQ(search("reverse(@)", R"("a😀é")"), R"("é😀a")");
  EXPECT_EQ(search("sort(@)", R"(["\ud83d\ude00", "\uffff", "z"])"),
            "[\"z\",\"\xEF\xBF\xBF\",\"\xF0\x9F\x98\x80\"]");
  EXPECT_EQ(search("to_string(@)", R"(["é😀"])"), R"("[\"\\u00e9\\ud83d\\ude00\"]")");
}

TEST(Evaluation, StringsPrintWithTheFewestEscapes) {
  EXPECT_EQ(search("@", R"("\u0041\/\u00e9\n\u0001\"\\")"), R"("A/é\n\u0001\"\\")");
  EXPECT_EQ(search("@", R"({"\u0041": "x"})"), R"({"A":"x"})");
  EXPECT_EQ(search("A", R"({"\u0041": "x"})"), R"("x")");
}

TEST(Evaluation, TypesDoNotMix) {
  EXPECT_EQ(search("@ == `[1]`", "[true]"), "false");
  EXPECT_EQ(search("contains(@, `true`)", "[1]"), "false");
  EXPECT_EQ(search("@ < 'a'", "1"), "null");
  EXPECT_EQ(error_kind("contains(@, `1`)", R"("1")"), QueryError::Kind::invalid_type);
  EXPECT_EQ(error_kind("max_by(@, &a)", R"([{"a": 1}, {"a": "x"}])"),
            QueryError::Kind::invalid_type);
  EXPECT_EQ(error_kind("merge(@, `[]`)", "{}"), QueryError::Kind::invalid_type);
}

TEST(Evaluation, SlicesTakeAnyNumbers) {
  constexpr std::string_view json = "[0,1,2,3,4]";
  EXPECT_EQ(search("[::99999999999999999999]", json), "[0]");
  EXPECT_EQ(search("[::-99999999999999999999]", json), "[4]");
  EXPECT_EQ(search("[-99999999999999999999:99999999999999999999]", json), "[0,1,2,3,4]");
  EXPECT_EQ(search("[99999999999999999999::-2]", json), "[4,2,0]");
  EXPECT_EQ(search("[99999999999999999999]", json), "null");
  EXPECT_EQ(search("[-9223372036854775808]", json), "null");
  EXPECT_EQ(search("a[0][0:1].b", R"({"a": [[{"b": 1}]]})"), "[1]");
}

TEST(Evaluation, ErrorsNameTheFunctionAndPointAtIt) {
  try {
    search("a.b || sum(c)", R"({"c": [1, "x"]})");
    FAIL();
  } catch (const QueryError& error) {
    EXPECT_EQ(error.column(), 7U);
    EXPECT_STREQ(
        error.what(),
        "argument 1 of sum() must hold only numbers, but element 1 is a string (column 7)\n"
        "a.b || sum(c)\n"
        "       ^");
  }
}

TEST(Evaluation, BoundsStepsAndBytes) {
  Limits limits{.steps_max = 1000, .output_bytes_max = 10'000};
  std::string numbers = "[0";
  for (int i = 1; i < 2000; ++i) numbers += "," + std::to_string(i);
  numbers += "]";
  EXPECT_EQ(error_kind("[*].[@]", numbers, limits), QueryError::Kind::limit);
  EXPECT_EQ(error_kind("[::2]", numbers, limits), QueryError::Kind::limit);
  EXPECT_EQ(error_kind("join(@, [@, @])", '"' + std::string(4000, 'x') + '"', limits),
            QueryError::Kind::limit);
}

TEST(Evaluation, DoublingResultsEndInALimit) {
  std::string expression = "@";
  for (int i = 0; i < 60; ++i) expression += " | [@, @]";
  Limits limits{.steps_max = 1'000'000, .output_bytes_max = 1 << 20};
  EXPECT_EQ(error_kind(expression, "1", limits), QueryError::Kind::limit);
  EXPECT_EQ(error_kind("to_string(" + expression + ")", "1", limits), QueryError::Kind::limit);
  EXPECT_EQ(error_kind(expression + " | @ == [@[0], @[1]]", "1", limits), QueryError::Kind::limit);
  EXPECT_EQ(search("(" + expression + ") | length(@)", "1", limits), "2");
}

TEST(Evaluation, LongChainsCostNoDepth) {
  std::string expression = "a=='0'";
  for (int i = 1; i <= 5000; ++i) expression += " || a=='" + std::to_string(i) + "'";
  EXPECT_EQ(search(expression, R"({"a": "5000"})"), "true");
  EXPECT_EQ(search(expression, R"({"a": "5001"})"), "false");
}

}  // namespace
}  // namespace flashflood::query
