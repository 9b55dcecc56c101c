#include "query/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "query/document.h"
#include "query/evaluation.h"
#include "query/program.h"
#include "query/writer.h"

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
  return Expression(std::move(program));
}

const std::string& Expression::text() const { return program_->text; }

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
  impl.arena.clear();
  if (impl.programs.size() > held_programs_max) impl.programs.clear();
  impl.root = {};
  std::size_t needed = json.size() + StructureFinder::padding;
  bool is_oversized = impl.text_capacity > kept_text_bytes_max && needed < impl.text_capacity / 16;
  if (needed > impl.text_capacity || is_oversized) {
    if (is_oversized) impl.reader.release();
    impl.text_capacity = 0;
    std::size_t capacity = std::max<std::size_t>(4096, needed + needed / 4);
    impl.text.reset(new char[capacity]);
    impl.text_capacity = capacity;
  }
  if (!json.empty()) std::memcpy(impl.text.get(), json.data(), json.size());
  std::memset(impl.text.get() + json.size(), ' ', StructureFinder::padding);
  auto root = impl.reader.read({impl.text.get(), json.size()}, impl.arena,
                               {.depth_max = impl.limits.depth_max});
  impl.is_valid = root.has_value();
  if (root) impl.root = *root;
  return impl.is_valid;
}

std::string_view Document::problem() const {
  const Impl& impl = *impl_;
  if (impl.is_valid) return {};
  const ReadProblem& problem = impl.reader.problem();
  impl.problem = problem.too_deep ? fmt::format("JSON nested deeper than {} levels (at byte {})",
                                                impl.limits.depth_max, problem.at)
                                  : fmt::format("not one JSON document: {} (at byte {})",
                                                problem.what, problem.at);
  return impl.problem;
}

void Result::append_json(std::string& out) const {
  if (query::append_json(value_, JsonStyle::compact, bytes_max_, out)) return;
  throw QueryError(QueryError::Kind::limit,
                   fmt::format("the result is longer than {} bytes", bytes_max_));
}

Result evaluate(const Expression& expression, Document& document) {
  return Evaluation(expression, document).run();
}

bool append_compact_json(std::string_view json, std::string& out) {
  std::string text;
  text.reserve(json.size() + StructureFinder::padding);
  text.append(json).append(StructureFinder::padding, ' ');
  Reader reader;
  Arena arena;
  auto root = reader.read(std::string_view(text).substr(0, json.size()), arena,
                          {.depth_max = json.size(), .lone_surrogates = true});
  if (!root) return false;
  const StructureFinder& structure = reader.structure();
  const std::uint32_t* positions = structure.positions();
  for (std::size_t i = 0; i < structure.count(); ++i) {
    // The token ends before the blanks in front of the next one.
    std::string_view token(text.data() + positions[i], positions[i + 1] - positions[i]);
    out.append(token.substr(0, token.find_last_not_of(" \t\n\r") + 1));
  }
  return true;
}

}  // namespace flashflood::query
