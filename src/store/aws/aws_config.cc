#include "store/aws/aws_config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/posix_file.h"
#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr std::size_t config_bytes_max = std::size_t{4} << 20;

const std::string* find_value(const IniSection& section, std::string_view key) {
  const auto found = section.values.find(key);
  return found == section.values.end() || found->second.empty() ? nullptr : &found->second;
}

std::optional<std::string> plain(const std::string* value) {
  if (value == nullptr) return std::nullopt;
  const std::string_view text = without_comment(*value);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> find_nested(const IniSection& section, std::string_view key,
                                       std::string_view nested_key) {
  const auto group = section.nested.find(key);
  if (group == section.nested.end()) return std::nullopt;
  const auto found = group->second.find(nested_key);
  return found == group->second.end() ? std::nullopt : plain(&found->second);
}

IniSections read_sections(const std::string& path) {
  if (path.empty()) return {};
  const std::optional<std::string> text = read_small_file(path, config_bytes_max);
  return text ? parse_ini(*text, path) : IniSections{};
}

std::string path_of(const AwsVariables& variables, const char* variable, const char* usual) {
  if (const auto path = variables(variable)) return expand_home(variables, *path);
  const auto home = variables("HOME");
  return home ? *home + usual : std::string();
}

// "AWS_ENDPOINT_URL_SSO_OIDC" for "sso_oidc".
std::string endpoint_variable(std::string_view service) {
  std::string name = "AWS_ENDPOINT_URL_";
  for (const char c : service) {
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

}  // namespace

AwsVariables process_variables() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

std::optional<bool> aws_flag(const std::optional<std::string>& value, std::string_view name) {
  if (!value) return std::nullopt;
  std::string word = *value;
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  throw InvalidArgument(fmt::format("{} is {}; it can be true or false", name, quote(*value)));
}

std::optional<std::string> AwsProfile::raw(std::string_view key) const {
  for (const IniSection* section : {&in_credentials_, &in_config_}) {
    if (const std::string* value = find_value(*section, key)) return *value;
  }
  return std::nullopt;
}

std::optional<std::string> AwsProfile::get(std::string_view key) const {
  auto value = get_from(File::credentials, key);
  return value ? value : get_from(File::config, key);
}

std::optional<std::string> AwsProfile::get_from(File file, std::string_view key) const {
  return plain(find_value(file == File::credentials ? in_credentials_ : in_config_, key));
}

std::optional<std::string> AwsProfile::nested(std::string_view key,
                                              std::string_view nested_key) const {
  auto value = find_nested(in_credentials_, key, nested_key);
  return value ? value : find_nested(in_config_, key, nested_key);
}

AwsConfig AwsConfig::load(AwsVariables variables, std::optional<std::string> profile_name) {
  AwsConfig config;
  config.variables_ = std::move(variables);
  config.config_path_ = path_of(config.variables_, "AWS_CONFIG_FILE", "/.aws/config");
  config.credentials_path_ =
      path_of(config.variables_, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  config.profiles_in_credentials_ = read_sections(config.credentials_path_);

  for (auto& [title, section] : read_sections(config.config_path_)) {
    const auto words = split_words(title);
    const bool pair = words && words->size() == 2;
    if (pair && words->front() == "profile") {
      // "[profile default]" goes before "[default]", which sorts first.
      config.profiles_in_config_.insert_or_assign(words->back(), std::move(section));
    } else if (pair && words->front() == "sso-session") {
      config.sso_sessions_.emplace(words->back(), std::move(section));
    } else if (pair && words->front() == "services") {
      config.services_.emplace(words->back(), std::move(section));
    } else if (title == "default") {
      config.profiles_in_config_.emplace(title, std::move(section));
    } else {
      config.unnamed_sections_ += '\n' + title + '\n';
    }
  }

  config.profile_is_explicit_ = profile_name.has_value();
  if (!profile_name) profile_name = config.variables_("AWS_PROFILE");
  if (!profile_name) profile_name = config.variables_("AWS_DEFAULT_PROFILE");
  config.profile_ = config.profile(profile_name.value_or("default"));
  if (!config.profile_.exists() && config.profile_.name() != "default") {
    throw InvalidArgument(config.describe_missing(config.profile_.name()));
  }
  return config;
}

AwsProfile AwsConfig::profile(std::string_view name) const {
  const auto find = [name](const IniSections& sections) {
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
  };
  return {std::string(name), find(profiles_in_credentials_), find(profiles_in_config_)};
}

std::optional<AwsProfile> AwsConfig::sso_session(std::string_view name) const {
  const auto found = sso_sessions_.find(name);
  if (found == sso_sessions_.end()) return std::nullopt;
  return AwsProfile(std::string(name), nullptr, &found->second);
}

std::optional<std::string> AwsConfig::region() const {
  if (auto region = variables_("AWS_REGION")) return region;
  if (auto region = variables_("AWS_DEFAULT_REGION")) return region;
  return profile_.get("region");
}

std::optional<std::string> AwsConfig::endpoint_url(std::string_view service) const {
  constexpr const char* ignore = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
  const auto ignored = aws_flag(variables_(ignore), ignore);
  constexpr const char* ignore_key = "ignore_configured_endpoint_urls";
  if (ignored ? *ignored : aws_flag(profile_.get(ignore_key), ignore_key).value_or(false)) {
    return std::nullopt;
  }
  std::optional<std::string> url = variables_(endpoint_variable(service));
  if (!url) url = variables_("AWS_ENDPOINT_URL");
  if (const auto services = profile_.get("services"); !url && services) {
    const auto found = services_.find(*services);
    if (found == services_.end()) {
      throw InvalidArgument(
          fmt::format("profile {} names the services section {}, which {} does not have: add "
                      "[services {}] or mend the name",
                      quote(profile_.name()), quote(*services), config_path_, *services));
    }
    url = find_nested(found->second, service, "endpoint_url");
  }
  if (!url) url = profile_.get("endpoint_url");
  while (url && url->ends_with('/')) url->pop_back();
  return url;
}

AwsEndpointKind AwsConfig::endpoint_kind() const {
  const auto is_set = [this](std::string_view variable, std::string_view key) {
    if (const auto value = variables_(variable)) return *aws_flag(value, variable);
    return aws_flag(profile_.get(key), key).value_or(false);
  };
  return {.fips = is_set("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
          .dual_stack = is_set("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")};
}

std::vector<std::string> AwsConfig::profile_names() const {
  std::set<std::string> names;
  for (const auto* sections : {&profiles_in_credentials_, &profiles_in_config_}) {
    for (const auto& [name, section] : *sections) names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::string AwsConfig::describe_missing(std::string_view name) const {
  if (config_path_.empty() && credentials_path_.empty()) {
    return fmt::format(
        "profile {} cannot be looked for: set HOME, or AWS_CONFIG_FILE and "
        "AWS_SHARED_CREDENTIALS_FILE",
        quote(name));
  }
  std::string message = fmt::format("profile {} is in neither {} nor {}", quote(name), config_path_,
                                    credentials_path_);
  if (unnamed_sections_.find(fmt::format("\n{}\n", name)) != std::string::npos) {
    return fmt::format("{}: {} has a section [{}], which must be called [profile {}] there",
                       message, config_path_, name, name);
  }
  constexpr std::size_t names_max = 10;
  const std::vector<std::string> names = profile_names();
  if (names.empty()) return message + " (which have no profiles at all)";
  message += "; there are ";
  for (std::size_t i = 0; i < std::min(names.size(), names_max); ++i) {
    message += (i == 0 ? "" : ", ") + quote(names[i]);
  }
  return names.size() > names_max ? message + ", …" : message;
}

std::string expand_home(const AwsVariables& variables, std::string path) {
  if (!path.starts_with("~/")) return path;
  const auto home = variables("HOME");
  return home ? *home + path.substr(1) : path;
}

std::optional<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
  const FileHandle file = open_at(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw_system_error(errno, "open", path);
  }
  std::string text;
  std::array<char, 16384> part;
  while (true) {
    const ssize_t got = uninterrupted([&] { return ::read(file.get(), part.data(), part.size()); });
    if (got < 0) throw_system_error(errno, "read", path);
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > bytes_max) {
      throw InvalidArgument(
          fmt::format("{} is longer than {} bytes: this is not the file that it "
                      "should be",
                      path, bytes_max));
    }
  }
}

}  // namespace flashflood
