#include "store/aws/credentials_sts.h"

#include <fmt/format.h>

#include <array>
#include <pugixml.hpp>
#include <utility>
#include <vector>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_answer.h"
#include "store/aws/percent.h"
#include "store/aws/sigv4.h"
#include "store/http/http_date.h"

namespace flashflood {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string>>;

using std::chrono::seconds;

constexpr int tries = 3;
constexpr seconds clock_tolerance = std::chrono::minutes(4);  // STS refuses more than 5
constexpr std::size_t token_bytes_max = 256 * 1024;

// What to do about the errors that users meet.
std::string_view remedy(std::string_view code) {
  struct Remedy {
    std::string_view code;
    std::string_view text;
  };
  constexpr std::array<Remedy, 9> remedies{{
      {"AccessDenied", "the trust policy of the role does not allow it, or there is no such role"},
      {"ExpiredToken", "the credentials that ask for the role have expired: renew them"},
      {"ExpiredTokenException", "the web identity token has expired: is its file still renewed?"},
      {"InvalidIdentityToken",
       "the web identity token is not valid for the provider that the role "
       "trusts"},
      {"IDPRejectedClaim", "the identity provider refuses the web identity token"},
      {"InvalidClientTokenId", "the access key that asks for the role does not exist"},
      {"SignatureDoesNotMatch",
       "the secret key that asks for the role is wrong, or this machine's "
       "clock is"},
      {"RegionDisabledException",
       "STS is not switched on in this region: set AWS_REGION to another"},
      {"ValidationError",
       "a setting of the profile is not valid: role_arn, role_session_name, "
       "external_id, duration_seconds"},
  }};
  for (const Remedy& known : remedies) {
    if (known.code == code) return known.text;
  }
  return "ask who administers the role";
}

std::string form_of(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body.append(name).append("=").append(percent_encoded(value));
  }
  return body;
}

class StsProvider : public CredentialProvider {
 public:
  StsProvider(const AwsConfig& config, AssumedRole role, CredentialTools tools)
      : role_(std::move(role)), tools_(std::move(tools)) {
    const std::string region = config.region().value_or("");
    if (const auto url = config.endpoint_url("sts")) {
      url_ = *url + '/';
      region_ = region.empty() ? "us-east-1" : region;
      return;
    }
    const AwsEndpointKind kind = config.endpoint_kind();
    const bool global = region.empty() || region == "auto" || region == "aws-global";
    region_ = global ? "us-east-1" : region;
    // Of the global service there is one kind only.
    url_ = global && !kind.fips && !kind.dual_stack ? "https://sts.amazonaws.com/"
                                                    : aws_endpoint("sts", region_, kind) + '/';
  }

  FetchedCredentials fetch() override {
    Fields fields{{"Action", action()},
                  {"Version", "2011-06-15"},
                  {"RoleArn", role_.arn},
                  {"RoleSessionName", session_name()}};
    if (!role_.external_id.empty()) fields.emplace_back("ExternalId", role_.external_id);
    if (role_.duration_seconds) {
      fields.emplace_back("DurationSeconds", std::to_string(*role_.duration_seconds));
    }
    add_identity(fields);
    const std::string body = form_of(fields);
    HttpRequest request;
    request.method = "POST";
    request.url = url_;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                       {"Accept", "application/xml"}};
    request.body = body;
    request.total_timeout = seconds(10);
    request.response_bytes_max = answer_bytes_max;
    const HttpRequest unsigned_request = request;
    sign(request, now() + clock_offset_);
    HttpResponse response = ask(tools_, request, tries, describe());
    if (const auto theirs = date_of(response); theirs && response.status != 200) {
      const seconds offset = *theirs - now();
      if (std::chrono::abs(offset - clock_offset_) > clock_tolerance) {
        // This machine's clock is wrong, which STS does not forgive: by its own clock, then.
        clock_offset_ = offset;
        request = unsigned_request;
        sign(request, now() + clock_offset_);
        response = ask(tools_, request, tries, describe());
      }
    }
    return read(response);
  }

  std::string describe() const override {
    return fmt::format("{} for {} at {}", action(), quote(role_.arn, 200), origin_of(url_));
  }

 protected:
  virtual std::string action() const = 0;
  virtual void add_identity(Fields& fields) const = 0;
  virtual void sign(HttpRequest& request, std::chrono::sys_seconds time) const = 0;

  const std::string& region() const noexcept { return region_; }

 private:
  std::string session_name() const {
    if (!role_.session_name.empty()) return role_.session_name;
    return fmt::format("flashflood-{}", now().time_since_epoch().count());
  }

  FetchedCredentials read(const HttpResponse& response) const {
    pugi::xml_document document;
    const bool readable = static_cast<bool>(
        document.load_buffer(response.body.data(), response.body.size(), pugi::parse_default));
    if (response.status != 200) {
      const std::string_view code =
          error_code(document.child("ErrorResponse").child("Error").child_value("Code"));
      throw PermissionDenied(fmt::format("{}: refused with {} ({}): {}", describe(),
                                         response.status, code, remedy(code)));
    }
    const pugi::xml_node found = document.child((action() + "Response").c_str())
                                     .child((action() + "Result").c_str())
                                     .child("Credentials");
    if (!readable || !found) {
      throw PermissionDenied(describe() + " did not answer as STS does: is the endpoint right?");
    }
    JsonObject answer;
    for (const char* name : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
      answer.texts[name] = found.child_value(name);
    }
    return {.credentials = credentials_of_answer(answer, "SessionToken", describe()),
            .given = date_of(response)};
  }

  std::chrono::sys_seconds now() const {
    return std::chrono::floor<seconds>(tools_.environment.clock->wall_now());
  }

  const AssumedRole role_;
  const CredentialTools tools_;
  std::string url_{};
  std::string region_{};
  seconds clock_offset_{};  // what to add to this machine's clock
};

class RoleProvider final : public StsProvider {
 public:
  RoleProvider(const AwsConfig& config, AssumedRole role, std::shared_ptr<CredentialSource> source,
               CredentialTools tools)
      : StsProvider(config, std::move(role), std::move(tools)), source_(std::move(source)) {}

 private:
  std::string action() const override { return "AssumeRole"; }
  void add_identity(Fields& /*fields*/) const override {}
  void sign(HttpRequest& request, std::chrono::sys_seconds time) const override {
    const auto credentials = source_->get();
    if (!credentials) throw PermissionDenied(describe() + ": there are no credentials to ask with");
    sign_request(request, *credentials, {region(), "sts", time});
  }

  const std::shared_ptr<CredentialSource> source_;
};

class WebIdentityProvider final : public StsProvider {
 public:
  WebIdentityProvider(const AwsConfig& config, AssumedRole role, std::string token_file,
                      CredentialTools tools)
      : StsProvider(config, std::move(role), std::move(tools)),
        token_file_(std::move(token_file)) {}

 private:
  std::string action() const override { return "AssumeRoleWithWebIdentity"; }
  void add_identity(Fields& fields) const override {
    const auto token = read_small_file(token_file_, token_bytes_max);
    if (!token || trimmed(*token).empty()) {
      throw PermissionDenied(fmt::format("the web identity token file {} {}",
                                         quote(token_file_, 200),
                                         token ? "is empty" : "does not exist"));
    }
    fields.emplace_back("WebIdentityToken", trimmed(*token));
  }
  // The token is what is checked.
  void sign(HttpRequest& /*request*/, std::chrono::sys_seconds /*time*/) const override {}

  const std::string token_file_;
};

}  // namespace

std::shared_ptr<CredentialProvider> make_role_provider(const AwsConfig& config, AssumedRole role,
                                                       std::shared_ptr<CredentialSource> source,
                                                       const CredentialTools& tools) {
  return std::make_shared<RoleProvider>(config, std::move(role), std::move(source), tools);
}

std::shared_ptr<CredentialProvider> make_web_identity_provider(const AwsConfig& config,
                                                               AssumedRole role,
                                                               std::string token_file,
                                                               const CredentialTools& tools) {
  return std::make_shared<WebIdentityProvider>(config, std::move(role), std::move(token_file),
                                               tools);
}

}  // namespace flashflood
