#include "query/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace flashflood::query {
namespace {

using Verdict = Matcher::Verdict;

// What a matcher says of each document: "kept: OUTPUT", "filtered", "not JSON: ..." or "failed:
// ...".
std::vector<std::string> judge(const Question& question,
                               const std::vector<std::string_view>& documents) {
  Matcher matcher;
  matcher.begin(question, documents);
  std::vector<std::string> answers;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    std::string out = "kept: ";
    try {
      switch (matcher.next(out)) {
        case Verdict::kept:
          break;
        case Verdict::filtered:
          out = "filtered";
          break;
        case Verdict::not_json:
          out = "not JSON: " + matcher.problem();
          break;
      }
    } catch (const QueryError& error) {
      EXPECT_EQ(out, "kept: ");
      out = std::string("failed: ") + error.what();
    }
    answers.push_back(out);
  }
  return answers;
}

// As neighbours in memory and each by itself: both must be the same.
std::vector<std::string> answers(const Question& question,
                                 const std::vector<std::string>& documents) {
  std::string block;
  for (const auto& document : documents) block += document;
  std::vector<std::string_view> neighbours;
  std::size_t begin = 0;
  for (const auto& document : documents) {
    neighbours.push_back(std::string_view(block).substr(begin, document.size()));
    begin += document.size();
  }
  std::vector<std::string> together = judge(question, neighbours);
  std::vector<std::string> alone;
  for (const auto& document : documents) {
    alone.push_back(judge(question, {std::string_view(document)}).front());
  }
  EXPECT_EQ(together, alone);
  return together;
}

std::vector<std::string> where(std::string_view expression,
                               const std::vector<std::string>& documents, bool strict = false) {
  return answers({.where = Expression::compile(expression), .strict = strict}, documents);
}

std::vector<std::string> query(std::string_view expression,
                               const std::vector<std::string>& documents) {
  return answers({.query = Expression::compile(expression)}, documents);
}

using Answers = std::vector<std::string>;

const std::string tail = R"(,"k1":1,"k2":[2,{"k":3}],"k3":"some text that is long","k4":4,"k5":5)";

TEST(Matcher, KeepsWhatMatches) {
  EXPECT_EQ(where("a == 'x'", {R"({"a":"x"})", R"({"a":"y"})", R"({"b":"x"})", R"(["x"])", "{}"}),
            (Answers{"kept: ", "filtered", "filtered", "filtered", "filtered"}));
  EXPECT_EQ(where("a.b[1] > `2` && c", {R"({"a":{"b":[1,3]},"c":0})", R"({"a":{"b":[1,3]}})",
                                        R"({"c":true,"a":{"b":[3,2]}})", R"({"c":1,"a":[3,4]})"}),
            (Answers{"kept: ", "filtered", "filtered", "filtered"}));
  EXPECT_EQ(
      query("{y: b, x: a}", {R"({"a":1.50,"b":" é"})", R"({"b":{"d": 1, "d": 2}})", "[]", "7"}),
      (Answers{R"(kept: {"y":" é","x":1.50})", R"(kept: {"y":{"d":2},"x":null})",
               R"(kept: {"y":null,"x":null})", R"(kept: {"y":null,"x":null})"}));
  EXPECT_EQ(query("[a, a]", {R"({"a" : "\u0041\n" , "b":1})", "null"}),
            (Answers{R"(kept: ["A\n","A\n"])", "filtered"}));
  EXPECT_EQ(query("a", {R"({"a": null})", R"({"a": "null"})", R"({"a": 1E+2 })"}),
            (Answers{"filtered", R"(kept: "null")", "kept: 1E+2"}));
  EXPECT_EQ(answers({.where = Expression::compile("a"), .query = Expression::compile("b")},
                    {R"({"a":1,"b":2})", R"({"b":2})", R"({"a":1})"}),
            (Answers{"kept: 2", "filtered", "filtered"}));
}

TEST(Matcher, LastOfEqualKeysCounts) {
  for (const std::string& between : {std::string(), tail}) {
    EXPECT_EQ(where("a == 'x'", {R"({"a":"y")" + between + R"(,"a":"x"})",
                                 R"({"a":"x")" + between + R"(,"a":"y"})",
                                 R"({"a":"y")" + between + R"(,"z":{"a":"x"}})",
                                 R"({"a":"y")" + between + R"(,"\u0061":"x"})",
                                 R"({"a":"x")" + between + R"(,"\u0061":"y"})"}),
              (Answers{"kept: ", "filtered", "filtered", "kept: ", "filtered"}));
    EXPECT_EQ(where("a.b == `1`", {R"({"a":{"b":2})" + between + R"(,"a":{"b":1}})",
                                   R"({"a":{"b":1})" + between + R"(,"a":{"c":1}})",
                                   R"({"a":{"b":1})" + between + R"(,"a":7})",
                                   R"({"a":{"b":2,"b":1})" + between + "}",
                                   R"({"a":{"b":2,"\u0062":1})" + between + "}"}),
              (Answers{"kept: ", "filtered", "filtered", "kept: ", "kept: "}));
  }
  EXPECT_EQ(query("[a.b, a[0], a]", {R"({"a":{"b":1},"a":[2]})", R"({"a":[2],"a":{"b":1}})"}),
            (Answers{"kept: [null,2,[2]]", R"(kept: [1,null,{"b":1}])"}));
}

TEST(Matcher, EscapesHideNothing) {
  EXPECT_EQ(where("country == 'France'",
                  {R"({"c\u006funtry":"France"})", R"({"country":"Fr\u0061nce"})",
                   R"({"country":"\"France"})", R"({"text":"\"country\":\"France\""})"}),
            (Answers{"kept: ", "kept: ", "filtered", "filtered"}));
  EXPECT_EQ(where(R"("a\"b" == 'x' || "a\\b" == 'x')",
                  {R"({"a\"b":"x"})", R"({"a\\b":"x"})", R"({"a":"b\":\"x"})"}),
            (Answers{"kept: ", "kept: ", "filtered"}));
}

TEST(Matcher, ErrorsAreThoseOfTheExpression) {
  auto found = where("starts_with(a, 'x') && b == `1`",
                     {R"({"a":"xy","b":1})", R"({"a":7,"b":2})", R"({"a":"y","b":1})"});
  EXPECT_EQ(found[0], "kept: ");
  EXPECT_EQ(found[1].substr(0, 60), "failed: argument 1 of starts_with() must be a string, not a ");
  EXPECT_EQ(found[2], "filtered");
  // To the right of a condition that is false nothing is evaluated.
  EXPECT_EQ(where("b == `1` && starts_with(a, 'x')", {R"({"a":7,"b":2})"}), Answers{"filtered"});
  // What is not JSON has no values of a wrong type.
  EXPECT_EQ(where("length(a)", {R"({"a":7)", R"({"a":7,"b":tru})"})[1],
            "not JSON: not one JSON document: a value is expected here (at byte 11)");
}

TEST(Matcher, KeepsOnlyWhatIsJson) {
  const std::vector<std::string> broken = {R"({"a":"x","b":01})",
                                           R"({"a":"x","b":"\x"})",
                                           R"({"a":"x",})",
                                           R"({"a":"x" "b":1})",
                                           R"({"a":"x"}})",
                                           R"({"a":"x")",
                                           R"({"a":"x","b":[1,2})",
                                           R"({"a":"x","b":{]})",
                                           R"({"a":"x","b":"y})",
                                           "{\"a\":\"x\",\"b\":\"\xFF\"}",
                                           "{\"a\":\"x\",\"b\":\"\n\"}",
                                           R"({"a":"x"}{})",
                                           R"({"a":"x","b":"\ud800"})",
                                           R"({"b":nul,"a":"x"})",
                                           "",
                                           " ",
                                           "x"};
  for (const auto& answer : where("a == 'x'", broken)) {
    EXPECT_EQ(answer.substr(0, 10), "not JSON: ");
  }
  for (const auto& answer : query("[a, b]", broken)) EXPECT_EQ(answer.substr(0, 10), "not JSON: ");
}

TEST(Matcher, ThrownAwayIsLookedAtWholeOnlyWhenStrict) {
  const std::vector<std::string> documents = {R"({"a":"y","b":01)" + tail + "}",
                                              R"({"a":"y","b":"z)" + tail + "}"};
  auto found = where("a == 'x'", documents);
  EXPECT_EQ(found[0], "filtered");
  EXPECT_EQ(found[1], "not JSON: not one JSON document: a string is not closed (at byte 80)");
  found = where("a == 'x'", documents, true);
  EXPECT_EQ(found[0], "not JSON: not one JSON document: a number is not valid (at byte 13)");
}

TEST(Matcher, NeighboursDoNotTouchEachOther) {
  // Open strings whose quotes pair up across documents, scalars that would grow together, blanks.
  std::vector<std::string> documents = {
      R"({"a":"x","b":"})", R"({"a":"x","b":"})", R"({"a":"x"})", "1", "2", "[3", "]", "tr", "ue",
      "{\"a\":\"x\"}\n",    " {\"a\" : \"x\"} ",  "\"{}\"",       "{", "}", "",   "{}"};
  auto found = where("a == 'x'", documents);
  std::string verdicts;
  for (const auto& answer : found) verdicts.push_back(answer[0]);
  EXPECT_EQ(verdicts, "nnkffnnnnkkfnnnf");
}

TEST(Matcher, ServesDocumentsOfAnySize) {
  std::vector<std::string> documents;
  for (std::size_t size : {1U, 100'000U, 3U, 9'000'000U, 10U, 5U}) {
    documents.push_back(R"({"a":")" + std::string(size, 'x') + R"(","b":[1,2],"c":)" +
                        std::to_string(size) + "}");
  }
  std::vector<std::string> expected;
  for (std::size_t size : {1U, 100'000U, 3U, 9'000'000U, 10U, 5U}) {
    expected.push_back("kept: [" + std::to_string(size) + "," + std::to_string(size) + "]");
  }
  EXPECT_EQ(query("[length(a), c]", documents), expected);
  std::vector<std::string> many(5000, R"({"a":1,"b":{"c":[1,2,3]}})");
  many[77] = R"({"a":2})";
  auto found = where("a == `2`", many);
  EXPECT_EQ(std::count(found.begin(), found.end(), "kept: "), 1);
  EXPECT_EQ(found[77], "kept: ");
}

TEST(Matcher, LimitsHold) {
  const Limits limits{.depth_max = 64, .steps_max = 1000, .output_bytes_max = 100};
  auto kind = [&](std::string_view expression, const std::string& document) {
    const Question question{.query = Expression::compile(expression, limits)};
    Matcher matcher;
    const std::string_view documents[] = {document};
    matcher.begin(question, documents);
    std::string out;
    try {
      matcher.next(out);
    } catch (const QueryError& error) {
      EXPECT_EQ(out, "");
      return error.kind();
    }
    return QueryError::Kind::syntax;
  };
  const std::string text(60, 'x');
  EXPECT_EQ(kind("[a, a]", R"({"a":")" + text + "\"}"), QueryError::Kind::limit);
  EXPECT_EQ(kind("[b, b]", R"({"b":[")" + text + "\"]}"), QueryError::Kind::limit);
  std::string numbers = "[0";
  for (int i = 0; i < 2000; ++i) numbers += ",1";
  EXPECT_EQ(kind("a[?@ == `2`]", R"({"a":)" + numbers + "]}"), QueryError::Kind::limit);
  const std::string deep = R"({"a":1,"b":)" + std::string(300, '[') + std::string(300, ']') + "}";
  EXPECT_EQ(query("a", {deep})[0], "not JSON: JSON nested deeper than 256 levels (at byte 266)");
  EXPECT_EQ(where("a == `1`", {deep})[0].substr(0, 8), "not JSON");
}

}  // namespace
}  // namespace flashflood::query
