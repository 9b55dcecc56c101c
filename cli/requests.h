// Requests to the store: sums of them, and as text for people.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "flashflood/reports.h"

namespace flashflood::cli {

void add_requests(RequestReport& sum, const RequestReport& more);
// What was made since `before`.
RequestReport requests_since(const RequestReport& now, const RequestReport& before);
// All kinds together.
std::uint64_t count_requests(const RequestReport& report);

// "12 GET (84.1 MiB), 0 PUT (0 B), 1 LIST, 0 DELETE"; where `priced`, with what they cost.
std::string describe_requests(const RequestReport& report, bool priced);

}  // namespace flashflood::cli
