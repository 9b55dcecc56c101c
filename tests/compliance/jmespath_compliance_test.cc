// Runs the test suite of the JMESPath specification as it was published. The expected results are
// read and compared by simdjson's DOM, which the evaluator itself does not use.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "query/expression.h"

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

void expect_error(std::string_view text, Document& document, std::string_view name) {
  try {
    std::string out;
    evaluate(Expression::compile(text), document).append_json(out);
    FAIL() << "gives " << out << ", should be an error: " << name;
  } catch (const QueryError& error) {
    EXPECT_EQ(error.kind(), error_kind(name)) << error.what();
  }
}

void expect_result(std::string_view text, Document& document, const dom::element& expected) {
  std::string out;
  evaluate(Expression::compile(text), document).append_json(out);
  dom::parser parser;
  dom::element result;
  ASSERT_EQ(parser.parse(out).get(result), simdjson::SUCCESS) << out;
  EXPECT_TRUE(same(result, expected)) << out << " instead of " << simdjson::minify(expected);
}

TEST(JmespathCompliance, EveryCaseOfTheSuite) {
  int functional = 0;
  int benchmarks = 0;
  for (const auto& file : suite_files()) {
    dom::parser parser;
    dom::array suites = parser.load(file.string());
    for (dom::element suite : suites) {
      Document document;
      ASSERT_TRUE(document.parse(simdjson::minify(suite["given"]))) << document.problem();
      for (dom::element one : dom::array(suite["cases"])) {
        std::string_view text = one["expression"];
        SCOPED_TRACE(file.filename().string() + ": " + std::string(text));
        dom::element expected;
        try {
          if (one["bench"].get(expected) == simdjson::SUCCESS) {
            ++benchmarks;
            std::string out;
            evaluate(Expression::compile(text), document).append_json(out);
            EXPECT_FALSE(out.empty());
          } else if (one["error"].get(expected) == simdjson::SUCCESS) {
            ++functional;
            expect_error(text, document, expected);
          } else {
            ++functional;
            expect_result(text, document, one["result"]);
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

}  // namespace
}  // namespace flashflood::query
