#include "store/aws/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "store/aws/digest.h"
#include "store/aws/percent.h"

namespace flashflood {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

struct UrlParts {
  std::string_view host;   // as clients send it: with the port, unless it is the scheme's own
  std::string_view path;   // "/" at least
  std::string_view query;  // without '?'
};

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  const std::size_t scheme = url.find("://");
  const std::string_view own_port = url.starts_with("https:") ? ":443" : ":80";
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  const std::size_t question = std::min(url.find('?'), url.size());
  parts.query = question < url.size() ? url.substr(question + 1) : std::string_view();
  url = url.substr(0, question);
  const std::size_t slash = std::min(url.find('/'), url.size());
  parts.host = url.substr(0, slash);
  if (parts.host.ends_with(own_port)) parts.host.remove_suffix(own_port.size());
  parts.path = slash < url.size() ? url.substr(slash) : std::string_view("/");
  return parts;
}

struct Date {
  std::string day;   // 20130524
  std::string time;  // 20130524T000000Z
};

Date format_date(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  Date out;
  out.day = fmt::format("{:04}{:02}{:02}", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  out.time = fmt::format("{}T{:02}{:02}{:02}Z", out.day, clock.hours().count(),
                         clock.minutes().count(), clock.seconds().count());
  return out;
}

// The parameters in order of their encoded names, then values.
std::string sorted_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    const bool has_value = equals < parameter.size();
    parameters.emplace_back(parameter.substr(0, equals),
                            has_value ? parameter.substr(equals + 1) : std::string_view());
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  return out;
}

// Without blanks around it, and runs of blanks in it as one.
std::string normalized_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c != ' ') {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

using Headers = std::map<std::string, std::string>;  // lower-case names

std::string names_of(const Headers& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

struct Canonical {
  std::string_view method;
  UrlParts url;
  std::string query;
  Headers headers;
  std::string payload;  // its hash, or what stands in for it
};

std::string signature_of(const Canonical& request, const Credentials& credentials,
                         const SigningScope& scope, const Date& date,
                         const std::string& scope_text) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, request.url.path, request.query);
  for (const auto& [name, value] : request.headers) text += name + ':' + value + '\n';
  text += '\n' + names_of(request.headers) + '\n' + request.payload;
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", algorithm, date.time, scope_text, to_hex(sha256(text)));
  std::string key = hmac_sha256("AWS4" + credentials.secret_access_key, date.day);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, "aws4_request");
  return to_hex(hmac_sha256(key, to_sign));
}

std::string scope_text(const SigningScope& scope, const Date& date) {
  return fmt::format("{}/{}/{}/aws4_request", date.day, scope.region, scope.service);
}

}  // namespace

void sign_request(HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
                  Payload payload) {
  const Date date = format_date(scope.time);
  Canonical canonical;
  canonical.method = request.method;
  canonical.url = split_url(request.url);
  canonical.query = sorted_query(canonical.url.query);
  canonical.payload =
      payload == Payload::unhashed ? std::string(unsigned_payload) : to_hex(sha256(request.body));
  request.headers.push_back({"X-Amz-Date", date.time});
  if (scope.service == "s3") {
    request.headers.push_back({"X-Amz-Content-Sha256", canonical.payload});
  }
  if (!credentials.session_token.empty()) {
    request.headers.push_back({"X-Amz-Security-Token", credentials.session_token});
  }
  canonical.headers["host"] = std::string(canonical.url.host);
  for (const HttpHeader& header : request.headers) {
    const auto [at, added] =
        canonical.headers.emplace(to_lower(header.name), normalized_value(header.value));
    if (!added) at->second += ',' + normalized_value(header.value);
  }
  const std::string where = scope_text(scope, date);
  request.headers.push_back(
      {"Authorization",
       fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                   credentials.access_key_id, where, names_of(canonical.headers),
                   signature_of(canonical, credentials, scope, date, where))});
}

std::string presigned_url(std::string_view url, const Credentials& credentials,
                          const SigningScope& scope, std::chrono::seconds duration) {
  const Date date = format_date(scope.time);
  const std::string where = scope_text(scope, date);
  Canonical canonical;
  canonical.method = "GET";
  canonical.url = split_url(url);
  std::string query(canonical.url.query);
  if (!query.empty()) query += '&';
  query += fmt::format("X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}",
                       algorithm, percent_encoded(credentials.access_key_id + '/' + where),
                       date.time, duration.count());
  if (!credentials.session_token.empty()) {
    query += "&X-Amz-Security-Token=" + percent_encoded(credentials.session_token);
  }
  query += "&X-Amz-SignedHeaders=host";
  canonical.query = sorted_query(query);
  canonical.headers["host"] = std::string(canonical.url.host);
  canonical.payload = unsigned_payload;
  const std::string signature = signature_of(canonical, credentials, scope, date, where);
  return fmt::format("{}?{}&X-Amz-Signature={}", url.substr(0, url.find('?')), canonical.query,
                     signature);
}

}  // namespace flashflood
