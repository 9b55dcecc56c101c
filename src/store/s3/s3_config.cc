#include "store/s3/s3_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/digest.h"

namespace flashflood {
namespace {

constexpr std::size_t prefix_bytes_max = 120;  // S3 takes 1024 bytes, keys may have 900

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
         });
}

// Whether the name can be one label of a host name; with a dot TLS would refuse it.
bool is_label(std::string_view name) {
  return name.size() <= 63 && lower_or_digit(name.front()) && lower_or_digit(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return lower_or_digit(c) || c == '-'; });
}

bool uses_virtual_host(const S3Config& config) {
  if (!config.access_point.empty()) return true;
  switch (config.addressing) {
    case S3Config::Addressing::path:
      return false;
    case S3Config::Addressing::virtual_host:
      return true;
    case S3Config::Addressing::automatic:
      break;
  }
  return config.endpoint.empty() && is_label(config.bucket);
}

void set_prefix(S3Config& config, std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  config.prefix = prefix;
}

// What is wrong with a prefix, or nothing. Anything that S3 and XML take, but for what some servers
// refuse or make something else of.
const char* find_prefix_fault(std::string_view prefix) {
  if (prefix.size() > prefix_bytes_max) return "it is longer than 120 bytes";
  if (!is_valid_utf8(prefix)) return "it is no valid UTF-8";
  for (const char c : prefix) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "it holds a control character";
    if (c == '\\') return "it holds a backslash";
  }
  for (std::size_t begin = 0; begin <= prefix.size();) {
    const std::size_t slash = std::min(prefix.find('/', begin), prefix.size());
    const std::string_view part = prefix.substr(begin, slash - begin);
    if (part.empty()) return "it has an empty part";
    if (part == "." || part == "..") return "'.' and '..' are not allowed";
    begin = slash + 1;
  }
  return nullptr;
}

// "arn:aws:s3:eu-west-1:123456789012:accesspoint/name/prefix"; a ':' may stand before the name.
void set_access_point(S3Config& config, std::string_view place) {
  constexpr std::string_view form = "arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME";
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  std::string_view rest = place;
  for (std::string_view& part : parts) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    part = rest.substr(0, colon);
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  constexpr std::string_view kind = "accesspoint";
  const bool known = parts[2] == "s3" && rest.starts_with(kind) && rest.size() > kind.size() &&
                     (rest[kind.size()] == '/' || rest[kind.size()] == ':');
  const std::string_view tail = known ? rest.substr(kind.size() + 1) : std::string_view();
  const std::string_view name = tail.substr(0, tail.find('/'));
  const std::string label = fmt::format("{}-{}", name, parts[4]);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !is_label(label) || !is_aws_region(parts[3]) || parts[4].size() != 12 ||
      !std::all_of(parts[4].begin(), parts[4].end(), is_digit)) {
    throw InvalidArgument(fmt::format(
        "{} is not the ARN of an access point of S3, which is like {}", quote(place, 200), form));
  }
  config.bucket =
      place.substr(0, static_cast<std::size_t>(name.data() + name.size() - place.data()));
  config.access_point = label;
  config.region = parts[3];
  set_prefix(config, name.size() < tail.size() ? tail.substr(name.size() + 1) : std::string_view());
}

std::string_view without_scheme(std::string_view endpoint) {
  return endpoint.substr(endpoint.find("://") + 3);
}

// No message holds the key.
void check_customer_key(const S3Config& config) {
  if (config.sse_c_key.empty()) return;
  constexpr std::string_view name = "FLASHFLOOD_S3_SSE_C_KEY (or sse_c_key of the options)";
  const std::optional<std::string> key = from_base64(config.sse_c_key);
  if (!key || key->size() != 32)
    throw InvalidArgument(
        fmt::format("{} is refused: it takes 32 bytes in base64 (openssl rand -base64 32)", name));
  if (!config.sse.empty())
    throw InvalidArgument(
        fmt::format("{} and FLASHFLOOD_S3_SSE exclude each other: unset one of them", name));
  if (config.endpoint.starts_with("http://"))
    throw InvalidArgument(fmt::format(
        "{} is set, and goes with every request: the endpoint must begin with https://", name));
  if (!md5(""))
    throw InvalidArgument(fmt::format("{} needs MD5, which this machine forbids", name));
}

}  // namespace

bool is_s3_region(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

void check_s3_config(const S3Config& config) {
  if (config.access_point.empty() && !is_bucket(config.bucket)) {
    throw InvalidArgument("the bucket " + quote(config.bucket) +
                          " is refused: 3 to 255 of A-Z a-z 0-9 - . _ make its name");
  }
  const bool ours = config.keys == S3Config::Keys::ours;
  const char* const fault =
      ours && !config.prefix.empty() ? find_prefix_fault(config.prefix) : nullptr;
  if (fault != nullptr)
    throw InvalidArgument("the prefix " + quote(config.prefix) + " is refused: " + fault);
  if (!config.region.empty() && !is_s3_region(config.region)) {
    throw InvalidArgument("the region " + quote(config.region) + " is not the name of one");
  }
  const std::string& endpoint = config.endpoint;
  const bool web = endpoint.starts_with("http://") || endpoint.starts_with("https://");
  if (!endpoint.empty() && (!web || without_scheme(endpoint).empty() ||
                            endpoint.find_first_of("?#@ \"\\") != endpoint.npos)) {
    throw InvalidArgument(
        "the S3 endpoint (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) is refused: it "
        "must be like https://host or http://host:port");
  }
  if (endpoint.empty() && !config.region.empty() && !is_aws_region(config.region)) {
    throw InvalidArgument("the region " + quote(config.region) +
                          " is none of AWS's; set it, or set AWS_ENDPOINT_URL to another server");
  }
  if (!endpoint.empty() && (config.endpoint_kind.fips || config.endpoint_kind.dual_stack)) {
    throw InvalidArgument(
        "AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT choose among AWS's own endpoints; "
        "unset them, or AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL");
  }
  if (!config.sse.empty() && config.sse != "AES256" && config.sse != "aws:kms") {
    throw InvalidArgument("FLASHFLOOD_S3_SSE is " + quote(config.sse) +
                          "; it takes AES256 or aws:kms");
  }
  if (!config.sse_kms_key_id.empty() && config.sse != "aws:kms") {
    throw InvalidArgument(
        "FLASHFLOOD_S3_SSE_KMS_KEY_ID is of no use without FLASHFLOOD_S3_SSE=aws:kms");
  }
  check_customer_key(config);
  if (!config.access_point.empty() && config.addressing == S3Config::Addressing::path) {
    throw InvalidArgument(
        "an access point is a part of a host name; unset FLASHFLOOD_S3_ADDRESSING=path");
  }
  if (config.access_point.empty() && config.addressing == S3Config::Addressing::virtual_host &&
      !is_label(config.bucket)) {
    throw InvalidArgument("the bucket " + quote(config.bucket) +
                          " cannot be part of a host name; set FLASHFLOOD_S3_ADDRESSING=path");
  }
}

void set_s3_place(S3Config& config, std::string_view place) {
  if (place.starts_with("arn:")) return set_access_point(config, place);
  const std::size_t slash = std::min(place.find('/'), place.size());
  config.bucket = place.substr(0, slash);
  if (config.bucket.find_first_of(":@") != std::string::npos) {
    // What stands here may be a secret key, and is not shown.
    throw InvalidArgument(
        "after s3:// stands the name of a bucket, and no key or password: give credentials in "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile, and the server in "
        "AWS_ENDPOINT_URL");
  }
  set_prefix(config, slash < place.size() ? place.substr(slash + 1) : std::string_view());
}

std::string s3_endpoint(const S3Config& config, std::string_view region) {
  if (!config.endpoint.empty()) {
    std::string_view endpoint = config.endpoint;
    while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
    return std::string(endpoint);
  }
  return aws_endpoint(config.access_point.empty() ? "s3" : "s3-accesspoint", region,
                      config.endpoint_kind);
}

std::string s3_base_url(const S3Config& config, std::string_view region) {
  const std::string endpoint = s3_endpoint(config, region);
  if (!uses_virtual_host(config)) return endpoint + '/' + config.bucket;
  const std::size_t host = endpoint.find("://") + 3;
  const std::string& label = config.access_point.empty() ? config.bucket : config.access_point;
  return endpoint.substr(0, host) + label + '.' + endpoint.substr(host);
}

}  // namespace flashflood
