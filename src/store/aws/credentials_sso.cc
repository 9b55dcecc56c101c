#include "store/aws/credentials_sso.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include "base/posix_file.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_answer.h"
#include "store/aws/percent.h"
#include "store/http/http_date.h"

namespace flashflood {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int tries = 3;
constexpr std::size_t token_file_bytes_max = 1 << 20;
constexpr std::int64_t expires_ms_max =
    std::chrono::duration_cast<std::chrono::milliseconds>(timestamp_max.time_since_epoch()).count();
constexpr seconds renew_early = std::chrono::minutes(15);

struct SsoSettings {
  std::string profile{};
  std::string session{};  // empty: the older form
  std::string start_url{};
  std::string region{};
  std::string account_id{};
  std::string role_name{};
};

struct SsoToken {
  std::string access_token{};
  sys_seconds expires{};
  JsonObject file{};  // all that the file says, to be written back
};

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw Error("OpenSSL offers no SHA-1, by which the AWS tools name the files of SSO tokens");
  }
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

// `text` as a JSON string.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_object(const std::map<std::string, std::string, std::less<>>& texts) {
  std::string out = "{";
  for (const auto& [name, value] : texts) {
    if (out.size() > 1) out += ", ";
    out += json_string(name) + ": " + json_string(value);
  }
  return out + '}';
}

std::string aws_date(sys_seconds date) {
  const std::string text = format_timestamp(Timestamp(date));
  return text.substr(0, text.find('.')) + 'Z';
}

class SsoProvider final : public CredentialProvider {
 public:
  SsoProvider(const AwsConfig& config, SsoSettings settings, CredentialTools tools)
      : settings_(std::move(settings)), tools_(std::move(tools)) {
    portal_url_ = endpoint(config, "sso", "portal.sso");
    if (!settings_.session.empty()) oidc_url_ = endpoint(config, "sso_oidc", "oidc");
    const auto home = config.variables()("HOME");
    if (!home) {
      throw InvalidArgument(
          fmt::format("profile {} uses IAM Identity Center, whose tokens lie in "
                      "~/.aws/sso/cache: set HOME",
                      quote(settings_.profile)));
    }
    token_path_ =
        fmt::format("{}/.aws/sso/cache/{}.json", *home,
                    sha1_hex(settings_.session.empty() ? settings_.start_url : settings_.session));
  }

  FetchedCredentials fetch() override {
    const SsoToken token = valid_token();
    HttpRequest request = request_to(
        fmt::format("{}/federation/credentials?role_name={}&account_id={}", portal_url_,
                    percent_encoded(settings_.role_name), percent_encoded(settings_.account_id)));
    request.headers = {{"x-amz-sso_bearer_token", token.access_token},
                       {"Accept", "application/json"}};
    const HttpResponse response = ask(tools_, request, tries, describe());
    if (response.status == 401) log_in_again("is no longer valid");
    if (response.status != 200) {
      throw PermissionDenied(
          fmt::format("{} answered {}: is role {} of account {} assigned to you?", describe(),
                      response.status, quote(settings_.role_name), quote(settings_.account_id)));
    }
    return read(response);
  }

  std::string describe() const override {
    return fmt::format("IAM Identity Center (profile {}, {})", quote(settings_.profile),
                       origin_of(portal_url_));
  }

 private:
  // Where `service` is configured to be, else where AWS has it: `host` in the region.
  std::string endpoint(const AwsConfig& config, std::string_view service,
                       std::string_view host) const {
    if (auto url = config.endpoint_url(service)) return *std::move(url);
    return aws_endpoint(host, settings_.region, config.endpoint_kind());
  }

  static HttpRequest request_to(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.total_timeout = seconds(10);
    request.response_bytes_max = answer_bytes_max;
    return request;
  }

  FetchedCredentials read(const HttpResponse& response) const {
    const JsonObject answer = parse_json_object(response.body).value_or(JsonObject{});
    const auto role = answer.objects.find("roleCredentials");
    if (role != answer.objects.end()) {
      Credentials credentials{role->second.text("accessKeyId"),
                              role->second.text("secretAccessKey"),
                              role->second.text("sessionToken")};
      const std::int64_t expires_ms = role->second.number("expiration").value_or(0);
      if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty() &&
          expires_ms > 0 && expires_ms <= expires_ms_max) {
        credentials.expires = sys_seconds(seconds(expires_ms / 1000));
        return {.credentials = std::move(credentials), .given = date_of(response)};
      }
    }
    throw PermissionDenied(describe() + " did not answer with credentials of a role");
  }

  [[noreturn]] void log_in_again(const char* what) const {
    const std::string option = settings_.session.empty() ? "--profile " + settings_.profile
                                                         : "--sso-session " + settings_.session;
    throw PermissionDenied(
        fmt::format("the token of IAM Identity Center for profile {} {}: run "
                    "\"aws sso login {}\"",
                    quote(settings_.profile), what, option));
  }

  sys_seconds now() const {
    return std::chrono::floor<seconds>(tools_.environment.clock->wall_now());
  }

  SsoToken valid_token() {
    SsoToken token = read_token();
    if (token.expires - now() < renew_early && !settings_.session.empty()) renew(token);
    if (token.expires <= now()) log_in_again("has expired");
    return token;
  }

  // The newer one of what the file says and what this process has renewed.
  SsoToken read_token() const {
    const auto text = read_small_file(token_path_, token_file_bytes_max);
    SsoToken token;
    if (text) {
      if (auto file = parse_json_object(*text)) token.file = std::move(*file);
      token.access_token = token.file.text("accessToken");
      if (const auto expires = parse_aws_date(token.file.text("expiresAt"))) {
        token.expires = *expires;
      } else {
        token.access_token.clear();
      }
    }
    if (renewed_ && renewed_->expires > token.expires) return *renewed_;
    if (!text) log_in_again("is not there");
    if (token.access_token.empty()) log_in_again("cannot be read");
    return token;
  }

  // Replaces the token by a newer one. When that fails the old one is used while it lasts.
  void renew(SsoToken& token) {
    const auto registered_until = parse_aws_date(token.file.text("registrationExpiresAt"));
    if (token.file.text("refreshToken").empty() || token.file.text("clientId").empty() ||
        token.file.text("clientSecret").empty() || !registered_until ||
        *registered_until <= now()) {
      return;
    }
    const std::string body = json_object({{"grantType", "refresh_token"},
                                          {"clientId", token.file.text("clientId")},
                                          {"clientSecret", token.file.text("clientSecret")},
                                          {"refreshToken", token.file.text("refreshToken")}});
    HttpRequest request = request_to(oidc_url_ + "/token");
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = body;
    HttpResponse response;
    try {
      response = ask(tools_, request, tries, describe());
    } catch (const StoreUnavailable&) {
      if (token.expires <= now()) throw;
      return;
    }
    if (response.status != 200) return;
    const auto answer = parse_json_object(response.body);
    const std::int64_t lifetime = answer ? answer->number("expiresIn").value_or(0) : 0;
    const std::string access_token = answer ? answer->text("accessToken") : std::string();
    if (access_token.empty() || lifetime <= 0 || lifetime > 366 * 86400) return;

    token.access_token = access_token;
    token.expires = now() + seconds(lifetime);
    token.file.texts["startUrl"] = settings_.start_url;
    token.file.texts["region"] = settings_.region;
    token.file.texts["accessToken"] = access_token;
    token.file.texts["expiresAt"] = aws_date(token.expires);
    if (const std::string next = answer->text("refreshToken"); !next.empty()) {
      token.file.texts["refreshToken"] = next;
    }
    renewed_ = token;
    save(token);
  }

  // For the other AWS tools, whose refresh token may just have become invalid. Where the folder
  // cannot be written this process goes on with the token in memory.
  void save(const SsoToken& token) const {
    std::array<std::byte, 8> random{};
    tools_.environment.random->fill(random);
    const std::string path =
        token_path_ + '.' + to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
    const FileHandle file = open_at(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file) return;
    try {
      write_all(file, json_object(token.file.texts), path);
    } catch (const Error&) {
      ::unlink(path.c_str());
      return;
    }
    if (::rename(path.c_str(), token_path_.c_str()) != 0) ::unlink(path.c_str());
  }

  const SsoSettings settings_;
  const CredentialTools tools_;
  std::string portal_url_{};
  std::string oidc_url_{};  // empty: tokens of the older form are not renewed
  std::string token_path_{};
  std::optional<SsoToken> renewed_{};  // what fetch() has renewed last
};

}  // namespace

std::shared_ptr<CredentialProvider> make_sso_provider(const AwsConfig& config,
                                                      const AwsProfile& profile,
                                                      const CredentialTools& tools) {
  if (!profile.get("sso_account_id") && !profile.get("sso_role_name")) return nullptr;
  std::optional<AwsProfile> session;
  const auto session_name = profile.get("sso_session");
  if (session_name) {
    session = config.sso_session(*session_name);
    if (!session) {
      throw InvalidArgument(fmt::format(
          "profile {} names sso_session {}, but {} has no section "
          "[sso-session {}]",
          quote(profile.name()), quote(*session_name), config.config_path(), *session_name));
    }
  }
  const auto setting = [&](const char* key) {
    const auto here = profile.get(key);
    const auto there = session ? session->get(key) : std::nullopt;
    if (here && there && *here != *there) {
      throw InvalidArgument(
          fmt::format("{} of profile {} differs from that of its [sso-session {}]", key,
                      quote(profile.name()), *session_name));
    }
    if (!here && !there) {
      throw InvalidArgument(
          fmt::format("profile {} uses IAM Identity Center but has no {}: run "
                      "\"aws configure sso --profile {}\"",
                      quote(profile.name()), key, profile.name()));
    }
    return here ? *here : *there;
  };
  SsoSettings settings{profile.name(),        session_name.value_or(""), setting("sso_start_url"),
                       setting("sso_region"), setting("sso_account_id"), setting("sso_role_name")};
  return std::make_shared<SsoProvider>(config, std::move(settings), tools);
}

}  // namespace flashflood
