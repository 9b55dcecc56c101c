#include "query/filter/conditions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "query/json/members.h"
#include "query/json/number.h"
#include "query/json/reader.h"
#include "query/json/structure.h"
#include "query/test_pairs.h"

namespace flashflood::query {
namespace {

// What the header says of conditions, in the plainest way.

bool equal(const Value& left, const Value& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case Kind::boolean:
      return left.flag == right.flag;
    case Kind::number:
      return compare(to_number(left), to_number(right)) == 0;
    case Kind::string:
      return left.view() == right.view();
    case Kind::array:
      return std::equal(left.items, left.items + left.size, right.items, right.items + right.size,
                        equal);
    case Kind::object: {
      std::vector<Value> storage[2];
      auto ours = unique_members(left, storage[0]);
      if (ours.size() != unique_members(right, storage[1]).size()) return false;
      for (std::size_t i = 0; i < ours.size(); i += 2) {
        const Value* theirs = find_member(right, ours[i].view());
        if (theirs == nullptr || !equal(ours[i + 1], *theirs)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

void reach(const Value& value, std::span<const PathStep> path, std::vector<Value>& reached) {
  if (path.empty()) return reached.push_back(value);
  const PathStep& step = path[0];
  path = path.subspan(1);
  auto each_element = [&] {
    for (std::size_t i = 0; i < value.size; ++i) reach(value.items[i], path, reached);
  };
  switch (step.kind) {
    case PathStep::Kind::field: {
      const Value* member = value.kind == Kind::object ? find_member(value, step.name) : nullptr;
      return reach(member == nullptr ? Value{} : *member, path, reached);
    }
    case PathStep::Kind::index: {
      auto size = value.kind == Kind::array ? static_cast<std::int64_t>(value.size) : 0;
      std::int64_t at = step.index < 0 ? step.index + size : step.index;
      return reach(at < 0 || at >= size ? Value{} : value.items[at], path, reached);
    }
    case PathStep::Kind::elements:
      if (value.kind == Kind::array) each_element();
      return;
    case PathStep::Kind::spread:
      return value.kind == Kind::array ? each_element() : reach(value, path, reached);
    case PathStep::Kind::values:
      if (value.kind != Kind::object) return;
      for (std::size_t i = 0; i < value.size; ++i) reach(value.items[2 * i + 1], path, reached);
      return;
  }
}

bool passes(const Value& value, Comparison comparison, const Value& literal) {
  const bool same_kind = value.kind == literal.kind;
  const bool both_strings = same_kind && literal.kind == Kind::string;
  std::partial_ordering order = std::partial_ordering::unordered;
  if (both_strings) order = value.view().compare(literal.view()) <=> 0;
  if (same_kind && literal.kind == Kind::number) {
    order = compare(to_number(value), to_number(literal));
  }
  switch (comparison) {
    case Comparison::equal:
      return equal(value, literal);
    case Comparison::not_equal:
      return !equal(value, literal);
    case Comparison::less:
      return order < 0;
    case Comparison::less_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_equal:
      return order >= 0;
    case Comparison::contains:
      if (value.kind == Kind::array) {
        return std::any_of(value.items, value.items + value.size,
                           [&](const Value& item) { return equal(item, literal); });
      }
      return both_strings && value.view().find(literal.view()) != std::string_view::npos;
    case Comparison::starts_with:
      return both_strings && value.view().starts_with(literal.view());
    case Comparison::ends_with:
      return both_strings && value.view().ends_with(literal.view());
    case Comparison::truth:
      return is_true(value);
  }
  return false;
}

bool holds(const Condition& condition, const Value& document) {
  auto part_holds = [&](const Condition& part) { return holds(part, document); };
  switch (condition.kind) {
    case Condition::Kind::always:
      return true;
    case Condition::Kind::never:
      return false;
    case Condition::Kind::all:
      return std::all_of(condition.parts.begin(), condition.parts.end(), part_holds);
    case Condition::Kind::any:
      return std::any_of(condition.parts.begin(), condition.parts.end(), part_holds);
    case Condition::Kind::test:
      break;
  }
  std::vector<Value> reached;
  reach(document, condition.path, reached);
  return std::any_of(reached.begin(), reached.end(), [&](const Value& value) {
    return passes(value, condition.comparison, condition.literal);
  });
}

std::string truth(std::string_view expression) {
  return describe(conditions_for_truth(Expression::compile(expression)));
}

TEST(Conditions, OfComparisons) {
  EXPECT_EQ(truth("country == 'France'"), "country == 'France'");
  EXPECT_EQ(truth("'France' == a.b[0].\"c d\""), "a.b[0].\"c d\" == 'France'");
  EXPECT_EQ(truth("`3` < a"), "a > `3`");
  EXPECT_EQ(truth("a <= `3` && b != `[1,2]`"), "a <= `3` && b != `[1,2]`");
  EXPECT_EQ(truth("a == 'x' || a == 'y' && b"), "a == 'x' || (a == 'y' && b)");
  EXPECT_EQ(truth("@ == 'x'"), "@ == 'x'");
  EXPECT_EQ(truth("a < b"), "a != `null` && b != `null`");
  EXPECT_EQ(truth("a < `true`"), "`false`");
  EXPECT_EQ(truth("a == b"), "`true`");
  EXPECT_EQ(truth("a == 'x' || a == b"), "`true`");
  EXPECT_EQ(truth("`false` || a"), "a");
  EXPECT_EQ(truth("`false` && a"), "`false`");
}

TEST(Conditions, OfNegations) {
  EXPECT_EQ(truth("!(a == 'x')"), "a != 'x'");
  EXPECT_EQ(truth("!(a != 'x' || !b)"), "a == 'x' && b");
  EXPECT_EQ(truth("!(a == 'x' && b == 'y')"), "a != 'x' || b != 'y'");
  EXPECT_EQ(truth("!a"), "`true`");
  EXPECT_EQ(truth("!(a < `3`)"), "`true`") << "a that is no number is not less";
}

TEST(Conditions, OfFunctions) {
  EXPECT_EQ(truth("contains(a, 'x')"), "contains(a, 'x')");
  EXPECT_EQ(truth("starts_with(a, 'x') && ends_with(b.c, 'y')"),
            "starts_with(a, 'x') && ends_with(b.c, 'y')");
  EXPECT_EQ(truth("contains(`[\"x\", \"y\"]`, a)"), "a == 'x' || a == 'y'");
  EXPECT_EQ(truth("length(a) > `2`"), "a != `null`");
  EXPECT_EQ(truth("not_null(a, b)"), "a || b");
  EXPECT_EQ(truth("to_string(a) == '1'"), "`true`");
  EXPECT_EQ(truth("contains(to_string(a), '1')"), "`true`");
  EXPECT_EQ(truth("contains('xyz', a)"), "`true`");
}

TEST(Conditions, OfProjections) {
  EXPECT_EQ(truth("items[?price > `10`]"), "items[*].price > `10`");
  EXPECT_EQ(truth("items[*].name"), "items[*].name != `null`");
  EXPECT_EQ(truth("contains(items[*].name, 'LAMP')"), "items[*].name == 'LAMP'");
  EXPECT_EQ(truth("(items[?a == 'x'].b | [0]) == 'y'"), "items[*].a == 'x' && items[*].b == 'y'");
  EXPECT_EQ(truth("(items[*].b | [0]) != 'y'"), "`true`") << "there may be no item";
  EXPECT_EQ(truth("a.*.b"), "a.*.b != `null`");
  EXPECT_EQ(truth("a[*].b | c"), "`false`");
}

TEST(Conditions, ForAResult) {
  auto result = [](std::string_view expression) {
    return describe(conditions_for_result(Expression::compile(expression)));
  };
  EXPECT_EQ(result("a.b"), "a.b != `null`");
  EXPECT_EQ(result("a == 'x'"), "`true`") << "false is a result";
  EXPECT_EQ(result("a || b"), "a != `null` || b != `null`");
  EXPECT_EQ(result("items[?a == 'x']"), "items != `null`") << "and so is []";
  EXPECT_EQ(result("items[?a == 'x'] | [0]"), "items[*].a == 'x'");
  EXPECT_EQ(result("sum(a)"), "a != `null`");
}

TEST(Conditions, StayShortForLongExpressions) {
  std::string chain = "a[?x";
  for (int i = 0; i < 20'000; ++i) chain += " && a.b.c == 'x'";
  chain += "] | [";
  for (int i = 0; i < 20'000; ++i) chain += "@,";
  for (std::string tail : {"@]", "@] | (@ || @)"}) {
    EXPECT_LT(truth(chain + tail).size(), 500'000U);
  }
  std::string path = "a";
  for (int i = 0; i < 20'000; ++i) path += ".a";
  EXPECT_EQ(truth(path + " == 'x'"), "`true`");
}

// Whatever an expression is true on meets its conditions.
TEST(Conditions, AreNecessary) {
  PairSource source(11);
  int met = 0, results = 0, excluded = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string text = source.filter();
    const Expression expression = Expression::compile(text);
    const Condition for_truth = conditions_for_truth(expression);
    const Condition for_result = conditions_for_result(expression);
    for (int i = 0; i < 20; ++i) {
      const std::string json = source.document(true);
      const std::string padded = json + std::string(StructureFinder::padding, ' ');
      StructureFinder finder;
      ASSERT_EQ(finder.find(padded.data(), json.size()), nullptr) << json;
      Reader reader;
      Arena arena;
      auto root = reader.read(finder.tokens(), arena, {.depth_max = 100});
      Document document;
      ASSERT_TRUE(root && document.parse(json)) << json;
      const bool may_be_true = holds(for_truth, *root);
      excluded += !may_be_true;
      try {
        Result result = evaluate(expression, document);
        if (result.truthy()) {
          ++met;
          ASSERT_TRUE(may_be_true) << text << "\n" << describe(for_truth) << "\n" << json;
        }
        if (!result.is_null()) {
          ++results;
          ASSERT_TRUE(holds(for_result, *root)) << text << "\n"
                                                << describe(for_result) << "\n"
                                                << json;
        }
      } catch (const QueryError&) {
        continue;  // neither true nor a result
      }
    }
  }
  EXPECT_GT(met, 2000);
  EXPECT_GT(results, 10'000);
  EXPECT_GT(excluded, 10'000);
}

}  // namespace
}  // namespace flashflood::query
