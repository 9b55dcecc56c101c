// Answers JMESPath questions: reads NDJSON of {"expression": ..., "document": ...} from stdin, both
// texts, and writes one line for each: an array of {"by": evaluator, "result": JSON as text} or
// {"by": evaluator, "error": kind, "message": ...}. Evaluators that answer like the first are left
// out. Questions are read by simdjson's DOM, which the evaluators do not use.

#include <simdjson.h>

#include <iostream>
#include <string>

#include "tests/differential/evaluators.h"

namespace flashflood::query {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00").append({hex[static_cast<unsigned char>(c) >> 4], hex[c & 15]});
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_answer(std::string& out, const Evaluator& evaluator, const Answer& answer) {
  if (out.size() > 1) out.push_back(',');
  out.append("{\"by\":");
  append_quoted(out, evaluator.name);
  out.append(answer.error.empty() ? ",\"result\":" : ",\"message\":");
  append_quoted(out, answer.text);
  if (!answer.error.empty()) {
    out.append(",\"error\":");
    append_quoted(out, answer.error);
  }
  out.push_back('}');
}

int run() {
  std::ios::sync_with_stdio(false);
  simdjson::dom::parser parser;
  std::string line, out;
  while (std::getline(std::cin, line)) {
    auto question = parser.parse(line);
    std::string_view expression = question["expression"], document = question["document"];
    Answer first = evaluators[0].answer(expression, document, {});
    out.clear();
    out.push_back('[');
    append_answer(out, evaluators[0], first);
    for (const Evaluator& evaluator : evaluators) {
      Answer answer = evaluator.answer(expression, document, {});
      if (answer.error != first.error || (first.error.empty() && answer.text != first.text)) {
        append_answer(out, evaluator, answer);
      }
    }
    std::cout << out << "]\n";
  }
  return 0;
}

}  // namespace
}  // namespace flashflood::query

int main() { return flashflood::query::run(); }
