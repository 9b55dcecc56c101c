#include "store/aws/credentials_metadata.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_answer.h"
#include "store/aws/percent.h"
#include "store/http/http_date.h"

namespace flashflood {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t token_bytes_max = 64 * 1024;
constexpr seconds container_timeout{2};
constexpr int container_tries = 3;
constexpr seconds instance_timeout{1};
constexpr int instance_tries = 2;
constexpr std::string_view roles_path = "/latest/meta-data/iam/security-credentials/";

HttpRequest local_request(std::string url, milliseconds timeout) {
  HttpRequest request;
  request.url = std::move(url);
  request.connect_timeout = timeout;
  request.total_timeout = 2 * timeout;
  request.response_bytes_max = answer_bytes_max;
  request.use_proxy = false;
  return request;
}

// The host of an http URL, empty when the URL is not plainly "http://host[:port]/...". What others
// may read otherwise than we do (user names, backslashes, blanks) is not plain.
std::string plain_http_host(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return {};
  url.remove_prefix(scheme.size());
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  std::string_view host = authority.substr(0, authority.find(':'));
  std::string_view port = authority.substr(host.size());
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  }
  const bool port_is_plain =
      port.empty() || (port.front() == ':' && parse_decimal(port.substr(1)).has_value());
  return port_is_plain ? std::string(host) : std::string();
}

bool is_of_this_machine(const std::string& host) {
  constexpr std::array<std::string_view, 4> agents{"localhost", "169.254.170.2", "169.254.170.23",
                                                   "fd00:ec2::23"};
  if (std::find(agents.begin(), agents.end(), host) != agents.end()) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

class ContainerProvider final : public CredentialProvider {
 public:
  ContainerProvider(std::string url, AwsVariables variables, CredentialTools tools)
      : url_(std::move(url)), variables_(std::move(variables)), tools_(std::move(tools)) {}

  FetchedCredentials fetch() override {
    HttpRequest request = local_request(url_, container_timeout);
    request.headers = {{"Accept", "application/json"}};
    if (const std::string token = authorization(); !token.empty()) {
      request.headers.push_back({"Authorization", token});
    }
    const HttpResponse response = ask(tools_, request, container_tries, describe());
    if (response.status != 200) {
      throw PermissionDenied(
          fmt::format("{} answered {}: has this container a role?", describe(), response.status));
    }
    const auto answer = parse_json_object(response.body);
    if (!answer) throw PermissionDenied(describe() + " did not answer with one JSON object");
    return {.credentials = credentials_of_answer(*answer, "Token", describe()),
            .given = date_of(response)};
  }

  std::string describe() const override {
    return fmt::format("the credentials service of this container at {}", origin_of(url_));
  }

 private:
  // Read anew each time, since files are replaced while the program runs.
  std::string authorization() const {
    std::string token;
    if (const auto path = variables_("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
      const auto text = read_small_file(*path, token_bytes_max);
      if (!text) {
        throw PermissionDenied(
            fmt::format("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names {}, which "
                        "does not exist",
                        quote(*path)));
      }
      token = trimmed(*text);
    } else {
      token = variables_("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    }
    if (std::any_of(token.begin(), token.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; })) {
      throw PermissionDenied(
          "the authorization token of this container has line breaks or control "
          "characters, so it cannot be sent: look at "
          "AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE)");
    }
    return token;
  }

  const std::string url_;
  const AwsVariables variables_;
  const CredentialTools tools_;
};

struct InstanceOptions {
  std::string url{};
  bool version_1 = true;
  milliseconds timeout = instance_timeout;
  int tries = instance_tries;
};

class InstanceProvider final : public CredentialProvider {
 public:
  InstanceProvider(InstanceOptions options, CredentialTools tools)
      : options_(std::move(options)), tools_(std::move(tools)) {}

  FetchedCredentials fetch() override {
    const std::optional<std::string> token = fetch_token();
    if (!token && !options_.version_1) {
      throw PermissionDenied(describe() +
                             " gives no token, and asking it without one (IMDSv1) is "
                             "switched off: in a container, raise the hop limit of "
                             "the instance to 2");
    }
    HttpResponse roles = get(roles_path, token);
    if (roles.status != 200) {
      throw PermissionDenied(
          fmt::format("{} answered {}: this instance has no role", describe(), roles.status));
    }
    const std::string_view role =
        trimmed(std::string_view(roles.body).substr(0, roles.body.find('\n')));
    const bool named = !role.empty() && role.size() <= 128;
    if (!named) throw PermissionDenied(describe() + " names no role of this instance");
    const HttpResponse response = get(std::string(roles_path) + percent_encoded(role), token);
    if (response.status != 200) {
      throw PermissionDenied(
          fmt::format("{} answered {} for the role of this instance", describe(), response.status));
    }
    const auto answer = parse_json_object(response.body);
    if (!answer) throw PermissionDenied(describe() + " did not answer with one JSON object");
    if (const std::string code = answer->text("Code"); !code.empty() && code != "Success") {
      throw PermissionDenied(fmt::format("{} has no credentials for the role of this instance: {}",
                                         describe(), error_code(code)));
    }
    return {.credentials = credentials_of_answer(*answer, "Token", describe()),
            .given = date_of(response),
            .usable_late = true};
  }

  std::string describe() const override {
    return fmt::format("the instance metadata service at {}", origin_of(options_.url));
  }

 private:
  // Nothing when the service has no tokens, or its answer does not arrive: the network lets it pass
  // only so many hops (1 unless set otherwise), so that containers may not get it.
  std::optional<std::string> fetch_token() {
    HttpRequest request = local_request(options_.url + "/latest/api/token", options_.timeout);
    request.method = "PUT";
    request.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    HttpResponse response;
    try {
      response = ask(tools_, request, options_.tries, describe());
    } catch (const StoreUnavailable&) {
      if (!options_.version_1) throw;
      return std::nullopt;
    }
    if (response.status == 403 || response.status == 404 || response.status == 405) {
      return std::nullopt;
    }
    const std::string_view token = trimmed(response.body);
    const bool sendable =
        !token.empty() && token.size() <= token_bytes_max &&
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (response.status != 200 || !sendable) {
      throw PermissionDenied(
          fmt::format("{} answered {} when asked for a token", describe(), response.status));
    }
    return std::string(token);
  }

  HttpResponse get(std::string_view path, const std::optional<std::string>& token) {
    HttpRequest request = local_request(options_.url + std::string(path), options_.timeout);
    if (token) request.headers = {{"x-aws-ec2-metadata-token", *token}};
    // Without a token there is nobody, most likely: it was tried enough.
    return ask(tools_, request, token ? options_.tries : 1, describe());
  }

  const InstanceOptions options_;
  const CredentialTools tools_;
};

int whole_number(const std::string& text, std::string_view name, int max) {
  const auto number = parse_decimal(text);
  if (!number || *number == 0 || *number > static_cast<std::uint64_t>(max)) {
    throw InvalidArgument(fmt::format("{} is {}; it can be 1 to {}", name, quote(text), max));
  }
  return static_cast<int>(*number);
}

}  // namespace

std::shared_ptr<CredentialProvider> make_container_provider(const AwsConfig& config,
                                                            const CredentialTools& tools) {
  const AwsVariables& variables = config.variables();
  std::string url;
  if (const auto path = variables("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    if (path->front() != '/') {
      throw InvalidArgument("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with '/'");
    }
    url = "http://169.254.170.2" + *path;
  } else if (const auto full = variables("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    if (!full->starts_with("https://") && !is_of_this_machine(plain_http_host(*full))) {
      throw InvalidArgument(fmt::format(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI names {}: over http, credentials are fetched only "
          "from "
          "this machine (127.0.0.0/8, ::1, localhost) and from 169.254.170.2, 169.254.170.23 and "
          "fd00:ec2::23; use https",
          quote(origin_of(*full))));
    }
    url = *full;
  } else {
    return nullptr;
  }
  return std::make_shared<ContainerProvider>(std::move(url), variables, tools);
}

std::shared_ptr<CredentialProvider> make_instance_provider(const AwsConfig& config,
                                                           const CredentialTools& tools) {
  const auto setting = [&](const char* variable, const char* key) {
    auto value = config.variables()(variable);
    return value ? value : config.profile().get(key);
  };
  constexpr const char* disabled = "AWS_EC2_METADATA_DISABLED";
  if (aws_flag(config.variables()(disabled), disabled).value_or(false)) return nullptr;

  InstanceOptions options;
  const auto mode =
      setting("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
  const bool v6 = mode == "IPv6" || mode == "ipv6";
  if (mode && !v6 && mode != "IPv4" && mode != "ipv4") {
    throw InvalidArgument(
        fmt::format("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is {}; it can be IPv4 "
                    "or IPv6",
                    quote(*mode)));
  }
  options.url = setting("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
                    .value_or(v6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  while (options.url.ends_with('/')) options.url.pop_back();
  options.version_1 = !aws_flag(setting("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"),
                                "AWS_EC2_METADATA_V1_DISABLED")
                           .value_or(false);
  if (const auto time = setting("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")) {
    options.timeout = seconds(whole_number(*time, "AWS_METADATA_SERVICE_TIMEOUT", 60));
  }
  if (const auto tries =
          setting("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")) {
    options.tries = whole_number(*tries, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 10);
  }
  return std::make_shared<InstanceProvider>(std::move(options), tools);
}

}  // namespace flashflood
