// Random and damaged input: whatever comes, there is a result or a QueryError, and time and memory
// stay within the limits. Run under the sanitizers this finds what reads out of bounds.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"
#include "query/matcher.h"

namespace flashflood::query {
namespace {

constexpr Limits tight{.depth_max = 64, .steps_max = 100'000, .output_bytes_max = 1 << 18};

constexpr std::string_view expressions[] = {
    "a[?b > `1` && c != 'x'].{k: c, \"l\": d[-1], m: @}",
    "sort_by(a, &b)[::-1] | map(&join('-', [c, to_string(b)]), @)",
    "merge(a[0], `{\"x\": [1, 2.5, null]}`) | [keys(@), values(@), *]",
    "[max(a[].b), min_by(a, &c).d[0:2], sum(a[*].b), avg(`[1, 2]`), reverse(c || 'é')]",
    "a[][].d[] | [?@ == `1`] || not_null(`null`, length(@), type(@))",
    "c == 'y' && a[0].b > `0` && a[1].c != 'x' && {k: c, l: a[0].d, m: a[*].b}",
    "[c, a[0].c, a[0].d[1], a]",
};

constexpr std::string_view documents[] = {
    R"({"a": [{"b": 1, "c": "x", "d": [1, 2]}, {"b": 2.5e3, "c": "é\u00e9", "d": []}], "c": "y"})",
    R"([[1, [2, "3"]], {"a": null}, true, "\ud83d\ude00\n", -0.5e-7])",
};

class Source {
 public:
  explicit Source(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }
  std::string bytes(std::string_view alphabet, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      text.push_back(alphabet.empty() ? static_cast<char>(below(256))
                                      : alphabet[below(alphabet.size())]);
    }
    return text;
  }
  // Up to three bytes lost, doubled, or replaced; or a piece moved.
  std::string damaged(std::string_view text, std::string_view alphabet) {
    std::string result(text);
    for (std::size_t i = 0, count = 1 + below(3); i < count && !result.empty(); ++i) {
      std::size_t at = below(result.size());
      switch (below(4)) {
        case 0:
          result.erase(at, 1 + below(4));
          break;
        case 1:
          result.insert(at, bytes(alphabet, 1));
          break;
        case 2:
          result[at] = bytes(alphabet, 1)[0];
          break;
        default:
          result.insert(below(result.size()), result.substr(at, below(12)));
          break;
      }
    }
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

constexpr std::string_view expression_bytes = "ab.*[]{}()?:,@&|!=<>-019'\"`\\ \n_";
constexpr std::string_view json_bytes = "{}[]:,\"\\ u0d8-+.eE19tfn\n\x01\xC3\xA9";

// Asks the way a replay does: as filter and as query, of the document between two others, with
// nothing behind it that may be read.
void ask(const Expression& expression, std::string_view json) {
  const std::string block = "{\"a\":1}" + std::string(json) + "{}" + std::string(json);
  const std::unique_ptr<char[]> exact(new char[block.size()]);
  std::copy(block.begin(), block.end(), exact.get());
  const std::string_view text(exact.get(), block.size());
  const std::string_view asked[] = {text.substr(0, 7), text.substr(7, json.size()),
                                    text.substr(7 + json.size(), 2), text.substr(9 + json.size())};
  for (const Question& question : {Question{.where = expression}, Question{.query = expression}}) {
    Matcher matcher;
    matcher.begin(question, asked);
    for (std::size_t i = 0; i < std::size(asked); ++i) {
      std::string out;
      try {
        if (matcher.next(out) == Matcher::Verdict::kept && question.query) {
          Document printed;
          EXPECT_TRUE(printed.parse(out)) << out;
        }
      } catch (const QueryError&) {
        EXPECT_EQ(out, "");
      }
    }
  }
}

// Whether the pair ended in a result.
bool run(std::string_view expression, std::string_view json) {
  Document document(tight);
  if (!document.parse(json)) {
    EXPECT_FALSE(document.problem().empty());
    std::string out;
    EXPECT_TRUE(!append_compact_json(json, out) ||
                document.problem().find("nested") != std::string_view::npos ||
                document.problem().find("surrogate") != std::string_view::npos)
        << json;
  }
  try {
    auto compiled = Expression::compile(expression, tight);
    EXPECT_FALSE(compiled.describe_plan().empty());
    ask(compiled, json);
    std::string out;
    evaluate(compiled, document).append_json(out);
    EXPECT_TRUE(document.parse(out)) << out;
    return true;
  } catch (const QueryError& error) {
    EXPECT_NE(std::string_view(error.what()), "");
    return false;
  }
}

TEST(Robustness, RandomBytes) {
  Source source(1);
  for (int i = 0; i < 20'000; ++i) {
    run(source.bytes(i % 2 == 0 ? expression_bytes : "", source.below(24)),
        source.bytes(i % 3 != 0 ? json_bytes : "", source.below(200)));
  }
}

TEST(Robustness, DamagedExpressionsAndDocuments) {
  Source source(2);
  int results = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto expression = source.damaged(expressions[source.below(std::size(expressions))],
                                     i % 2 == 0 ? expression_bytes : "");
    auto json =
        source.damaged(documents[source.below(std::size(documents))], i % 3 == 0 ? json_bytes : "");
    results += run(i % 4 == 0 ? expressions[source.below(std::size(expressions))] : expression,
                   i % 4 == 1 ? documents[source.below(std::size(documents))] : json);
  }
  EXPECT_GT(results, 1000);
}

TEST(Robustness, EveryPrefix) {
  for (std::string_view expression : expressions) {
    for (std::size_t size = 0; size <= expression.size(); ++size) {
      run(expression.substr(0, size), documents[0]);
    }
  }
  for (std::string_view json : documents) {
    for (std::size_t size = 0; size <= json.size(); ++size) run("@", json.substr(0, size));
  }
}

// Chains cost no depth, but each of their parts may wrap what the one before it gave.
TEST(Robustness, NestingOfResultsIsBounded) {
  for (std::string_view part : {"[@]", "{a: @}", "to_array([@])", "[*].[@]", "map(&[@], [@])"}) {
    std::string chain(part);
    for (int i = 1; i < 60; ++i) chain.append(" | ").append(part);
    bool ends_in_result = run(chain, "[1]");
    EXPECT_EQ(ends_in_result, part != "to_array([@])" && part != "map(&[@], [@])") << part;
    for (int i = 60; i < 20'000; ++i) chain.append(" | ").append(part);
    try {
      Expression::compile(chain);
      ADD_FAILURE() << part;
    } catch (const QueryError& error) {
      EXPECT_EQ(error.kind(), QueryError::Kind::limit) << part;
    }
  }
}

TEST(Robustness, LongChainsThatNestNothing) {
  for (std::string_view part : {"@", "sort(@)", "[*]", "not_null(@, @)"}) {
    std::string chain(part);
    for (int i = 1; i < 5'000; ++i) chain.append(" | ").append(part);
    EXPECT_TRUE(run(chain, "[1]")) << part;
  }
}

}  // namespace
}  // namespace flashflood::query
