#include "store/s3/s3_open.h"

#include <string>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_chain.h"
#include "store/http/http_client.h"
#include "store/s3/s3_store.h"

namespace flashflood {
namespace {

using Setting = std::optional<std::string>;

Setting given(const std::string& option) { return option.empty() ? std::nullopt : Setting(option); }

bool flag(const AwsConfig& aws, std::string_view name, bool otherwise) {
  return aws_flag(aws.variables()(name), name).value_or(otherwise);
}

S3Config::Addressing addressing(const AwsConfig& aws, const S3Options& options) {
  constexpr std::string_view name = "FLASHFLOOD_S3_ADDRESSING";
  Setting text = given(options.addressing);
  if (!text) text = aws.variables()(name);
  if (!text) text = aws.profile().nested("s3", "addressing_style");
  if (!text || *text == "auto") return S3Config::Addressing::automatic;
  if (*text == "path") return S3Config::Addressing::path;
  if (*text == "virtual") return S3Config::Addressing::virtual_host;
  throw InvalidArgument(std::string(name) +
                        " (or addressing of the options, or addressing_style of the profile) is " +
                        quote(*text) + "; it takes auto, path or virtual");
}

bool checksums(const AwsConfig& aws) {
  constexpr std::string_view name = "AWS_REQUEST_CHECKSUM_CALCULATION";
  Setting text = aws.variables()(name);
  if (!text) text = aws.profile().get("request_checksum_calculation");
  if (!text) return true;
  for (char& c : *text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  if (*text == "when_supported") return true;
  if (*text == "when_required") return false;
  throw InvalidArgument(std::string(name) + " is " + quote(*text) +
                        "; it takes when_supported or when_required");
}

}  // namespace

S3Config load_s3_config(std::string_view place, const AwsConfig& aws, const S3Options& options,
                        S3Config::Keys keys) {
  const AwsVariables& variables = aws.variables();
  S3Config config;
  config.keys = keys;
  set_s3_place(config, place);
  config.endpoint = given(options.endpoint).value_or(aws.endpoint_url("s3").value_or(""));
  if (config.access_point.empty())
    config.region = given(options.region).value_or(aws.region().value_or(""));
  config.addressing = addressing(aws, options);
  config.endpoint_kind = aws.endpoint_kind();
  config.anonymous =
      options.anonymous ? *options.anonymous : flag(aws, "FLASHFLOOD_S3_ANONYMOUS", false);
  config.requester_pays = flag(aws, "FLASHFLOOD_S3_REQUESTER_PAYS", false);
  config.sse = variables("FLASHFLOOD_S3_SSE").value_or("");
  config.sse_kms_key_id = variables("FLASHFLOOD_S3_SSE_KMS_KEY_ID").value_or("");
  config.sse_c_key =
      given(options.sse_c_key).value_or(variables("FLASHFLOOD_S3_SSE_C_KEY").value_or(""));
  config.checksums = checksums(aws);
  Setting ca_bundle = given(options.ca_bundle);
  if (!ca_bundle) ca_bundle = variables("AWS_CA_BUNDLE");
  if (!ca_bundle) ca_bundle = aws.profile().get("ca_bundle");
  config.ca_bundle = ca_bundle.value_or("");
  config.verify_tls =
      options.verify_tls ? *options.verify_tls : flag(aws, "FLASHFLOOD_S3_VERIFY_TLS", true);
  config.hedging = flag(aws, "FLASHFLOOD_S3_HEDGING", true);
  check_s3_config(config);
  return config;
}

namespace {

std::shared_ptr<ObjectStore> open_configured(const S3Config& config, const AwsConfig& aws,
                                             const S3Options& options,
                                             const Environment& environment,
                                             std::shared_ptr<Retrier> retrier) {
  HttpClientOptions http_options;
  http_options.ca_bundle = config.ca_bundle;
  http_options.verify_tls = config.verify_tls;
  const std::shared_ptr<HttpClient> http = make_http_client(http_options);
  std::shared_ptr<CredentialSource> credentials;
  if (!config.anonymous)
    credentials = make_credentials(aws, {http, environment, {}}, options.credentials);
  return make_s3_store(config, http, std::move(credentials), environment, std::move(retrier));
}

// The variables of the process, without those that say where the flood is.
std::optional<std::string> elsewhere(std::string_view name) {
  const bool of_the_flood = name.starts_with("AWS_ENDPOINT_URL") || name == "AWS_REGION" ||
                            name == "AWS_DEFAULT_REGION" || name == "FLASHFLOOD_S3_ANONYMOUS";
  return of_the_flood ? std::nullopt : process_variables()(name);
}

}  // namespace

std::shared_ptr<ObjectStore> open_s3_store(std::string_view place, const Environment& environment,
                                           std::shared_ptr<Retrier> retrier,
                                           const S3Options& options) {
  const AwsConfig aws = AwsConfig::load(process_variables(), given(options.profile));
  return open_configured(load_s3_config(place, aws, options), aws, options, environment,
                         std::move(retrier));
}

std::shared_ptr<ObjectStore> open_foreign_s3_store(std::string_view place,
                                                   const Environment& environment,
                                                   std::shared_ptr<Retrier> retrier,
                                                   const S3Options& options) {
  const AwsConfig aws =
      AwsConfig::load(options.profile.empty() ? process_variables() : AwsVariables(elsewhere),
                      given(options.profile));
  return open_configured(load_s3_config(place, aws, options, S3Config::Keys::any), aws, options,
                         environment, std::move(retrier));
}

}  // namespace flashflood
