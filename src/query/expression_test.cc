#include "query/expression.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "flashflood/jmespath.h"

namespace flashflood::query {
namespace {

struct Problem {
  QueryError::Kind kind{};
  std::size_t column = 0;
  std::string message;
};

Problem compile_problem(std::string_view text, const Limits& limits = {}) {
  try {
    Expression::compile(text, limits);
    ADD_FAILURE() << text << " compiles";
  } catch (const QueryError& error) {
    return {error.kind(), error.column(), error.what()};
  }
  return {};
}

TEST(Expression, SyntaxErrorsPointAtTheMistake) {
  Problem problem = compile_problem("foo.é");
  EXPECT_EQ(problem.kind, QueryError::Kind::syntax);
  EXPECT_EQ(problem.message,
            "this character begins nothing that JMESPath knows (column 4)\nfoo.é\n    ^");
  // The column counts bytes, the caret characters.
  problem = compile_problem("'é' = a");
  EXPECT_EQ(problem.column, 5U);
  EXPECT_EQ(problem.message, "'=' is no operator; equality is '==' (column 5)\n'é' = a\n    ^");
  EXPECT_EQ(compile_problem("").column, 0U);
  EXPECT_EQ(compile_problem("a.").column, 2U);
  EXPECT_EQ(compile_problem("a[?b").column, 4U);
  EXPECT_EQ(compile_problem("a b").column, 2U);
  EXPECT_EQ(compile_problem("foo(a b)").column, 6U);
  EXPECT_EQ(compile_problem("foo(a,)").column, 6U);
  EXPECT_EQ(compile_problem("[a, &b]").column, 4U);
  EXPECT_EQ(compile_problem("\xFF").kind, QueryError::Kind::syntax);
}

TEST(Expression, ShowsTheNeighbourhoodInLongExpressions) {
  std::string text = std::string(500, 'a') + "\n.." + std::string(500, 'b');
  Problem problem = compile_problem(text);
  EXPECT_EQ(problem.column, 502U);
  EXPECT_EQ(problem.message, "a name, '*', '[' or '{' is expected after '.' (column 502)\n..." +
                                 std::string(58, 'a') + " .." + std::string(39, 'b') + "...\n" +
                                 std::string(63, ' ') + "^");
}

TEST(Expression, MistakesOfMeaningShowWhenCompiling) {
  EXPECT_EQ(compile_problem("a || foo(b)").kind, QueryError::Kind::unknown_function);
  EXPECT_EQ(compile_problem("a || foo(b)").column, 5U);
  EXPECT_EQ(compile_problem("length()").kind, QueryError::Kind::invalid_arity);
  EXPECT_EQ(compile_problem("length(a, b)").message,
            "length() takes 1 argument, not 2 (column 0)\nlength(a, b)\n^");
  EXPECT_EQ(compile_problem("merge()").message,
            "merge() takes at least 1 argument, not 0 (column 0)\nmerge()\n^");
  EXPECT_EQ(compile_problem("a[::0]").kind, QueryError::Kind::invalid_value);
  EXPECT_EQ(compile_problem("foo(a").kind, QueryError::Kind::syntax);
}

TEST(Expression, DeepExpressionsAreRefused) {
  auto repeat = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  constexpr int deep = 10'000;
  for (const std::string& text :
       {repeat("(", deep) + "a" + repeat(")", deep), repeat("[", deep) + "a" + repeat("]", deep),
        repeat("{a:", deep) + "a" + repeat("}", deep), repeat("!", deep) + "a",
        repeat("a[?", deep) + "a" + repeat("]", deep),
        repeat("abs(", deep) + "a" + repeat(")", deep), "a" + repeat("[*]", deep),
        "a" + repeat("[]", deep), "a" + repeat(".*", deep), "a" + repeat("==a", deep),
        "a" + repeat("[:]", deep), "a" + repeat("[?b]", deep), "map(&" + repeat("map(&", deep),
        repeat("*.", deep) + "*", "`" + repeat("[", deep) + repeat("]", deep) + "`"}) {
    EXPECT_EQ(compile_problem(text).kind, QueryError::Kind::limit) << text.substr(0, 20);
  }
  Limits greedy{.depth_max = 1'000'000};
  EXPECT_EQ(compile_problem(repeat("(", deep), greedy).kind, QueryError::Kind::limit);
  EXPECT_NO_THROW(Expression::compile(repeat("(", 200) + "a" + repeat(")", 200)));
}

TEST(Document, SaysWhyItIsNotJson) {
  Document document;
  EXPECT_EQ(document.problem(), "");
  EXPECT_FALSE(document.parse("{\"a\": }"));
  EXPECT_EQ(document.problem(), "not one JSON document: a value is expected here (at byte 6)");
  EXPECT_TRUE(evaluate(Expression::compile("@"), document).is_null());
  std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  EXPECT_FALSE(document.parse(deep));
  EXPECT_EQ(document.problem(), "JSON nested deeper than 256 levels (at byte 256)");
  EXPECT_TRUE(document.parse("1"));
  EXPECT_EQ(document.problem(), "");
}

TEST(Document, SaysAtWhichByteItIsNotJson) {
  const auto problem = [](std::string_view text) {
    Document document;
    EXPECT_FALSE(document.parse(text)) << text;
    return std::string(document.problem());
  };
  EXPECT_EQ(problem("{\"id\":\"a\",\"t\":1,\"s\":\"tab\there\"}"),
            "not one JSON document: a string holds an unescaped control character (at byte 24)");
  EXPECT_EQ(problem("{\"id\":\"a\",\"t\":1,\"s\":\"caf\xe9\"}"),
            "not one JSON document: it is not valid UTF-8 (at byte 24)");
  EXPECT_EQ(problem(R"({"id":"a","t":1,"s":"unclosed})"),
            "not one JSON document: a string is not closed (at byte 20)");
  // Escapes, also of quotes, and what stands between strings is no part of the fault.
  EXPECT_EQ(problem("{\"a\\\"\\\\\":\n\"b\x01\"}"),
            "not one JSON document: a string holds an unescaped control character (at byte 12)");
  EXPECT_EQ(problem(R"({"a\"":"x)"), "not one JSON document: a string is not closed (at byte 7)");
  EXPECT_EQ(problem(""), "not one JSON document: it is empty (at byte 0)");
}

TEST(Document, ResultsStayValidUntilTheNextParse) {
  Document document;
  std::vector<Result> results;
  {
    std::string json = R"({"a": ["x", "y"], "b": 7})";
    ASSERT_TRUE(document.parse(json));
    std::fill(json.begin(), json.end(), '#');
  }
  results.push_back(evaluate(Expression::compile("join('-', a)"), document));
  results.push_back(evaluate(Expression::compile("'literal'"), document));
  results.push_back(evaluate(Expression::compile("b"), document));
  for (int i = 0; i < 100; ++i) evaluate(Expression::compile("[a, b, 'other']"), document);
  EXPECT_EQ(results[0].as_string(), "x-y");
  EXPECT_EQ(results[1].as_string(), "literal");
  EXPECT_FALSE(results[2].as_string().has_value());
  std::string out;
  results[2].append_json(out);
  EXPECT_EQ(out, "7");
}

TEST(Document, ReadsBigAndSmallInTurn) {
  Document document;
  auto length = Expression::compile("length(@)");
  for (std::size_t count : {1U, 3'000'000U, 2U, 100'000U, 5U}) {
    std::string json = "\"" + std::string(count, 'x') + "\"";
    ASSERT_TRUE(document.parse(json));
    std::string out;
    evaluate(length, document).append_json(out);
    EXPECT_EQ(out, std::to_string(count));
  }
}

TEST(Expression, ServesManyThreads) {
  auto expression = Expression::compile("items[?price > `10`].{name: name, all: join(',', tags)}");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([expression] {
      Document document;
      for (int round = 0; round < 200; ++round) {
        ASSERT_TRUE(document.parse(
            R"({"items": [{"name": "a", "price": 11, "tags": ["x", "y"]}, {"price": 10}]})"));
        std::string out;
        evaluate(expression, document).append_json(out);
        ASSERT_EQ(out, R"([{"name":"a","all":"x,y"}])");
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(CompactJson, RemovesBlanksOnly) {
  std::string out = "before ";
  EXPECT_TRUE(
      append_compact_json(" { \"a b\" : [ 1.50 ,\n\t\"\\u0041 \\ud800\" ], \"a b\": {} } ", out));
  EXPECT_EQ(out, R"(before {"a b":[1.50,"\u0041 \ud800"],"a b":{}})");
  out = "kept";
  EXPECT_FALSE(append_compact_json("{\"a\": [1, 2}", out));
  EXPECT_FALSE(append_compact_json("", out));
  EXPECT_EQ(out, "kept");
  std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  out.clear();
  EXPECT_TRUE(append_compact_json(deep, out));
  EXPECT_EQ(out, deep);
}

TEST(PublicExpression, SearchesAndMatches) {
  flashflood::Expression expression("a > `3`");
  EXPECT_EQ(expression.text(), "a > `3`");
  EXPECT_EQ(expression.search(R"({"a": 4})"), "true");
  EXPECT_TRUE(expression.matches(R"({"a": 4})"));
  EXPECT_FALSE(expression.matches(R"({"a": 3})"));
  EXPECT_EQ(expression.search("[]"), "null");
  EXPECT_THROW(expression.search("{"), InvalidArgument);
  EXPECT_THROW(flashflood::Expression("a >"), QueryError);
}

}  // namespace
}  // namespace flashflood::query
