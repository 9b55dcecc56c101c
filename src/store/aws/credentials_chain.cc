#include "store/aws/credentials_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_metadata.h"
#include "store/aws/credentials_process.h"
#include "store/aws/credentials_refresh.h"
#include "store/aws/credentials_sso.h"
#include "store/aws/credentials_static.h"
#include "store/aws/credentials_sts.h"

namespace flashflood {
namespace {

using Provider = std::shared_ptr<CredentialProvider>;

// The last place to look at, and the message when there is nothing there either.
class LastPlace final : public CredentialProvider {
 public:
  // `instance` may be null.
  LastPlace(Provider instance, std::string places)
      : instance_(std::move(instance)), places_(std::move(places)) {}

  FetchedCredentials fetch() override {
    if (!instance_) {
      throw PermissionDenied(places_ +
                             "; the instance metadata service: AWS_EC2_METADATA_DISABLED");
    }
    try {
      FetchedCredentials fetched = instance_->fetch();
      found_ = true;
      return fetched;
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      if (found_) throw;
      throw PermissionDenied(fmt::format("{}; {}", places_, error.what()));
    }
  }
  std::string describe() const override {
    return instance_ ? instance_->describe() : "no source of credentials";
  }

 private:
  const Provider instance_;
  const std::string places_;
  bool found_ = false;  // the instance does have credentials
};

class Chain {
 public:
  Chain(const AwsConfig& config, const CredentialTools& tools) : config_(config), tools_(tools) {}

  Provider choose() {
    // A profile that the caller named goes before keys in the environment; AWS_PROFILE does not.
    const bool environment = !config_.profile_is_explicit();
    if (environment) {
      if (auto found = make_environment_provider(config_)) return found;
    }
    if (auto found = from_profile(config_.profile(), environment)) return found;
    if (auto found = make_container_provider(config_, tools_)) return found;
    return std::make_shared<LastPlace>(make_instance_provider(config_, tools_), places());
  }

 private:
  // What a profile offers, null when it offers nothing. `environment`: a web identity in the
  // environment counts too.
  Provider from_profile(const AwsProfile& profile, bool environment) {
    visited_.push_back(profile.name());
    if (profile.get("role_arn") && !profile.get("web_identity_token_file")) {
      return from_role(profile);
    }
    return from_own_credentials(profile, environment);
  }

  Provider from_own_credentials(const AwsProfile& profile, bool environment) {
    if (auto found = from_web_identity(profile, environment)) return found;
    if (auto found = make_sso_provider(config_, profile, tools_)) return found;
    if (auto found = make_file_provider(config_, profile, AwsProfile::File::credentials)) {
      return found;
    }
    if (profile.get("login_session")) {
      throw InvalidArgument(fmt::format(
          "profile {} was made by \"aws login\", which only the AWS command line can use: set "
          "credential_process = aws configure export-credentials --profile {} in another profile",
          quote(profile.name()), profile.name()));
    }
    if (const auto command = profile.raw("credential_process")) {
      return make_process_provider(*command, profile.name(), tools_);
    }
    return make_file_provider(config_, profile, AwsProfile::File::config);
  }

  Provider from_web_identity(const AwsProfile& profile, bool environment) {
    const auto setting = [&](const char* variable, const char* key) {
      auto value = environment ? config_.variables()(variable) : std::nullopt;
      return value ? value : profile.get(key);
    };
    const auto token_file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (!token_file) return nullptr;
    const auto arn = setting("AWS_ROLE_ARN", "role_arn");
    if (!arn) {
      throw InvalidArgument(
          fmt::format("there is a web identity token file ({}) but no role: set "
                      "AWS_ROLE_ARN, or role_arn in profile {}",
                      quote(*token_file, 200), quote(profile.name())));
    }
    AssumedRole role{
        .arn = *arn,
        .session_name = setting("AWS_ROLE_SESSION_NAME", "role_session_name").value_or(""),
        .duration_seconds = duration(profile)};
    return make_web_identity_provider(config_, std::move(role),
                                      expand_home(config_.variables(), *token_file), tools_);
  }

  Provider from_role(const AwsProfile& profile) {
    if (profile.get("mfa_serial")) {
      throw InvalidArgument(fmt::format(
          "profile {} asks for the code of an MFA device (mfa_serial), and FlashFlood does not "
          "prompt: run eval \"$(aws configure export-credentials --profile {} --format env)\" "
          "first",
          quote(profile.name()), profile.name()));
    }
    AssumedRole role{.arn = profile.get("role_arn").value(),
                     .session_name = profile.get("role_session_name").value_or(""),
                     .external_id = profile.get("external_id").value_or(""),
                     .duration_seconds = duration(profile)};
    const auto source_profile = profile.get("source_profile");
    const auto source_name = profile.get("credential_source");
    if (source_profile && source_name) {
      throw InvalidArgument(
          fmt::format("profile {} has both source_profile and credential_source: "
                      "remove one",
                      quote(profile.name())));
    }
    if (!source_profile && !source_name) {
      throw InvalidArgument(
          fmt::format("profile {} has role_arn but neither source_profile nor "
                      "credential_source, with which to ask for the role",
                      quote(profile.name())));
    }
    Provider source = source_name ? from_named_source(profile, *source_name)
                                  : from_source_profile(profile, *source_profile);
    return make_role_provider(config_, std::move(role),
                              make_refreshing_source(std::move(source), tools_.environment),
                              tools_);
  }

  Provider from_source_profile(const AwsProfile& profile, const std::string& name) {
    const AwsProfile source = config_.profile(name);
    if (!source.exists()) {
      throw InvalidArgument(fmt::format("source_profile of profile {}: {}", quote(profile.name()),
                                        config_.describe_missing(name)));
    }
    const bool has_keys = source.get("aws_access_key_id") || source.get("aws_secret_access_key");
    // A profile may name itself, to have its keys beside the role that they assume.
    const bool names_itself = name == profile.name() && has_keys;
    if (!names_itself && std::find(visited_.begin(), visited_.end(), name) != visited_.end()) {
      std::string circle;
      for (const std::string& visited : visited_) circle += quote(visited) + " -> ";
      throw InvalidArgument(
          fmt::format("the profiles name each other as source_profile in a "
                      "circle: {}{}",
                      circle, quote(name)));
    }
    Provider found = has_keys ? from_own_credentials(source, false) : from_profile(source, false);
    if (!found) {
      throw InvalidArgument(
          fmt::format("profile {}, the source_profile of profile {}, has no "
                      "credentials",
                      quote(name), quote(profile.name())));
    }
    return found;
  }

  Provider from_named_source(const AwsProfile& profile, const std::string& name) {
    Provider found;
    std::string missing;
    if (name == "Environment") {
      found = make_environment_provider(config_);
      missing = "AWS_ACCESS_KEY_ID is not set";
    } else if (name == "EcsContainer") {
      found = make_container_provider(config_, tools_);
      missing = "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor _FULL_URI is set";
    } else if (name == "Ec2InstanceMetadata") {
      found = make_instance_provider(config_, tools_);
      missing = "AWS_EC2_METADATA_DISABLED is set";
    } else {
      missing = "it can be Environment, Ec2InstanceMetadata or EcsContainer";
    }
    if (!found) {
      throw InvalidArgument(fmt::format("profile {} has credential_source = {}, but {}",
                                        quote(profile.name()), quote(name), missing));
    }
    return found;
  }

  static std::optional<int> duration(const AwsProfile& profile) {
    const auto text = profile.get("duration_seconds");
    if (!text) return std::nullopt;
    const auto number = parse_decimal(*text);
    if (!number || *number < 900 || *number > 43200) {
      throw InvalidArgument(
          fmt::format("duration_seconds of profile {} is {}; it can be 900 to "
                      "43200",
                      quote(profile.name()), quote(*text)));
    }
    return static_cast<int>(*number);
  }

  // All places that from_profile and choose look at, in their order.
  std::string places() const {
    const std::string& name = config_.profile().name();
    std::string text = "there are no AWS credentials. Looked at: ";
    if (!config_.profile_is_explicit()) {
      text += "AWS_ACCESS_KEY_ID and AWS_WEB_IDENTITY_TOKEN_FILE, which are not set; ";
    }
    if (config_.profile().exists()) {
      text += fmt::format("profile {} in {} and {}, which has none", quote(name),
                          config_.credentials_path(), config_.config_path());
    } else {
      text += config_.describe_missing(name);
    }
    return text + "; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI, which are not set";
  }

  const AwsConfig& config_;
  const CredentialTools& tools_;
  std::vector<std::string> visited_{};  // profiles, from the first to its source's source
};

}  // namespace

std::shared_ptr<CredentialSource> make_credentials(const AwsConfig& config,
                                                   const CredentialTools& tools,
                                                   std::function<Credentials()> given) {
  Provider provider =
      given ? make_explicit_provider(std::move(given)) : Chain(config, tools).choose();
  return make_refreshing_source(std::move(provider), tools.environment);
}

}  // namespace flashflood
