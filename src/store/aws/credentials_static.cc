#include "store/aws/credentials_static.h"

#include <fmt/format.h>

#include <exception>
#include <new>
#include <utility>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_answer.h"

namespace flashflood {
namespace {

class ExplicitProvider final : public CredentialProvider {
 public:
  explicit ExplicitProvider(std::function<Credentials()> given) : given_(std::move(given)) {}

  FetchedCredentials fetch() override {
    try {
      return {.credentials = given_()};
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      throw PermissionDenied(
          fmt::format("the credentials that the program gives: {}", error.what()));
    }
  }
  std::string describe() const override { return "the program"; }

 private:
  const std::function<Credentials()> given_;
};

class EnvironmentProvider final : public CredentialProvider {
 public:
  explicit EnvironmentProvider(AwsVariables variables) : variables_(std::move(variables)) {}

  FetchedCredentials fetch() override {
    Credentials credentials{need("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
                            need("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
                            variables_("AWS_SESSION_TOKEN").value_or("")};
    if (const auto expiration = variables_("AWS_CREDENTIAL_EXPIRATION")) {
      credentials.expires = parse_aws_date(*expiration);
      if (!credentials.expires) {
        throw InvalidArgument(
            fmt::format("AWS_CREDENTIAL_EXPIRATION is {}, which is no RFC 3339 "
                        "date",
                        quote(*expiration)));
      }
    }
    return {.credentials = std::move(credentials)};
  }
  std::string describe() const override { return "the environment (AWS_ACCESS_KEY_ID)"; }

 private:
  std::string need(const char* name, const char* other) const {
    auto value = variables_(name);
    if (!value) {
      throw InvalidArgument(
          fmt::format("{} is set but {} is not: set both or neither", other, name));
    }
    return *value;
  }

  const AwsVariables variables_;
};

class FileProvider final : public CredentialProvider {
 public:
  FileProvider(const AwsConfig& config, std::string profile, AwsProfile::File file)
      : variables_(config.variables()),
        profile_(std::move(profile)),
        file_(file),
        path_(file == AwsProfile::File::credentials ? config.credentials_path()
                                                    : config.config_path()) {}

  FetchedCredentials fetch() override {
    const AwsProfile profile = AwsConfig::load(variables_, profile_).profile();
    return {
        .credentials = {need(profile, "aws_access_key_id"), need(profile, "aws_secret_access_key"),
                        profile.get_from(file_, "aws_session_token").value_or("")},
        .look_again = std::chrono::minutes(1)};
  }
  std::string describe() const override {
    return fmt::format("profile {} in {}", quote(profile_), path_);
  }

 private:
  std::string need(const AwsProfile& profile, const char* key) const {
    auto value = profile.get_from(file_, key);
    if (!value) {
      throw InvalidArgument(
          fmt::format("{} has no {}: aws_access_key_id and aws_secret_access_key "
                      "belong together, in one file",
                      describe(), key));
    }
    return *value;
  }

  const AwsVariables variables_;
  const std::string profile_;
  const AwsProfile::File file_;
  const std::string path_;
};

}  // namespace

std::shared_ptr<CredentialProvider> make_explicit_provider(std::function<Credentials()> given) {
  return std::make_shared<ExplicitProvider>(std::move(given));
}

std::shared_ptr<CredentialProvider> make_environment_provider(const AwsConfig& config) {
  const AwsVariables& variables = config.variables();
  if (!variables("AWS_ACCESS_KEY_ID") && !variables("AWS_SECRET_ACCESS_KEY")) return nullptr;
  return std::make_shared<EnvironmentProvider>(variables);
}

std::shared_ptr<CredentialProvider> make_file_provider(const AwsConfig& config,
                                                       const AwsProfile& profile,
                                                       AwsProfile::File file) {
  if (!profile.get_from(file, "aws_access_key_id") &&
      !profile.get_from(file, "aws_secret_access_key")) {
    return nullptr;
  }
  return std::make_shared<FileProvider>(config, profile.name(), file);
}

}  // namespace flashflood
