// Looks for a name in a JSON text.
//
// Threads: pure functions.
#pragma once

#include <string_view>

namespace flashflood::query {

// Whether `name`, which is not empty, stands somewhere in the text between quotes.
bool holds_quoted(std::string_view text, std::string_view name);

}  // namespace flashflood::query
