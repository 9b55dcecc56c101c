// Dates in object names, and RFC 3339 without exceptions. The rest stands in flashflood/event.h.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flashflood/event.h"

namespace flashflood {

// "20110301T082600.000000Z": 23 characters, unreserved in URLs, ordered like the dates.
std::string compact_timestamp(Timestamp date);
// The inverse; nothing for any other text.
std::optional<Timestamp> parse_compact_timestamp(std::string_view text);

// Reads what parse_timestamp() takes. Null, or why it is refused; then `date` stays as it is.
const char* read_rfc3339(std::string_view text, Timestamp& date) noexcept;

}  // namespace flashflood
