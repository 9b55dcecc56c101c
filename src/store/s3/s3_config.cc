#include "store/s3/s3_config.h"

#include <algorithm>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/object_store.h"

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

std::string_view without_scheme(std::string_view endpoint) {
  return endpoint.substr(endpoint.find("://") + 3);
}

}  // namespace

bool is_s3_region(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

void check_s3_config(const S3Config& config) {
  if (!is_bucket(config.bucket)) {
    throw InvalidArgument("the bucket " + quote(config.bucket) +
                          " is refused: 3 to 255 of A-Z a-z 0-9 - . _ make its name");
  }
  const bool ours = config.keys == S3Config::Keys::ours;
  if (ours && !config.prefix.empty()) check_key(config.prefix);
  if (ours && config.prefix.size() > prefix_bytes_max) {
    throw InvalidArgument("the prefix " + quote(config.prefix) + " is refused: it is longer than " +
                          std::to_string(prefix_bytes_max) + " bytes");
  }
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
  if (config.addressing == S3Config::Addressing::virtual_host && !is_label(config.bucket)) {
    throw InvalidArgument("the bucket " + quote(config.bucket) +
                          " cannot be part of a host name; set FLASHFLOOD_S3_ADDRESSING=path");
  }
}

void set_s3_place(S3Config& config, std::string_view place) {
  const std::size_t slash = std::min(place.find('/'), place.size());
  config.bucket = place.substr(0, slash);
  std::string_view prefix = slash < place.size() ? place.substr(slash + 1) : std::string_view();
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  config.prefix = prefix;
}

std::string s3_endpoint(const S3Config& config, std::string_view region) {
  if (!config.endpoint.empty()) {
    std::string_view endpoint = config.endpoint;
    while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
    return std::string(endpoint);
  }
  return aws_endpoint("s3", region, config.endpoint_kind);
}

std::string s3_base_url(const S3Config& config, std::string_view region) {
  const std::string endpoint = s3_endpoint(config, region);
  if (!uses_virtual_host(config)) return endpoint + '/' + config.bucket;
  const std::size_t host = endpoint.find("://") + 3;
  return endpoint.substr(0, host) + config.bucket + '.' + endpoint.substr(host);
}

}  // namespace flashflood
