// Dates of HTTP (RFC 9110, section 5.6.7; only the preferred form, which all servers of today
// send).
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "store/http/http_client.h"

namespace flashflood {

// "Tue, 24 Nov 2026 18:48:18 GMT"; nothing for any other text.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

// The Date header of an answer ("Tue, 24 Nov 2026 18:48:18 GMT"); nothing without one.
std::optional<std::chrono::sys_seconds> date_of(const HttpResponse& response);

}  // namespace flashflood
