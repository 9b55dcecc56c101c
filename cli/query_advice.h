// What somebody most likely meant by a JMESPath expression that is wrong, or that matched nothing.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace flashflood::cli {

// Of an expression that cannot be parsed: "numbers are written in backquotes: `3`". Empty when
// there is nothing to say.
std::string advice_on_syntax(std::string_view expression);

// Of a condition that no event fulfilled: comparisons that are valid, and never what is meant.
// Empty when there are none.
std::string advice_on_no_match(std::string_view expression);

}  // namespace flashflood::cli
