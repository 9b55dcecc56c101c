// A first line as an expression, the rest as a document: every evaluator gives the same result or
// the same kind of error, and results are JSON.

#include "fuzz/target.h"
#include "query/expression.h"
#include "tests/differential/evaluators.h"

namespace flashflood::query {
namespace {

constexpr Limits limits{.depth_max = 64, .steps_max = 100'000, .output_bytes_max = 1 << 18};

void check(std::string_view expression, std::string_view json) {
  Answer first = evaluators[0].answer(expression, json, limits);
  if (first.error.empty()) {
    Document document;
    bool is_json = document.parse(first.text);
    // Chains such as [@] | [@] nest the result deeper than any document may be.
    bool is_deep = document.problem().find("nested") != std::string_view::npos;
    fuzz::require(is_json || is_deep, "a result is JSON", first.text);
  }
  for (const Evaluator& evaluator : evaluators.subspan(1)) {
    Answer other = evaluator.answer(expression, json, limits);
    // Each has its own way, so that one may reach a limit that another does not.
    if (first.error == "limit" || other.error == "limit") continue;
    bool same = first.error == other.error && (!first.error.empty() || first.text == other.text);
    fuzz::require(same, "the evaluators agree",
                  first.error + " " + first.text + "\n" + std::string(evaluator.name) + ": " +
                      other.error + " " + other.text);
  }
}

}  // namespace
}  // namespace flashflood::query

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = flashflood::fuzz::text_of(data, size);
  std::size_t line = text.find('\n');
  if (line == std::string_view::npos) line = size;
  flashflood::query::check(text.substr(0, line), text.substr(line == size ? size : line + 1));
  return 0;
}
