// Any bytes as a JMESPath expression: it compiles, or there is a QueryError that points into it.

#include "flashflood/error.h"
#include "fuzz/target.h"
#include "query/expression.h"

using flashflood::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = flashflood::fuzz::text_of(data, size);
  try {
    auto expression = flashflood::query::Expression::compile(text);
    require(expression.text() == text, "an expression keeps its text");
  } catch (const flashflood::QueryError& error) {
    require(error.column() == flashflood::QueryError::no_column || error.column() <= size,
            "the column lies in the expression", error.what());
    require(error.kind() != flashflood::QueryError::Kind::invalid_type,
            "types are errors of an evaluation", error.what());
  }
  return 0;
}
