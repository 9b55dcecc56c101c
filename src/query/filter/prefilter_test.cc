#include "query/filter/prefilter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/test_pairs.h"

namespace flashflood::query {
namespace {

Prefilter prefilter_of(std::string_view expression) {
  return Prefilter(conditions_for_truth(Expression::compile(expression)));
}

std::string searched(std::string_view expression) { return prefilter_of(expression).describe(); }

// Documents back to back, as in a block.
struct Region {
  std::string bytes;
  std::vector<std::uint32_t> ends;

  void add(std::string_view document) {
    bytes += document;
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
};

std::vector<std::uint32_t> select(const Prefilter& prefilter, const Region& region) {
  std::vector<std::uint32_t> candidates{99};
  prefilter.select(region.bytes, region.ends, candidates);
  return candidates;
}

TEST(Prefilter, SearchesWhatADocumentMustHold) {
  EXPECT_EQ(searched("country == 'France'"), R"("\"France\"", and "\"country\"")");
  EXPECT_EQ(searched("contains(a, 'LAMP')"), R"("LAMP", and "\"a\"")");
  EXPECT_EQ(searched("starts_with(a, 'x')"), R"("\"x", and "\"a\"")");
  EXPECT_EQ(searched("ends_with(a, 'x')"), R"("x\"", and "\"a\"")");
  EXPECT_EQ(searched("a == 'x' || b == 'yy'"), R"("\"x\"" or "\"yy\"")");
  EXPECT_EQ(searched("contains(`[\"x\", \"y\"]`, @)"), R"("\"x\"" or "\"y\"")");
  EXPECT_EQ(searched("contains(a, 'LAM') || a == 'LAMP'"), R"("LAM")") << "one holds the other";
  EXPECT_EQ(searched("a == `true`"), R"("true", and "\"a\"")");
  EXPECT_EQ(searched("error.code"), R"("\"error\"", and "\"code\"")");
  EXPECT_EQ(searched("a == ''"), R"("\"\"", and "\"a\"")");
}

TEST(Prefilter, SearchesNothingThatMayBeSpelledOtherwise) {
  EXPECT_EQ(searched("a == `10`"), R"("\"a\"")") << "1e1 is 10 too";
  EXPECT_EQ(searched("a != 'x'"), "");
  EXPECT_EQ(searched("a == `null`"), "");
  EXPECT_EQ(searched("!(a == 'x')"), "");
  EXPECT_EQ(searched("a == b"), "");
  EXPECT_EQ(searched("to_string(a) == '10'"), "");
  EXPECT_EQ(searched("join('', [a, b]) == 'xy'"), "");
  EXPECT_EQ(searched("a == 'x' || b != 'y'"), "");
  EXPECT_EQ(searched("contains(a, '')"), R"("\"a\"")");
  EXPECT_EQ(searched("a == `\"q\\\"q\"`"), R"(nothing, and "\"a\"")")
      << "only a backslash spells a quote";
}

TEST(Prefilter, ADocumentWithABackslashPasses) {
  auto prefilter = prefilter_of("a == 'France'");
  EXPECT_TRUE(prefilter.may_match(R"({"a":"France"})"));
  EXPECT_TRUE(prefilter.may_match(R"({"a":"Fr\u0061nce"})"));
  EXPECT_TRUE(prefilter.may_match(R"({"\u0061":"France"})"));
  EXPECT_TRUE(prefilter.may_match(R"({"a":1,"b":"\n"})"));
  EXPECT_FALSE(prefilter.may_match(R"({"a":"Francs"})"));
  EXPECT_FALSE(prefilter.may_match(R"({"a":"Frances"})"));
  EXPECT_FALSE(prefilter.may_match(""));
  EXPECT_TRUE(prefilter.may_match(R"({"a":1,"b":"France"})")) << "the parser decides";
  EXPECT_TRUE(prefilter.may_match(R"({"a":1,"France":2})")) << "the parser decides";
  EXPECT_TRUE(prefilter_of("a != 'x'").may_match("")) << "nothing to search";
}

TEST(Prefilter, AHitLiesInOneDocument) {
  auto prefilter = prefilter_of("@ == 'France'");
  Region region;
  region.add("1");  // the sample
  region.add("\"Fra");
  region.add("nce\"");
  region.add("");
  region.add("\"");
  region.add("France");
  region.add("\"\"France\"");
  region.add("");
  region.add("2");
  region.add("\"France\"");
  EXPECT_EQ(select(prefilter, region), (std::vector<std::uint32_t>{6, 9}));
  region.add("\\");
  region.add("3");
  EXPECT_EQ(select(prefilter, region), (std::vector<std::uint32_t>{6, 9, 10}));
  EXPECT_TRUE(select(prefilter, {}).empty());
}

TEST(Prefilter, ALongNeedleAtABorderHidesNoShortOne) {
  auto prefilter = prefilter_of("contains(@, 'aab') || contains(@, 'ac')");
  Region region;
  region.add("1");
  region.add("aa");
  region.add("bac");
  region.add("aaa");
  region.add("c");
  EXPECT_EQ(select(prefilter, region), (std::vector<std::uint32_t>{2}));
}

TEST(Prefilter, ThatLetsMostPassIsNotSearched) {
  auto prefilter = prefilter_of("a == 'x'");
  auto count_candidates = [&](int matches_of_eight) {
    Region region;
    for (int i = 0; i < 800; ++i) {
      region.add(i / 50 % 8 < matches_of_eight ? R"({"a":"x"})" : R"({"a":"y"})");
    }
    return select(prefilter, region).size();
  };
  EXPECT_EQ(count_candidates(7), 800U);
  EXPECT_EQ(count_candidates(2), 200U);
}

TEST(Prefilter, SearchesTheClauseThatPays) {
  auto prefilter = prefilter_of("kind == 'something' && by == 'me'");
  Region region;
  for (int i = 0; i < 160; ++i) {
    region.add(i % 20 == 19 ? R"({"kind":"something","by":"me"})"
                            : R"({"kind":"something","by":"us"})");
  }
  EXPECT_EQ(select(prefilter, region).size(), 8U);
}

TEST(Prefilter, WhatDoesNotLookLikeJsonIsToldFromTheRest) {
  for (std::string_view json : {"{}", "[1]", "\"x\"", " {\"a\":1}\r\n"}) {
    EXPECT_TRUE(has_json_ends(json)) << json;
  }
  for (std::string_view other : {"", " \n", "no json", "{", "\"", "{\"a\":1", "{]", "1}"}) {
    EXPECT_FALSE(has_json_ends(other)) << other;
  }
}

// With the prefilter as without it.
TEST(Prefilter, LosesNoDocument) {
  PairSource source(5);
  Document document;
  std::size_t matches = 0, skipped = 0, escaped_matches = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::string text = source.filter();
    const Expression expression = Expression::compile(text);
    const Prefilter prefilter(conditions_for_truth(expression));
    const Prefilter for_result(conditions_for_result(expression));
    if (prefilter.empty() && source.below(10) != 0) continue;
    Region region;
    std::vector<std::string> documents;
    for (std::size_t i = 0, count = 1 + source.below(150); i < count; ++i) {
      documents.push_back(source.document(source.one_of(3)));
      region.add(documents.back());
    }
    const std::vector<std::uint32_t> candidates = select(prefilter, region);
    std::vector<std::uint32_t> scattered;
    std::vector<std::string_view> views(documents.begin(), documents.end());
    prefilter.select(views, scattered);
    EXPECT_EQ(candidates, scattered);
    std::vector<bool> is_candidate(documents.size());
    for (std::uint32_t i : candidates) is_candidate[i] = true;
    skipped += documents.size() - candidates.size();
    for (std::size_t i = 0; i < documents.size(); ++i) {
      ASSERT_TRUE(document.parse(documents[i]));
      try {
        const Result result = evaluate(expression, document);
        if (!result.is_null()) {
          ASSERT_TRUE(for_result.may_match(documents[i])) << text << "\n" << documents[i];
        }
        if (!result.truthy()) continue;
      } catch (const QueryError&) {
        continue;
      }
      ++matches;
      escaped_matches += documents[i].find('\\') != std::string::npos;
      ASSERT_TRUE(is_candidate[i]) << text << "\n" << documents[i];
      ASSERT_TRUE(prefilter.may_match(documents[i])) << text << "\n" << documents[i];
    }
  }
  EXPECT_GT(matches, 1000U);
  EXPECT_GT(escaped_matches, 300U);
  EXPECT_GT(skipped, 10'000U);
}

}  // namespace
}  // namespace flashflood::query
