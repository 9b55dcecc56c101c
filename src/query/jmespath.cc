#include "flashflood/jmespath.h"

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

}  // namespace flashflood
