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

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
  friend class Evaluator;
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

// Several expressions on one document, which is parsed once: cheaper than an Expression for each.
//
//   Evaluator evaluator({Expression("id"), Expression("date")});
//   if (evaluator.parse(json)) use(evaluator.evaluate(0).text);
//
// Threads: one thread at a time.
class Evaluator {
 public:
  enum class Kind { null, boolean, number, string, array, object };
  // `text` is the content of a string, and the compact JSON of everything else. It is valid until
  // the next parse(), or the next evaluate() of the same expression.
  struct Result {
    Kind kind = Kind::null;
    std::string_view text;
  };

  explicit Evaluator(std::vector<Expression> expressions = {});
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  // Parses and keeps a document. False when `json` is not exactly one JSON document (RFC 8259);
  // problem() then says why.
  [[nodiscard]] bool parse(std::string_view json);
  std::string_view problem() const;

  // The result of expression `index` on the last document that was parsed. Throws QueryError when
  // the evaluation fails.
  Result evaluate(std::size_t index);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flashflood
