#include "tests/differential/evaluators.h"

#include <exception>
#include <string>
#include <vector>

#include "query/matcher.h"

namespace flashflood::query {
namespace {

std::string name_of(QueryError::Kind kind) {
  switch (kind) {
    case QueryError::Kind::syntax:
      return "syntax";
    case QueryError::Kind::unknown_function:
      return "unknown_function";
    case QueryError::Kind::invalid_arity:
      return "invalid_arity";
    case QueryError::Kind::invalid_type:
      return "invalid_type";
    case QueryError::Kind::invalid_value:
      return "invalid_value";
    case QueryError::Kind::limit:
      return "limit";
  }
  return "unknown";
}

template <typename Evaluate>
Answer answer(const Evaluate& evaluate_to) {
  Answer answer;
  try {
    evaluate_to(answer);
  } catch (const QueryError& error) {
    answer.error = name_of(error.kind());
    answer.text = error.what();
  }
  return answer;
}

using Evaluate = Result (*)(const Expression& expression, Document& document);

template <Evaluate evaluate_on>
Answer on_document(std::string_view text, std::string_view json, const Limits& limits) {
  return answer([&](Answer& answer) {
    auto expression = Expression::compile(text, limits);
    Document document(limits);
    if (!document.parse(json)) {
      answer = {std::string(document.problem()), "not_json"};
      return;
    }
    evaluate_on(expression, document).append_json(answer.text);
  });
}

// A document that is built like another one, with other letters in its strings.
std::string built_alike(std::string_view json) {
  std::string other(json);
  bool in_string = false;
  for (std::size_t at = 0; at < other.size(); ++at) {
    char& c = other[at];
    if (in_string && c == '\\' && at + 1 < other.size()) {
      at += other[at + 1] == 'u' ? 5 : 1;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (in_string && ((c >= 'a' && c < 'z') || (c >= 'A' && c < 'Z'))) {
      ++c;
    }
  }
  return other;
}

// As a replay asks for results: several times the same document side by side, which are scanned
// together, between others that are built alike, and the last one's answer.
Answer by_matcher(std::string_view text, std::string_view json, const Limits& limits) {
  return answer([&](Answer& answer) {
    Question question;
    question.query = Expression::compile(text, limits);
    question.strict = true;
    const std::string other = built_alike(json);
    const std::string_view sequence[] = {json, other, other, json, json};
    std::string bytes;
    for (std::string_view document : sequence) bytes.append(document);
    bytes.append(64, ' ');
    std::vector<std::string_view> documents;
    for (const char* begin = bytes.data(); std::string_view document : sequence) {
      documents.emplace_back(begin, document.size());
      begin += document.size();
    }
    Matcher matcher;
    matcher.begin(question, documents);
    Matcher::Verdict verdict{};
    std::exception_ptr problem;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      answer.text.clear();
      problem = nullptr;
      try {
        verdict = matcher.next(answer.text);
      } catch (const QueryError&) {
        problem = std::current_exception();
      }
    }
    if (problem) std::rethrow_exception(problem);
    if (verdict == Matcher::Verdict::not_json) answer = {matcher.problem(), "not_json"};
    if (verdict == Matcher::Verdict::filtered) answer.text = "null";
  });
}

constexpr Evaluator list[] = {
    // A walk over the tree of the expression, on a tree of the document's values.
    {"tree", on_document<evaluate_by_tree>},
    // By the expression's plan, where it has one.
    {"plan", on_document<evaluate>},
    {"matcher", by_matcher},
};

}  // namespace

const std::span<const Evaluator> evaluators = list;

}  // namespace flashflood::query
