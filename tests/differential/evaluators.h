// Every way in which an expression can be evaluated on a document. They must agree; what compares
// them takes the list from here, so that a new one is a line in evaluators.cc.
//
// Threads: one at a time.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "query/expression.h"

namespace flashflood::query {

// A result as compact JSON, or the name of an error's kind ("not_json" when the document is none)
// and its message.
struct Answer {
  std::string text;
  std::string error;
};

struct Evaluator {
  std::string_view name;
  Answer (*answer)(std::string_view expression, std::string_view document, const Limits& limits);
};

extern const std::span<const Evaluator> evaluators;

}  // namespace flashflood::query
