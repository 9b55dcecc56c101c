// One document while expressions are evaluated on it: its tokens, and the values read so far.
//
// Two evaluations give the same results. The *tree* reads the whole document into values and
// evaluates any expression on them. The *plan* of an expression (plan.h) names the *paths* from the
// root that it uses; a *walk* over the tokens (walk.h) finds their values, and only the rest of the
// expression is evaluated on those. A *shape* (shape.h) remembers where the paths lead in documents
// with the same tokens, so that the next one needs no walk. A document is *checked* when its whole
// syntax is known to be right; a walk alone does not show that.
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
  // The same for a document whose tokens are a part of these.
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
  // The next document has no tokens because of this problem.
  void begin(const ReadProblem& problem);

  // Whether the document is JSON; checks all of it, once.
  bool check();
  // The same; also makes the tree if `next` needs it.
  bool check_for(const Program& next) { return can_walk(next) ? check() : read_root(); }
  // The reason, after check() has returned false.
  const ReadProblem& problem() const { return problem_; }

  enum class Truth { no, yes, not_json };
  // Whether `program` is true in JMESPath's sense. For a document that is not JSON the result may
  // be `no`, but never `yes`. Throws QueryError.
  Truth test(const Program& program);

  // The value of `program`, on null if the document is not JSON; call check() first. Throws
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
