// Writes values as JSON.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "query/json/value.h"

namespace flashflood::query {

enum class JsonStyle {
  compact,  // no blanks, numbers as written in the document, only the escapes that JSON demands
  ascii,    // like json.dumps(value, separators=(",", ":")) of Python: numbers in one spelling,
            // everything but ASCII escaped
};

// Appends `value`. Returns false, with part of it appended, as soon as more than `bytes_max` bytes
// were appended. `value` holds no argument such as &name.
[[nodiscard]] bool append_json(const Value& value, JsonStyle style, std::size_t bytes_max,
                               std::string& out);

}  // namespace flashflood::query
