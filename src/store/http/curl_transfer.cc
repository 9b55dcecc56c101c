#include "store/http/curl_transfer.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "base/text.h"
#include "store/http/proxy.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

constexpr std::size_t header_bytes_max = std::size_t{64} << 10;

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) throw Error(std::string("libcurl: ") + curl_easy_strerror(code));
}

// Whether a transfer that ended so never sent its request.
bool never_sent(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return true;
    default:
      return false;
  }
}

// Whether it ended because of what certificates are trusted here, which no repeat changes.
bool is_about_trust(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR;
}

std::string reason(CURLcode code, bool proxied) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "the name of the proxy is not known to DNS; check http_proxy and https_proxy";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the name is not known to DNS; check the endpoint, the region and the network";
    case CURLE_COULDNT_CONNECT:
      return proxied ? "no connection; is the proxy running and its address right?"
                     : "no connection; is the server running and the endpoint right?";
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout: no connection, or no answer, in time";
    case CURLE_SSL_CONNECT_ERROR:
      return "TLS could not be agreed on; does the server speak https at this port?";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return "TLS: the server's certificate is not trusted, or is not for this host; name the file "
             "with the certificate of its authority in AWS_CA_BUNDLE or SSL_CERT_FILE, or as "
             "ca_bundle";
    case CURLE_SSL_CACERT_BADFILE:
      return "TLS: the file of trusted certificates (AWS_CA_BUNDLE, SSL_CERT_FILE, ca_bundle) "
             "cannot "
             "be read";
    case CURLE_PARTIAL_FILE:
      return "the connection ended before the answer did";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
      return "the connection broke before an answer came";
    case CURLE_SEND_ERROR:
      return "the connection broke while the request was sent";
    default:
      return curl_easy_strerror(code);
  }
}

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = url.rfind('@');
  if (user != url.npos) url.remove_prefix(user + 1);
  return std::string(url);
}

CurlTransfer::CurlTransfer() : handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
}

void CurlTransfer::begin(const HttpRequest& request, const HttpClientOptions& options) {
  CURL* const curl = handle_.get();
  curl_easy_reset(curl);  // keeps connections
  headers_.reset();
  request_ = &request;
  response_ = {};
  sent_ = false;
  answering_ = false;
  refusal_.clear();
  problem_ = nullptr;

  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_URL, request.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_PATH_AS_IS, 1L);
  set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
  set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  const auto stall = std::chrono::ceil<std::chrono::seconds>(request.stall_timeout);
  set(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall.count()));
  set(curl, CURLOPT_BUFFERSIZE, 256L << 10);
  set(curl, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
  proxy_ = request.use_proxy ? proxy_for(request.url) : std::string();
  set(curl, CURLOPT_PROXY, proxy_.c_str());  // never what libcurl would take from variables itself
  set(curl, CURLOPT_NOPROXY, "");
  if (!options.ca_directory.empty()) set(curl, CURLOPT_CAPATH, options.ca_directory.c_str());
  if (!options.ca_bundle.empty()) set(curl, CURLOPT_CAINFO, options.ca_bundle.c_str());
  if (!options.verify_tls) {
    set(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    set(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }

  const bool has_body =
      !request.body.empty() || request.method == "PUT" || request.method == "POST";
  if (request.method == "HEAD") {
    set(curl, CURLOPT_NOBODY, 1L);
  } else if (has_body) {
    set(curl, CURLOPT_POST, 1L);
    set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(curl, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method != "GET") {
    set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  const auto add = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  };
  for (const HttpHeader& header : request.headers) {
    if ((header.name + header.value).find_first_of("\r\n\0", 0, 3) != std::string::npos) {
      throw InvalidArgument("the value of the header " + quote(header.name) +
                            " holds a line break");
    }
    // "Name;" is how libcurl is told to send a header without a value.
    add(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
  }
  // A body is sent at once, without waiting for the server to ask for it.
  if (has_body) add("Expect:");
  const bool typed = std::any_of(request.headers.begin(), request.headers.end(), [](auto& header) {
    return to_lower(header.name) == "content-type";
  });
  if (has_body && !typed) add("Content-Type:");  // libcurl would claim that it is a form
  set(curl, CURLOPT_HTTPHEADER, headers_.get());
  set(curl, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_send);
  set(curl, CURLOPT_PREREQDATA, static_cast<void*>(this));
  set(curl, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(curl, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(curl, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(curl, CURLOPT_WRITEDATA, static_cast<void*>(this));
}

template <typename Call>
bool CurlTransfer::shielded(Call call) noexcept {
  try {
    return call();
  } catch (...) {
    problem_ = std::current_exception();
    return false;
  }
}

// libcurl calls it each time that it sends the request: again when it finds a kept connection dead.
int CurlTransfer::on_send(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const bool counted = transfer.shielded([&] {
    if (std::exchange(transfer.sent_, true) && transfer.request_->on_resend)
      transfer.request_->on_resend();
    return true;
  });
  return counted ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const bool taken = transfer.shielded(
      [&] { return transfer.take_header(std::string_view(bytes, size * count)); });
  return taken ? size * count : 0;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const bool taken =
      transfer.shielded([&] { return transfer.take_body(std::string_view(bytes, size * count)); });
  return taken ? size * count : 0;
}

bool CurlTransfer::take_header(std::string_view line) {
  answering_ = true;
  if (line.starts_with("HTTP/")) {  // of the answer, or of a "100 Continue" before it
    response_.headers.clear();
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view code = trimmed(line.substr(blank)).substr(0, 3);
    std::from_chars(code.data(), code.data() + code.size(), response_.status);
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return true;  // the empty line at the end
  response_.headers.push_back(
      {to_lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  std::size_t total = 0;
  for (const HttpHeader& header : response_.headers) {
    total += header.name.size() + header.value.size();
  }
  if (total > header_bytes_max) {
    refusal_ = "the headers of the answer are longer than 64 KiB";
    return false;
  }
  return true;
}

bool CurlTransfer::take_body(std::string_view bytes) {
  answering_ = true;
  const bool in_place = !request_->body_into.empty() && response_.status / 100 == 2;
  const std::size_t have = in_place ? response_.bytes_into : response_.body.size();
  const std::size_t most = in_place ? request_->body_into.size() : request_->response_bytes_max;
  if (bytes.size() > most - have) {
    refusal_ =
        "the answer is longer than the " + std::to_string(most) + " bytes that were expected";
    return false;
  }
  if (in_place) {
    std::copy(bytes.begin(), bytes.end(),
              request_->body_into.begin() + static_cast<std::ptrdiff_t>(response_.bytes_into));
    response_.bytes_into += bytes.size();
    return true;
  }
  if (have == 0) {
    curl_off_t length = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0) {
      response_.body.reserve(std::min(static_cast<std::size_t>(length), most));
    }
  }
  response_.body.append(bytes);
  return true;
}

HttpResponse CurlTransfer::finish(CURLcode code) {
  if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
  if (!proxy_.empty()) check_proxy();
  if (code != CURLE_OK) fail(code);
  return std::move(response_);
}

// With https the refusal is the answer to CONNECT, which libcurl keeps to itself.
void CurlTransfer::check_proxy() const {
  long connect_status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (connect_status != 407 && response_.status != 407) return;
  throw PermissionDenied(
      "the proxy " + shown_proxy(proxy_) + " (http_proxy, https_proxy) wants " +
      "other credentials (HTTP 407): give them as http://user:password@host:port");
}

void CurlTransfer::fail(CURLcode code) const {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    throw InvalidArgument("this is no http or https address: " + quote(host_of(request_->url)));
  }
  const bool proxied = !proxy_.empty();
  const std::string through =
      proxied ? " through the proxy " + shown_proxy(proxy_) + " (http_proxy, https_proxy)" : "";
  if (is_about_trust(code)) {
    throw PermissionDenied("no access to " + host_of(request_->url) + through + ": " +
                           reason(code, proxied));
  }
  curl_off_t connected_us = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  const bool sent = !never_sent(code) && (code != CURLE_OPERATION_TIMEDOUT || connected_us > 0);
  throw RequestFailed("no answer from " + host_of(request_->url) + through + ": " +
                          (refusal_.empty() ? reason(code, proxied) : refusal_),
                      sent ? RequestFailed::Effect::unknown : RequestFailed::Effect::none);
}

}  // namespace flashflood
