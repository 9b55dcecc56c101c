#include "store/aws/credentials_answer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "flashflood/error.h"
#include "flashflood/event.h"

namespace flashflood {
namespace {

constexpr std::size_t depth_max = 16;
constexpr std::chrono::milliseconds pause_between_tries{200};

JsonObject copy_object(const simdjson::dom::object& object) {
  JsonObject out;
  for (const auto& [key, value] : object) {
    std::string name(key);
    if (value.is<std::string_view>()) {
      out.texts.insert_or_assign(std::move(name),
                                 std::string(value.get<std::string_view>().value()));
    } else if (value.is<std::int64_t>()) {
      out.numbers.insert_or_assign(std::move(name), value.get<std::int64_t>().value());
    } else if (value.is<simdjson::dom::object>()) {
      out.objects.insert_or_assign(std::move(name),
                                   copy_object(value.get<simdjson::dom::object>().value()));
    }
  }
  return out;
}

}  // namespace

std::string JsonObject::text(std::string_view name) const {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string() : found->second;
}

std::optional<std::int64_t> JsonObject::number(std::string_view name) const {
  const auto found = numbers.find(name);
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

std::optional<JsonObject> parse_json_object(std::string_view text) {
  simdjson::dom::parser parser;
  if (parser.allocate(text.size(), depth_max) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  return copy_object(object);
}

std::optional<std::chrono::sys_seconds> parse_aws_date(std::string_view text) {
  std::string date(text);
  if (date.ends_with("UTC")) date.replace(date.size() - 3, 3, "Z");
  try {
    return std::chrono::floor<std::chrono::seconds>(parse_timestamp(date));
  } catch (const InvalidArgument&) {
    return std::nullopt;
  }
}

Credentials credentials_of_answer(const JsonObject& answer, std::string_view token_name,
                                  const std::string& source) {
  Credentials credentials{answer.text("AccessKeyId"), answer.text("SecretAccessKey"),
                          answer.text(token_name)};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    throw PermissionDenied(
        fmt::format("{} answered without {}", source,
                    credentials.access_key_id.empty() ? "AccessKeyId" : "SecretAccessKey"));
  }
  if (const std::string expiration = answer.text("Expiration"); !expiration.empty()) {
    credentials.expires = parse_aws_date(expiration);
    if (!credentials.expires) {
      throw PermissionDenied(source + " answered with an Expiration that is no RFC 3339 date");
    }
  }
  return credentials;
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  std::string_view authority = url.substr(begin, end - begin);
  if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) {
    authority.remove_prefix(user + 1);
  }
  return std::string(url.substr(0, begin)) + std::string(authority);
}

std::string_view error_code(std::string_view text) noexcept {
  const bool plain =
      !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
      });
  return plain ? text : "an error without a name";
}

HttpResponse ask(const CredentialTools& tools, const HttpRequest& request, int tries,
                 const std::string& source) {
  for (int left = tries - 1;; --left) {
    std::string failure;
    try {
      HttpResponse response = tools.http->send(request);
      if (response.status != 429 && response.status < 500) return response;
      failure = fmt::format("{} answered {}", source, response.status);
    } catch (const StoreUnavailable& error) {
      failure = fmt::format("{} cannot be asked: {}", source, error.what());
    }
    if (left == 0) throw StoreUnavailable(failure);
    tools.environment.clock->sleep_for(pause_between_tries);
  }
}

}  // namespace flashflood
