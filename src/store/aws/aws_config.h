// What the environment and the files of the AWS tools say: profiles, regions, endpoints.
//
// Files: AWS_CONFIG_FILE (else ~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (else
// ~/.aws/credentials); those that do not exist are empty. They are read once, by load().
//
// Threads: values that do not change once they are loaded; use them from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/aws/aws_endpoint.h"
#include "store/aws/ini_file.h"

namespace flashflood {

// The environment variables. Nothing for one that is not set, or empty: AWS tools take both alike.
using AwsVariables = std::function<std::optional<std::string>(std::string_view name)>;

AwsVariables process_variables();

// "true" or "1"; nothing when it is not set. InvalidArgument, naming `name`, for other words than
// true, false, 1, 0.
std::optional<bool> aws_flag(const std::optional<std::string>& value, std::string_view name);

// One profile: what both files say about it together.
class AwsProfile {
 public:
  AwsProfile(std::string name, const IniSection* credentials, const IniSection* config)
      : name_(std::move(name)),
        in_credentials_(credentials != nullptr ? *credentials : IniSection{}),
        in_config_(config != nullptr ? *config : IniSection{}),
        exists_(credentials != nullptr || config != nullptr) {}

  const std::string& name() const noexcept { return name_; }
  bool exists() const noexcept { return exists_; }

  // A setting without a comment at its end, nothing when it is missing or empty. The credentials
  // file goes before the config file.
  std::optional<std::string> get(std::string_view key) const;
  // The same as it stands in the file, comment and all.
  std::optional<std::string> raw(std::string_view key) const;
  // A nested setting: nested("s3", "addressing_style").
  std::optional<std::string> nested(std::string_view key, std::string_view nested_key) const;

  // Settings of one file alone.
  enum class File { credentials, config };
  std::optional<std::string> get_from(File file, std::string_view key) const;

 private:
  std::string name_;
  IniSection in_credentials_;
  IniSection in_config_;
  bool exists_;
};

class AwsConfig {
 public:
  // Reads the files. The profile is `profile_name`, else AWS_PROFILE, else AWS_DEFAULT_PROFILE,
  // else "default", which alone need not exist. Throws InvalidArgument when a profile that was
  // named does not, or a file is no such file; PermissionDenied when one may not be read.
  static AwsConfig load(AwsVariables variables, std::optional<std::string> profile_name = {});

  const AwsVariables& variables() const noexcept { return variables_; }
  // The profile in use, and others; their exists() may be false.
  const AwsProfile& profile() const noexcept { return profile_; }
  AwsProfile profile(std::string_view name) const;
  // Whether load() was told the profile.
  bool profile_is_explicit() const noexcept { return profile_is_explicit_; }
  // Settings of "[sso-session NAME]" in the config file; nothing when there is none.
  std::optional<AwsProfile> sso_session(std::string_view name) const;

  // AWS_REGION, AWS_DEFAULT_REGION, or the profile's.
  std::optional<std::string> region() const;
  // Where a service is to be asked instead of at AWS: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL,
  // then what the profile's `services` section says, then its endpoint_url. `service` as in that
  // section: "s3", "sts", "sso", "sso_oidc". Nothing when AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or
  // the profile says so. Without a '/' at its end.
  std::optional<std::string> endpoint_url(std::string_view service) const;

  // Which of AWS's own endpoints to use: AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT, or the
  // profile's.
  AwsEndpointKind endpoint_kind() const;

  // Paths and where they come from, for messages; empty when HOME is not set.
  const std::string& config_path() const noexcept { return config_path_; }
  const std::string& credentials_path() const noexcept { return credentials_path_; }
  // The profiles of both files by name, for messages.
  std::vector<std::string> profile_names() const;
  // Why a profile is not found, and what to do; begins with `profile "name"`.
  std::string describe_missing(std::string_view name) const;

 private:
  AwsConfig() : profile_("default", nullptr, nullptr) {}

  AwsVariables variables_{};
  std::string config_path_{};
  std::string credentials_path_{};
  IniSections profiles_in_config_{};       // by name, without "profile "
  IniSections profiles_in_credentials_{};  //
  IniSections sso_sessions_{};
  IniSections services_{};
  std::string unnamed_sections_{};  // of the config file, which are no profiles: "\nname\n"
  AwsProfile profile_;
  bool profile_is_explicit_ = false;
};

// A path with "~/" at its start replaced by HOME; unchanged when HOME is not set.
std::string expand_home(const AwsVariables& variables, std::string path);

// The whole file; nothing when it does not exist. PermissionDenied when it cannot be read,
// InvalidArgument when it is longer than `bytes_max`.
std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

}  // namespace flashflood
