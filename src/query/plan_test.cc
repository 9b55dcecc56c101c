// The plan and the tree: what each is made for, and that both give the same answers.

#include "query/plan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "query/matcher.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

std::string plan_of(std::string_view expression) {
  return Expression::compile(expression).describe_plan();
}

TEST(Plan, TellsWhatItDoes) {
  EXPECT_EQ(plan_of("country == 'France'"),
            "probes: country\nfalse early without: country == \"France\"\n");
  EXPECT_EQ(plan_of("`3` < a.b[0].\"x y\" && a.b[0] && c != `null`"),
            "probes: a.b[0], a.b[0].\"x y\", c\n"
            "false early without: a.b[0].\"x y\" > 3, c != null\n");
  EXPECT_EQ(plan_of("[@.a, items[?price > `1`].name, b[].c, d[-1], @.a | e]"),
            "probes: a, a.e, items, b, d\ntree: items, b, d\n");
  EXPECT_EQ(plan_of("{x: a, all: @}"), "tree: the whole document, which column 12 asks for\n");
  EXPECT_EQ(plan_of("a || [0]"), "tree: the whole document, which column 5 asks for\n");
}

TEST(Plan, DecidesEarlyOnlyWhatMayNotFailBefore) {
  EXPECT_EQ(plan_of("length(a) > `1` && b == `2`"), "probes: a, b\n");
  EXPECT_EQ(plan_of("b == `2` && length(a) > `1` && c == `3`"),
            "probes: b, a, c\nfalse early without: b == 2\n");
  EXPECT_EQ(plan_of("type(a) == 'x' && b == `2`"), "probes: a, b\nfalse early without: b == 2\n");
  EXPECT_EQ(plan_of("a == `1` || b == `2`"), "probes: a, b\n");
  EXPECT_EQ(plan_of("a == b"), "probes: a, b\n");
  EXPECT_EQ(plan_of("a == `[1]`"), "probes: a\n");
}

TEST(Plan, IsBounded) {
  std::string many = "[a0";
  for (int i = 1; i < 65; ++i) many += ",a" + std::to_string(i);
  EXPECT_EQ(plan_of(many + "]").substr(0, 5), "tree:");
  std::string longest = "a";
  for (int i = 0; i < 100; ++i) longest += ".a";
  EXPECT_EQ(plan_of(longest),
            "probes: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n"
            "tree: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n");
}

// --- both ways on random expressions and documents

class Source {
 public:
  explicit Source(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }
  template <std::size_t size>
  std::string pick(const char* const (&choices)[size]) {
    return choices[below(size)];
  }

  std::string document(int depth) {
    std::string text = blank();
    switch (depth == 0 ? 6 : below(9)) {
      case 0:
      case 1: {
        text += "[";
        for (std::size_t i = 0, count = below(4); i < count; ++i) {
          text += (i == 0 ? "" : ",") + document(depth - 1);
        }
        return text + blank() + "]" + blank();
      }
      case 2:
      case 3:
      case 4:
        return text + object(depth);
      default:
        return text +
               pick({"0",
                     "1",
                     "-0",
                     "1.0",
                     "2.50",
                     "1e2",
                     "12345678901234567890",
                     "0.1e-3",
                     "-7",
                     "true",
                     "false",
                     "null",
                     "\"\"",
                     "\"x\"",
                     "\"xy\"",
                     "\"a\"",
                     "\"\\u0078\"",
                     "\"é\\n\"",
                     "\"{\\\"a\\\":1}\"",
                     "\"}\"",
                     "\"long enough to pass eight\"",
                     "123456789012345",
                     "3.14159265358979"}) +
               blank();
    }
  }
  std::string object(int depth) {
    std::string text = "{";
    for (std::size_t i = 0, count = below(7); i < count; ++i) {
      text += (i == 0 ? "" : ",") + blank() +
              pick({"\"a\"", "\"a\"", "\"b\"", "\"b\"", "\"c\"", "\"long_name\"", "\"long_name_2\"",
                    "\"\\u0061\"", "\"\"", "\"é\"", "\"a.b\"", "\"long_nam\""}) +
              blank() + ":" + document(depth - 1);
    }
    return text + blank() + "}" + blank();
  }
  // Something lost, doubled or changed.
  std::string damaged(std::string text) {
    std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        return text.substr(0, at);
      case 1:
        return text.erase(at, 1 + below(3));
      case 2:
        return text.insert(at, pick({"\"", "{", "}", "[", "]", ",", ":", "\\", "1", "-", "\xFF"}));
      default:
        text[at] = pick({"\"", "{", "}", "[", "]", ",", ":", "\\", "1", "x", "\n"})[0];
        return text;
    }
  }

  std::string path() {
    std::string text =
        pick({"a",     "b",           "c",   "long_name", "long_name_2", "\"\"",    "\"é\"",
              "a.b",   "a.a",         "b.a", "a[0]",      "a[1].b",      "b[0][1]", "\"a.b\"",
              "a.b.c", "long_name.a", "@.a", "a | b",     "a[-1]",       "long_nam"});
    return text;
  }
  std::string operand(int depth) {
    switch (depth == 0 ? below(3) : below(5)) {
      case 0:
        return pick({"'x'", "'xy'", "'é'", "`1`", "`1.0`", "`0`", "`2.5`", "`null`", "`true`",
                     "`[1]`", "`{\"a\": 1}`", "`12345678901234567890`", "`-7`", "`\"\"`"});
      case 1:
      case 2:
        return path();
      case 3:
        return pick({"length", "type", "to_string", "to_number", "not_null", "keys", "sum", "abs",
                     "to_array", "values", "sort", "reverse"}) +
               "(" + expression(depth - 1) + ")";
      default:
        return pick({"contains", "starts_with", "ends_with"}) + "(" + path() + ", " +
               pick({"'x'", "`1`", "'é'", "b", "to_string(b)"}) + ")";
    }
  }
  std::string expression(int depth) {
    switch (depth == 0 ? 0 : below(12)) {
      case 0:
      case 1:
        return operand(depth);
      case 2:
      case 3:
        return operand(depth - 1) + pick({" == ", " != ", " < ", " <= ", " > ", " >= "}) +
               operand(depth - 1);
      case 4:
      case 5:
        return expression(depth - 1) + " && " + expression(depth - 1);
      case 6:
        return expression(depth - 1) + " || " + expression(depth - 1);
      case 7:
        return "!(" + expression(depth - 1) + ")";
      case 8:
        return "[" + expression(depth - 1) + ", " + path() + "]";
      case 9:
        return "{x: " + path() + ", y: " + expression(depth - 1) + ", x: " + path() + "}";
      case 10:
        return path() + pick({"[*]", "[]", ".*", "[?a == `1`]", "[0:2]", "[?b]"}) +
               pick({"", ".a", "[0]"});
      default:
        return "(" + expression(depth - 1) + ")" + pick({"", ".a", "[0]", " | b", " | @"});
    }
  }

 private:
  std::string blank() { return below(8) == 0 ? pick({" ", "\n", "\t ", "   "}) : ""; }
  std::mt19937_64 engine_;
};

constexpr Limits tight{.depth_max = 64, .steps_max = 100'000, .output_bytes_max = 1 << 16};

template <typename Run>
std::string outcome(Run run) {
  try {
    return run();
  } catch (const QueryError& error) {
    return std::string("! ") + error.what();
  }
}

TEST(Plan, GivesWhatTheTreeGives) {
  Source source(11);
  int planned = 0;
  for (int round = 0; round < 3000; ++round) {
    const auto expression = Expression::compile(source.expression(3), tight);
    planned += expression.program()->plan.is_usable ? 1 : 0;
    SCOPED_TRACE(expression.text());

    // Documents side by side, some of them damaged.
    std::vector<std::string> texts;
    std::string block;
    for (int i = 0; i < 8; ++i) {
      std::string text = source.below(5) == 0 ? source.document(3) : source.object(3);
      if (source.below(4) == 0) text = source.damaged(text);
      texts.push_back(text);
      block += text;
    }
    std::vector<std::string_view> documents;
    for (std::size_t i = 0, begin = 0; i < texts.size(); begin += texts[i++].size()) {
      documents.push_back(std::string_view(block).substr(begin, texts[i].size()));
    }
    const Question where{.where = expression};
    const Question strict{.where = expression, .strict = true};
    const Question query{.query = expression};
    Matcher where_matcher;
    Matcher strict_matcher;
    Matcher query_matcher;
    where_matcher.begin(where, documents);
    strict_matcher.begin(strict, documents);
    query_matcher.begin(query, documents);

    for (const auto& text : texts) {
      SCOPED_TRACE(text);
      Document document;
      const bool is_json = document.parse(text);
      bool is_kept = false;
      bool is_null = false;
      const std::string expected = outcome([&] {
        const Result result = evaluate_by_tree(expression, document);
        is_kept = result.truthy();
        is_null = result.is_null();
        std::string out;
        result.append_json(out);
        return out;
      });
      const bool fails = expected[0] == '!';

      if (is_json) {
        Document fresh;
        EXPECT_TRUE(fresh.parse(text));
        EXPECT_EQ(expected, outcome([&] {
                    std::string out;
                    evaluate(expression, fresh).append_json(out);
                    return out;
                  }));
      }
      auto verdict = [](Matcher& matcher) {
        return outcome([&] {
          std::string out;
          switch (matcher.next(out)) {
            case Matcher::Verdict::kept:
              return "+" + out;
            case Matcher::Verdict::filtered:
              return std::string("-");
            case Matcher::Verdict::not_json:
              break;
          }
          return "? " + matcher.problem();
        });
      };
      const std::string not_json = "? " + std::string(document.problem());
      const std::string kept_or_not = fails ? expected : is_kept ? "+" : "-";
      EXPECT_EQ(verdict(query_matcher), !is_json  ? not_json
                                        : fails   ? expected
                                        : is_null ? "-"
                                                  : "+" + expected);
      EXPECT_EQ(verdict(strict_matcher), is_json ? kept_or_not : not_json);
      const std::string loose = verdict(where_matcher);
      if (is_json) {
        EXPECT_EQ(loose, kept_or_not);
      } else {
        EXPECT_TRUE(loose == not_json || loose == "-") << loose;
      }
    }
  }
  EXPECT_GT(planned, 1000);
}

}  // namespace
}  // namespace flashflood::query
