// Any bytes as a JSON document: read like simdjson's DOM reads it, and taking out the blanks
// changes nothing but blanks.

#include <simdjson.h>

#include "fuzz/target.h"
#include "query/expression.h"

namespace flashflood::query {
namespace {

using fuzz::require;

void compare_with_dom(std::string_view json, const Document& document, bool ours) {
  static simdjson::dom::parser parser;
  simdjson::error_code theirs = parser.parse(json.data(), json.size()).error();
  if (ours) {
    // Its numbers are those of 64 bits and of doubles, and it skips a byte order mark.
    require(theirs == simdjson::SUCCESS || theirs == simdjson::NUMBER_ERROR,
            "simdjson reads it too", simdjson::error_message(theirs));
  } else if (theirs == simdjson::SUCCESS) {
    std::string_view problem = document.problem();
    require(problem.find("surrogate") != problem.npos || problem.find("nested") != problem.npos ||
                json.starts_with("\xEF\xBB\xBF"),
            "simdjson does not read it either", problem);
  }
}

void check(std::string_view json) {
  static const Expression self = Expression::compile("@");
  Document document;
  bool ours = document.parse(json);
  require(ours == document.problem().empty(), "a problem says what it is");
  compare_with_dom(json, document, ours);
  std::string compact;
  bool compacted = append_compact_json(json, compact);
  if (!ours) return;
  require(compacted, "a document can be made compact");
  std::string before, after;
  evaluate(self, document).append_json(before);
  require(document.parse(compact), "compact JSON is JSON", compact);
  evaluate(self, document).append_json(after);
  require(before == after, "compact JSON says the same", compact);
  require(document.parse(before), "a result is JSON", before);
}

}  // namespace
}  // namespace flashflood::query

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flashflood::query::check(flashflood::fuzz::text_of(data, size));
  return 0;
}
