// HTTP/1.1 requests, one at a time for each calling thread, over connections that are kept.
//
// The answer is whatever the server said, errors included: to judge it is the caller's work.
// Redirects are not followed, and nothing is repeated but what a kept connection has lost. Messages
// of errors hold neither headers nor what follows '?' in a URL, because credentials travel there.
//
// Threads: send() may be called from several threads at once; each call blocks its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace flashflood {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https, already percent-encoded
  std::vector<HttpHeader> headers{};
  BytesView body{};       // borrowed until send() returns
  bool use_proxy = true;  // false for services of this machine, whose answers are for nobody else
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds total_timeout{60'000};
  // A transfer that moves less than a byte a second for this long is cut.
  std::chrono::milliseconds stall_timeout{10'000};
  // A longer body is refused with StoreUnavailable, before it is kept in memory.
  std::size_t response_bytes_max = std::size_t{64} << 20;
  // When not empty, the body of a 2xx answer is written here and nowhere else; one that is longer
  // is refused. Borrowed until send() returns.
  std::span<char> body_into{};
  // When no answer has come after this long, the request is sent once more on another connection,
  // and the first complete answer counts. Zero: never. Only for requests that change nothing, and
  // not together with body_into.
  std::chrono::milliseconds hedge_after{0};
  std::function<void()> on_hedge{};  // called when it is sent once more; may be empty
  // Called when it is sent again because a kept connection was closed before a byte of an answer
  // came: the only case in which the client repeats anything. May be empty.
  std::function<void()> on_resend{};
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers{};  // names in lower case
  Bytes body{};
  std::size_t bytes_into = 0;  // how many bytes went to HttpRequest::body_into

  // The value of a header, or nothing. `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Throws RequestFailed (a StoreUnavailable, store/request_failed.h) when there is no complete
  // answer; the message names the reason (DNS, refused, TLS, timeout) and the host.
  // PermissionDenied when the server's certificate is not trusted, or what is to be trusted cannot
  // be read: no repeat changes that. InvalidArgument for what is no URL; Interrupted (base/stop.h).
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

struct HttpClientOptions {
  // A file of trusted certificates (PEM); empty: that of SSL_CERT_FILE, or the system's.
  std::string ca_bundle{};
  // A directory of trusted certificates, next to the file; empty: that of SSL_CERT_DIR, if any.
  std::string ca_directory{};
  bool verify_tls = true;
  // Connections kept open while nobody uses them.
  std::size_t idle_connections_max = 128;
};

// Honours the usual variables for proxies (https_proxy, no_proxy ...).
std::shared_ptr<HttpClient> make_http_client(const HttpClientOptions& options = {});

}  // namespace flashflood
