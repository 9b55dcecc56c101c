// What services and programs answer when they are asked for credentials, as values.
//
// Threads: values and pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/aws/credentials_provider.h"
#include "store/http/http_client.h"

namespace flashflood {

// The texts, whole numbers and objects of a JSON object by name; what else it holds is left out.
struct JsonObject {
  std::map<std::string, std::string, std::less<>> texts{};
  std::map<std::string, std::int64_t, std::less<>> numbers{};
  std::map<std::string, JsonObject, std::less<>> objects{};

  // Empty when there is none.
  std::string text(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
};

// Nothing unless `text` is one JSON object, no deeper than 16.
std::optional<JsonObject> parse_json_object(std::string_view text);

// A date as AWS services and files write it: RFC 3339, or with "UTC" instead of "Z".
std::optional<std::chrono::sys_seconds> parse_aws_date(std::string_view text);

// The credentials in `answer`: AccessKeyId, SecretAccessKey, `token_name`, Expiration. Throws
// PermissionDenied that begins with `source` when a key is missing or the date cannot be read.
Credentials credentials_of_answer(const JsonObject& answer, std::string_view token_name,
                                  const std::string& source);

// "https://host:port" of a URL, for messages: the rest may hold secrets.
std::string origin_of(std::string_view url);

// A word that a service answered, for messages: nothing but a short name as its error codes are.
std::string_view error_code(std::string_view text) noexcept;

// Answers of these services are small.
inline constexpr std::size_t answer_bytes_max = 256 * 1024;

// Sends a request up to `tries` times, until there is an answer that is not "try again later"
// (429 or 5xx). Throws StoreUnavailable that begins with `source`.
HttpResponse ask(const CredentialTools& tools, const HttpRequest& request, int tries,
                 const std::string& source);

}  // namespace flashflood
