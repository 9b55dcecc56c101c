// Runs the test suite of the JMESPath specification as it was published, every case in every way in
// which FlashFlood evaluates: with the plan, by the tree, and as a replay does. The expected
// results are read and compared by simdjson's DOM, which the evaluator itself does not use.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "query/expression.h"
#include "query/matcher.h"

namespace flashflood::query {
namespace {

namespace dom = simdjson::dom;

constexpr int functional_cases = 892;
constexpr int benchmark_cases = 16;

bool same(const dom::element& left, const dom::element& right);

bool same(const dom::array& left, const dom::array& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const dom::element& a, const dom::element& b) { return same(a, b); });
}

bool same(const dom::object& left, const dom::object& right) {
  if (left.size() != right.size()) return false;
  for (auto [key, value] : left) {
    dom::element other;
    if (right.at_key(key).get(other) != simdjson::SUCCESS || !same(value, other)) return false;
  }
  return true;
}

bool same(const dom::element& left, const dom::element& right) {
  if (left.is_number() && right.is_number()) return double(left) == double(right);
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case dom::element_type::ARRAY:
      return same(dom::array(left), dom::array(right));
    case dom::element_type::OBJECT:
      return same(dom::object(left), dom::object(right));
    case dom::element_type::STRING:
      return std::string_view(left) == std::string_view(right);
    case dom::element_type::BOOL:
      return bool(left) == bool(right);
    default:
      return true;
  }
}

QueryError::Kind error_kind(std::string_view name) {
  static const std::map<std::string_view, QueryError::Kind> kinds = {
      {"syntax", QueryError::Kind::syntax},
      {"unknown-function", QueryError::Kind::unknown_function},
      {"invalid-arity", QueryError::Kind::invalid_arity},
      {"invalid-type", QueryError::Kind::invalid_type},
      {"invalid-value", QueryError::Kind::invalid_value}};
  return kinds.at(name);
}

std::vector<std::filesystem::path> suite_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(FLASHFLOOD_SOURCE_DIR "/tests/compliance/jmespath")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One way to evaluate an expression on a document: the result as JSON.
using Way = std::string (*)(std::string_view text, std::string_view json);

std::string with_plan(std::string_view text, std::string_view json) {
  Document document;
  EXPECT_TRUE(document.parse(json)) << document.problem();
  std::string out;
  evaluate(Expression::compile(text), document).append_json(out);
  return out;
}

std::string by_tree(std::string_view text, std::string_view json) {
  Document document;
  EXPECT_TRUE(document.parse(json)) << document.problem();
  std::string out;
  evaluate_by_tree(Expression::compile(text), document).append_json(out);
  return out;
}

// Between two neighbours, as in a block.
std::string as_replay(std::string_view text, std::string_view json) {
  const std::string block = "{}" + std::string(json) + "[]";
  const std::string_view view = block;
  const std::string_view documents[] = {view.substr(0, 2), view.substr(2, json.size()),
                                        view.substr(2 + json.size())};
  const Question question{.query = Expression::compile(text)};
  Matcher matcher;
  matcher.begin(question, documents);
  std::string out;
  try {
    matcher.next(out);
  } catch (const QueryError&) {
    // of the neighbour
  }
  out.clear();
  return matcher.next(out) == Matcher::Verdict::kept ? out : "null";
}

void expect_error(std::string_view text, std::string_view json, std::string_view name, Way way) {
  try {
    std::string out = way(text, json);
    FAIL() << "gives " << out << ", should be an error: " << name;
  } catch (const QueryError& error) {
    EXPECT_EQ(error.kind(), error_kind(name)) << error.what();
  }
}

void expect_result(std::string_view text, std::string_view json, const dom::element& expected,
                   Way way) {
  std::string out = way(text, json);
  dom::parser parser;
  dom::element result;
  ASSERT_EQ(parser.parse(out).get(result), simdjson::SUCCESS) << out;
  EXPECT_TRUE(same(result, expected)) << out << " instead of " << simdjson::minify(expected);
}

void run_suite(Way way) {
  int functional = 0;
  int benchmarks = 0;
  for (const auto& file : suite_files()) {
    dom::parser parser;
    dom::array suites = parser.load(file.string());
    for (dom::element suite : suites) {
      const std::string json = simdjson::minify(suite["given"]);
      for (dom::element one : dom::array(suite["cases"])) {
        std::string_view text = one["expression"];
        SCOPED_TRACE(file.filename().string() + ": " + std::string(text));
        dom::element expected;
        try {
          if (one["bench"].get(expected) == simdjson::SUCCESS) {
            ++benchmarks;
            EXPECT_FALSE(way(text, json).empty());
          } else if (one["error"].get(expected) == simdjson::SUCCESS) {
            ++functional;
            expect_error(text, json, expected, way);
          } else {
            ++functional;
            expect_result(text, json, one["result"], way);
          }
        } catch (const QueryError& error) {
          ADD_FAILURE() << error.what();
        }
      }
    }
  }
  EXPECT_EQ(functional, functional_cases);
  EXPECT_EQ(benchmarks, benchmark_cases);
}

TEST(JmespathCompliance, EveryCaseWithThePlan) { run_suite(with_plan); }
TEST(JmespathCompliance, EveryCaseByTheTree) { run_suite(by_tree); }
TEST(JmespathCompliance, EveryCaseAsAReplay) { run_suite(as_replay); }

}  // namespace
}  // namespace flashflood::query
