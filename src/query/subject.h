// One document while expressions are evaluated on it: its tokens, and the values read so far.
//
// Threads: one at a time. Lifetime: borrows the tokens and their text; values live until the next
// begin().
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "query/json/arena.h"
#include "query/json/reader.h"
#include "query/json/structure.h"
#include "query/json/value.h"
#include "query/program.h"
#include "query/shape.h"
#include "query/walk.h"

namespace flashflood::query {

class Subject {
 public:
  explicit Subject(std::size_t depth_max) : depth_max_(depth_max), walk_(reader_, arena_) {}

  // The next document, of at least one token. The values of the one before are gone.
  void begin(const Tokens& tokens) { begin(tokens, 0, tokens.count(), tokens.has_escapes); }
  // It is a part of the tokens.
  void begin(const Tokens& tokens, std::size_t first, std::size_t last, bool has_escapes) {
    tokens_.text = tokens.text;
    tokens_.readable_end = tokens.readable_end;
    tokens_.begin = tokens.begin + first;
    tokens_.end = tokens.begin + last;
    tokens_.kinds = tokens.kinds + first;
    tokens_.has_escapes = has_escapes;
    arena_.clear();
    is_checked_ = false;
    has_root_ = false;
    shape_ = nullptr;
    has_shape_ = false;
  }
  // The next document is none: it has no tokens because of this problem.
  void begin(const ReadProblem& problem);

  // Whether it is JSON; looks at the whole of it, once.
  bool check();
  // The same; makes the tree at once when `next` is going to need it.
  bool check_for(const Program& next) { return can_walk(next) ? check() : read_root(); }
  // When check() has said no.
  const ReadProblem& problem() const { return problem_; }

  enum class Truth { no, yes, not_json };
  // Whether `program` is true in JMESPath's sense. A document that is not JSON may be `no`, but
  // never `yes` if check() says no. Throws QueryError.
  Truth test(const Program& program);

  // The value of `program`, on null when the document is not JSON; check() comes before. Throws
  // QueryError.
  Value evaluate(const Program& program);
  Value evaluate_by_tree(const Program& program);
  // Appends the value of `program` as compact JSON. False, and nothing appended, when it is null.
  bool append(const Program& program, std::string& out);

  // Frees the memory for big documents.
  void release();

 private:
  bool read_root();
  bool can_walk(const Program& program) const;
  Shape* find_shape();
  bool walk(const Program& program);
  bool append_pieces(const Program& program, std::string& out);
  std::optional<bool> test_by_plan(const Program& program);

  std::size_t depth_max_;
  Tokens tokens_;
  Reader reader_;
  Arena arena_;
  Walk walk_;
  Shapes shapes_;
  bool has_shape_ = false;  // it has been looked for
  Shape* shape_ = nullptr;
  bool is_checked_ = false;
  bool is_json_ = false;  // when checked
  bool has_root_ = false;
  Value root_;
  ReadProblem problem_;
};

}  // namespace flashflood::query
