// Dates in object names. Reading and printing RFC 3339 stands in flashflood/event.h.
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

}  // namespace flashflood
