// The conformance suite against the server that FLASHFLOOD_TEST_S3_URL ("s3://bucket/prefix") and
// the AWS variables name. Everything is left below new prefixes of random names.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"
#include "store/http/http_client.h"
#include "store/probe.h"
#include "store/s3/s3_open.h"
#include "store/s3/s3_store.h"
#include "store/test_conformance.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;

std::string test_url() {
  const char* const url = std::getenv("FLASHFLOOD_TEST_S3_URL");
  return url == nullptr ? "" : url;
}

class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  std::optional<Credentials> get() override { return credentials_; }
  bool renew(const Credentials&) override { return false; }

 private:
  const Credentials credentials_;
};

std::string random_name() {
  std::string bytes(8, '\0');
  make_system_random()->fill(std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  return to_hex(bytes);
}

S3Config new_place() {
  const std::string url = test_url();
  return load_s3_config(url.substr(5) + "/" + random_name(), AwsConfig::load(process_variables()));
}

std::shared_ptr<ObjectStore> open(const S3Config& config) {
  const char* const id = std::getenv("AWS_ACCESS_KEY_ID");
  const char* const secret = std::getenv("AWS_SECRET_ACCESS_KEY");
  auto credentials = std::make_shared<FixedCredentials>(
      Credentials{id != nullptr ? id : "", secret != nullptr ? secret : "", "", {}});
  HttpClientOptions options;
  options.ca_bundle = config.ca_bundle;
  const Environment environment = system_environment();
  return make_s3_store(config, make_http_client(options), credentials, environment,
                       std::make_shared<Retrier>(environment));
}

std::vector<StoreCase> cases() {
  if (test_url().empty()) return {};
  const auto plain = [] { return open(new_place()); };
  const auto opened = [] {
    const Environment environment = system_environment();
    return open_s3_store(test_url().substr(5) + "/" + random_name(), environment,
                         std::make_shared<Retrier>(environment));
  };
  // As Hive and people name things.
  const auto any_prefix = [] {
    S3Config config = new_place();
    config.prefix += "/year=2024/a b+c&d%20e'f/\xC3\xA9 \xE6\x97\xA5";
    return open(config);
  };
  const auto in_pieces = [] {
    S3Config config = new_place();
    config.request_bytes_max = 2 << 20;
    config.piece_bytes = 1 << 20;
    config.multipart_bytes = 6 << 20;
    config.part_bytes = 5 << 20;
    config.checksums = false;
    return open(config);
  };
  return {StoreCase{"plain", plain, 1100ms}, StoreCase{"opened", opened, 1100ms},
          StoreCase{"in_pieces", in_pieces, 1100ms}, StoreCase{"any_prefix", any_prefix, 1100ms}};
}

INSTANTIATE_TEST_SUITE_P(S3, StoreConformance, testing::ValuesIn(cases()), store_case_name);

TEST(S3Server, KeepsThePromises) {
  if (test_url().empty()) GTEST_SKIP() << "FLASHFLOOD_TEST_S3_URL names no bucket to test with";
  const auto store = open(new_place());
  const Environment environment = system_environment();
  const auto retrier = std::make_shared<Retrier>(environment);
  try_store(*store, environment, *retrier, "trials/");
  EXPECT_TRUE(list_all(*store, "").empty());
  EXPECT_EQ(store->put_if_absent("flashflood.json", "{}"), PutOutcome::created);
  const auto probing = make_probing_store(store, retrier, "flashflood.json", "{}");
  probing->put("head/a", "1");
  EXPECT_EQ(probing->get("head/a", ByteRange::whole())->bytes, "1");
}

TEST(S3Server, ReadsPresignedUrlsWithoutCredentials) {
  if (test_url().empty()) GTEST_SKIP() << "FLASHFLOOD_TEST_S3_URL names no bucket to test with";
  S3Config place = new_place();
  place.prefix += "/year=2024/a b+c&d/\xC3\xA9";
  const auto store = open(place);
  store->put("journals/a", "for everybody");
  const std::optional<PresignedUrl> url = store->presign("journals/a", 60s);
  ASSERT_TRUE(url);
  HttpClientOptions options;
  options.ca_bundle = new_place().ca_bundle;
  const auto http = make_http_client(options);
  HttpRequest request{"GET", url->url, {{"Range", "bytes=4-12"}}};
  const HttpResponse response = http->send(request);
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "everybody");
  request.url.back() = request.url.back() == '0' ? '1' : '0';
  EXPECT_EQ(http->send(request).status, 403);
}

}  // namespace
}  // namespace flashflood
