#include "flashflood/jmespath.h"

#include <utility>

#include "query/expression.h"

namespace flashflood {

class Expression::Impl {
 public:
  explicit Impl(std::string_view text) : compiled(query::Expression::compile(text)) {}

  // Parses and evaluates; the result is valid until the next call in this thread.
  query::Result evaluate(std::string_view json, query::Document& document) const {
    if (!document.parse(json)) throw InvalidArgument(std::string(document.problem()));
    return query::evaluate(compiled, document);
  }

  query::Expression compiled;
};

Expression::Expression(std::string_view text) : impl_(std::make_shared<const Impl>(text)) {}

std::string Expression::search(std::string_view json) const {
  query::Document document;
  std::string out;
  impl_->evaluate(json, document).append_json(out);
  return out;
}

bool Expression::matches(std::string_view json) const {
  query::Document document;
  return impl_->evaluate(json, document).truthy();
}

const std::string& Expression::text() const { return impl_->compiled.text(); }

class Evaluator::Impl {
 public:
  explicit Impl(std::vector<Expression> list)
      : expressions(std::move(list)), texts(expressions.size()) {}

  std::vector<Expression> expressions;
  std::vector<std::string> texts;  // of results that are not strings
  query::Document document;
};

Evaluator::Evaluator(std::vector<Expression> expressions)
    : impl_(std::make_unique<Impl>(std::move(expressions))) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

bool Evaluator::parse(std::string_view json) { return impl_->document.parse(json); }

std::string_view Evaluator::problem() const { return impl_->document.problem(); }

Evaluator::Result Evaluator::evaluate(std::size_t index) {
  const Expression& expression = impl_->expressions.at(index);
  const auto result = query::evaluate(expression.impl_->compiled, impl_->document);
  if (const auto text = result.as_string()) return {Kind::string, *text};
  std::string& text = impl_->texts[index];
  text.clear();
  result.append_json(text);
  // Compact JSON tells its kind by its first character.
  switch (text.front()) {
    case 'n':
      return {Kind::null, text};
    case 't':
    case 'f':
      return {Kind::boolean, text};
    case '[':
      return {Kind::array, text};
    case '{':
      return {Kind::object, text};
    default:
      return {Kind::number, text};
  }
}

}  // namespace flashflood
