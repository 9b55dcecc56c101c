// Which proxy a request goes through, by the usual variables.
//
// https_proxy and HTTPS_PROXY for https, http_proxy and HTTP_PROXY for http, all_proxy and
// ALL_PROXY for both; no_proxy and NO_PROXY name hosts that are reached without one. HTTP_PROXY
// counts for nothing in a program that a web server runs (CGI, where REQUEST_METHOD is set): there
// the field "Proxy" of anybody's request becomes that variable.
//
// Threads: pure functions, but for the environment of the process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace flashflood {

using Variables = std::function<std::optional<std::string>(std::string_view name)>;

// The proxy for a URL as the variables give it, with its password; empty: none.
std::string proxy_for(std::string_view url, const Variables& variables);
// By the variables of the process.
std::string proxy_for(std::string_view url);

// The proxy for messages: without a user and a password.
std::string shown_proxy(std::string_view proxy);

// Whether a host ("db.example", "10.1.2.3", "::1") is one of those that no_proxy names: "*" is all
// of them, "example" and ".example" all below it, and itself; "10.0.0.0/8" a network.
bool is_excepted(std::string_view host, std::string_view no_proxy);

}  // namespace flashflood
