// The text of a compiled expression or of a part of it, for people.
//
// Threads: pure functions.
#pragma once

#include <string>

#include "query/program.h"

namespace flashflood::query {

// JMESPath that means what `node` means, in one spelling. Recursion is as deep as the expression.
std::string unparse(const Node& node);

}  // namespace flashflood::query
