// JSON as text: where values begin and end, so that their bytes can be kept as they are.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace flashflood::cli {

// What may stand between the tokens of JSON.
inline constexpr std::string_view json_blanks = " \t\r\n";

// The value of a member of the object that `json` is, as it stands there; of several of one name
// the last one, as JMESPath takes it. Nothing when there is none, or it is no object. It must be
// JSON. Keys with escapes are not found.
std::optional<std::string_view> raw_member(std::string_view json, std::string_view key);

// Where the value that begins at `begin` ends, in a text that is JSON.
std::size_t end_of_json_value(std::string_view json, std::size_t begin);

}  // namespace flashflood::cli
