// JMESPath expressions on JSON documents: the language of the filters and queries of a replay.
//
//   flashflood::Expression expression("items[?price > `10`].name");
//   std::string names = expression.search(json);
//
// The language is JMESPath as https://jmespath.org specifies it; docs/jmespath.md has the details.
//
// Threads: an Expression may be used from several threads at once. Lifetime: owns all it needs;
// copies are cheap and share the compiled form.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "flashflood/error.h"

namespace flashflood {

class Expression {
 public:
  // Compiles. Throws QueryError with the kind and the column of the mistake.
  explicit Expression(std::string_view text);

  // The result as compact JSON; "null" when the expression finds nothing. Throws InvalidArgument
  // when `json` is not one JSON document, QueryError when the evaluation fails.
  std::string search(std::string_view json) const;
  // Whether the result is true in JMESPath's sense: all but null, false, "", [] and {}. Throws like
  // search().
  bool matches(std::string_view json) const;
  const std::string& text() const;

 private:
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace flashflood
