// JMESPath (jmespath.org, as jmespath.py 1.0.1 runs it): compile once, evaluate on many documents.
//
//   auto expression = Expression::compile("amount > `3`");
//   Document document;                               // one for each thread, used again and again
//   if (document.parse(data) && evaluate(expression, document).truthy()) ...
//
// docs/jmespath.md has the language, the limits and the differences from jmespath.py.
//
// Threads: an Expression may be used from many threads at once; a Document and its Results belong
// to one thread at a time. Lifetime: a Result is valid until the next parse() of its Document, and
// no longer than the Document; the text given to parse() may go as soon as parse() has returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "flashflood/error.h"
#include "query/json/value.h"

namespace flashflood::query {

// Bounds that keep hostile expressions and documents from exhausting the stack, time or memory.
struct Limits {
  std::size_t depth_max = 256;               // nesting of JSON and of expressions; at most 1024
  std::uint64_t steps_max = 100'000'000;     // evaluation steps of one evaluate(), about a second
  std::size_t output_bytes_max = 256 << 20;  // of values made by one evaluate(), and of one result
};

struct Node;
struct Program;
class Document;
class Result;

class Expression {
 public:
  // Throws QueryError with kind (syntax, unknown_function, invalid_arity, invalid_value or limit)
  // and column (byte offset).
  static Expression compile(std::string_view text, const Limits& limits = {});
  const std::string& text() const;
  // Lines that tell people how it is evaluated: what a walk over a document finds and what it
  // decides early, what a tree of values is made for.
  std::string describe_plan() const;

  const std::shared_ptr<const Program>& program() const { return program_; }
  // A tree of nodes as an expression of its own, errors of which show the text of this one. The
  // nodes are copied; `owner` keeps their literals.
  Expression part(std::shared_ptr<const void> owner, const Node& root) const;

 private:
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

class Document {
 public:
  explicit Document(const Limits& limits = {});
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  // Checks one JSON document (RFC 8259, UTF-8) whole and keeps a copy. False when `json` is not one
  // document or is nested deeper than the limit; evaluate() then sees null.
  [[nodiscard]] bool parse(std::string_view json);
  // Why the last parse() said no, for people; empty when it said yes. Valid until the next parse().
  std::string_view problem() const;

 private:
  friend Result evaluate(const Expression& expression, Document& document);
  friend Result evaluate_by_tree(const Expression& expression, Document& document);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Result {
 public:
  // `bytes_max`: see append_json().
  Result(const Value& value, std::size_t bytes_max) : value_(value), bytes_max_(bytes_max) {}

  bool is_null() const { return value_.is_null(); }
  bool truthy() const { return is_true(value_); }
  std::optional<std::string_view> as_string() const {
    if (value_.kind != Kind::string) return std::nullopt;
    return value_.view();
  }
  const Value& value() const { return value_; }
  // Compact JSON. Numbers of the document print as they were written there; strings have only the
  // escapes that JSON demands. Throws QueryError (limit) when longer than the expression's
  // output_bytes_max; `out` then ends with part of it.
  void append_json(std::string& out) const;
  // Throws that error.
  [[noreturn]] static void fail_too_long(std::size_t bytes_max);

 private:
  Value value_;
  std::size_t bytes_max_;
};

// Evaluates on the last parsed document. Results of earlier evaluations stay valid. Throws
// QueryError (invalid_type, invalid_value or limit).
Result evaluate(const Expression& expression, Document& document);
// The same without the expression's plan. Both give the same answers, which tests compare.
Result evaluate_by_tree(const Expression& expression, Document& document);

// Appends `json` without the blanks outside strings, all else as it is written. False, and nothing
// appended, when it is not one JSON document.
[[nodiscard]] bool append_compact_json(std::string_view json, std::string& out);

}  // namespace flashflood::query
