#include "query/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "query/document.h"
#include "query/json/reader.h"
#include "query/json/writer.h"
#include "query/plan.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

constexpr std::size_t depth_cap = 1024;
constexpr std::size_t expression_bytes_max = std::size_t{64} << 20;
// A Document that has read something big gives the memory back when small documents follow.
constexpr std::size_t kept_text_bytes_max = std::size_t{4} << 20;

Limits capped(Limits limits) {
  limits.depth_max = std::min(limits.depth_max, depth_cap);
  return limits;
}

// Recursion is as deep as the expression.
const Node* copy_nodes(Program& program, const Node& node) {
  Node& copy = program.nodes.emplace_back(node);
  copy.slot = PlanStep::no_slot;  // of the plan of the whole
  copy.slot_children = 0;
  for (const Node*& child : copy.children) child = copy_nodes(program, *child);
  return &copy;
}

}  // namespace

Expression Expression::compile(std::string_view text, const Limits& limits) {
  if (text.size() > expression_bytes_max) {
    throw QueryError(QueryError::Kind::limit,
                     fmt::format("the expression is longer than {} bytes", expression_bytes_max));
  }
  if (!is_valid_utf8(text)) {
    throw QueryError(QueryError::Kind::syntax, "the expression is not valid UTF-8");
  }
  auto program = std::make_shared<Program>();
  program->text = text;
  program->limits = capped(limits);
  parse_expression(*program);
  make_plan(*program);
  return Expression(std::move(program));
}

const std::string& Expression::text() const { return program_->text; }

Expression Expression::part(std::shared_ptr<const void> owner, const Node& root) const {
  auto program = std::make_shared<Program>();
  program->text = program_->text;
  program->limits = program_->limits;
  program->owner = std::move(owner);
  program->root = copy_nodes(*program, root);
  make_plan(*program);
  return Expression(std::move(program));
}

std::string Expression::describe_plan() const { return describe(*program_); }

Document::Document(const Limits& limits) : impl_(std::make_unique<Impl>(capped(limits))) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

void Document::Impl::hold(const std::shared_ptr<const Program>& program) {
  if (std::find(programs.begin(), programs.end(), program) == programs.end()) {
    programs.push_back(program);
  }
}

bool Document::parse(std::string_view json) {
  constexpr std::size_t held_programs_max = 8;
  Impl& impl = *impl_;
  if (impl.programs.size() > held_programs_max) impl.programs.clear();
  std::size_t needed = json.size() + StructureFinder::padding;
  bool is_oversized = impl.text_capacity > kept_text_bytes_max && needed < impl.text_capacity / 16;
  if (needed > impl.text_capacity || is_oversized) {
    if (is_oversized) {
      impl.finder.release();
      impl.subject.release();
    }
    impl.text_capacity = 0;
    std::size_t capacity = std::max<std::size_t>(4096, needed + needed / 4);
    impl.text.reset(new char[capacity]);
    impl.text_capacity = capacity;
  }
  if (!json.empty()) std::memcpy(impl.text.get(), json.data(), json.size());
  std::memset(impl.text.get() + json.size(), ' ', StructureFinder::padding);
  impl.text_size = json.size();
  impl.fault = impl.finder.find(impl.text.get(), json.size());
  if (impl.fault != nullptr) {
    impl.subject.begin(ReadProblem{impl.fault, 0});
  } else {
    impl.subject.begin(impl.finder.tokens());
  }
  impl.is_valid = impl.subject.check();
  return impl.is_valid;
}

std::string_view Document::problem() const {
  const Impl& impl = *impl_;
  if (impl.is_valid) return {};
  ReadProblem problem = impl.subject.problem();
  if (impl.fault != nullptr) {
    // Looked for only now: of most texts that are not JSON nobody asks why.
    problem.at = StructureFinder::position_of_fault({impl.text.get(), impl.text_size}, impl.fault);
  }
  impl.problem = describe(problem, impl.limits.depth_max);
  return impl.problem;
}

void Result::append_json(std::string& out) const {
  if (!query::append_json(value_, JsonStyle::compact, bytes_max_, out)) fail_too_long(bytes_max_);
}

void Result::fail_too_long(std::size_t bytes_max) {
  throw QueryError(QueryError::Kind::limit,
                   fmt::format("the result is longer than {} bytes", bytes_max));
}

Result evaluate(const Expression& expression, Document& document) {
  const auto& program = expression.program();
  document.impl_->hold(program);
  return {document.impl_->subject.evaluate(*program), program->limits.output_bytes_max};
}

Result evaluate_by_tree(const Expression& expression, Document& document) {
  const auto& program = expression.program();
  document.impl_->hold(program);
  return {document.impl_->subject.evaluate_by_tree(*program), program->limits.output_bytes_max};
}

bool append_compact_json(std::string_view json, std::string& out) {
  std::string text;
  text.reserve(json.size() + StructureFinder::padding);
  text.append(json).append(StructureFinder::padding, ' ');
  StructureFinder finder;
  Reader reader;
  if (finder.find(text.data(), json.size()) != nullptr) return false;
  const Tokens& tokens = finder.tokens();
  if (!reader.check(tokens, {.depth_max = json.size(), .lone_surrogates = true})) return false;
  for (const std::uint32_t* token = tokens.begin; token != tokens.end; ++token) {
    // The token ends before the blanks in front of the next one.
    std::string_view piece(text.data() + token[0], token[1] - token[0]);
    out.append(piece.substr(0, piece.find_last_not_of(" \t\n\r") + 1));
  }
  return true;
}

}  // namespace flashflood::query
