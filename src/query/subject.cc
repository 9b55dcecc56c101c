#include "query/subject.h"

#include "query/evaluation.h"

namespace flashflood::query {
namespace {

// What the expression sees of an object whose members its plan finds.
Value walked_object() { return Value::make_object(nullptr, 0, true); }

}  // namespace

void Subject::begin(const ReadProblem& problem) {
  begin(Tokens{});
  is_checked_ = true;
  is_json_ = false;
  problem_ = problem;
}

void Subject::release() {
  reader_.release();
  arena_.clear();
  shapes_.release();
  has_shape_ = false;
}

// Null when it is not known, and not worth to be.
Shape* Subject::find_shape() {
  if (has_shape_) return shape_;
  has_shape_ = true;
  shape_ = shapes_.find(tokens_);
  if (shape_ == nullptr && shapes_.wants(tokens_) &&
      (is_checked_ ? is_json_ : reader_.check(tokens_, {.depth_max = depth_max_}))) {
    // That it is JSON may be known already, that it is not must not: see test().
    is_checked_ = is_json_ = true;
    shape_ = shapes_.learn(tokens_);
  }
  return shape_;
}

bool Subject::check() {
  if (is_checked_) return is_json_;
  Shape* const shape = find_shape();
  if (is_checked_) return is_json_;
  is_checked_ = true;
  if (shape != nullptr && !tokens_.has_escapes && shape->has_valid_scalars(tokens_)) {
    return is_json_ = true;
  }
  is_json_ = reader_.check(tokens_, {.depth_max = depth_max_});
  problem_ = reader_.problem();
  return is_json_;
}

bool Subject::read_root() {
  if (has_root_) return true;
  if (is_checked_ && !is_json_) return false;
  auto root = reader_.read(tokens_, arena_, {.depth_max = depth_max_});
  is_checked_ = true;
  is_json_ = has_root_ = root.has_value();
  problem_ = reader_.problem();
  if (root) root_ = *root;
  return is_json_;
}

// A tree that is there already beats a walk.
bool Subject::can_walk(const Program& program) const {
  return program.plan.is_usable && !has_root_ && !(is_checked_ && !is_json_) &&
         *tokens_.kinds == '{';
}

// Finds the values of the plan; false when it takes a tree.
bool Subject::walk(const Program& program) {
  Shape* const shape = find_shape();
  return walk_.run(program.plan, tokens_,
                   shape != nullptr ? shape->route(program.plan, tokens_) : nullptr);
}

std::optional<bool> Subject::test_by_plan(const Program& program) {
  if (!walk(program)) return std::nullopt;
  if (!walk_.guards_hold()) return false;
  bool truth =
      program.plan.guards_suffice ||
      is_true(Evaluation(program, arena_, &walk_).evaluate(*program.root, walked_object()));
  if (walk_.is_unclear()) return std::nullopt;
  return truth;
}

Subject::Truth Subject::test(const Program& program) {
  try {
    if (can_walk(program)) {
      if (auto truth = test_by_plan(program)) return *truth ? Truth::yes : Truth::no;
    }
    if (!read_root()) return Truth::not_json;
    return is_true(evaluate_by_tree(program)) ? Truth::yes : Truth::no;
  } catch (const QueryError&) {
    // What is not JSON has no values that could be wrong.
    if (!check()) return Truth::not_json;
    throw;
  }
}

Value Subject::evaluate(const Program& program) {
  if (is_checked_ && is_json_ && can_walk(program) && walk(program)) {
    return Evaluation(program, arena_, &walk_).evaluate(*program.root, walked_object());
  }
  return evaluate_by_tree(program);
}

bool Subject::append(const Program& program, std::string& out) {
  if (is_checked_ && is_json_ && !program.plan.pieces.empty() && can_walk(program) &&
      walk(program)) {
    return append_pieces(program, out);
  }
  const Value value = evaluate(program);
  if (value.is_null()) return false;
  Result(value, program.limits.output_bytes_max).append_json(out);
  return true;
}

bool Subject::append_pieces(const Program& program, std::string& out) {
  const Plan& plan = program.plan;
  const std::size_t begin = out.size();
  for (const PlanPiece& piece : plan.pieces) {
    out.append(piece.before);
    std::string_view raw = walk_.raw(piece.slot);
    if (raw.empty()) {
      Result(walk_.value(piece.slot), program.limits.output_bytes_max).append_json(out);
    } else {
      out.append(raw);
    }
  }
  out.append(plan.last_piece);
  const std::size_t bytes_max = program.limits.output_bytes_max;
  if (out.size() - begin > bytes_max) Result::fail_too_long(bytes_max);
  if (plan.last_piece.empty() && std::string_view(out).substr(begin) == "null") {
    out.resize(begin);
    return false;
  }
  return true;
}

Value Subject::evaluate_by_tree(const Program& program) {
  const Value root = read_root() ? root_ : Value{};
  return Evaluation(program, arena_).evaluate(*program.root, root);
}

}  // namespace flashflood::query
