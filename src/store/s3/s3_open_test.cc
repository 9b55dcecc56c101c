// What a program says about a bucket itself, against what variables and profiles say.
#include "store/s3/s3_open.h"

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/aws/credentials_refresh.h"
#include "store/aws/credentials_static.h"
#include "store/aws/test_credentials.h"
#include "store/http/test_server.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(S3Options, TakeThePlaceOfVariables) {
  Surroundings aws;
  aws.variables = {
      {"AWS_ENDPOINT_URL_S3", "http://variable:1"}, {"AWS_REGION", "variable-1"},
      {"FLASHFLOOD_S3_ADDRESSING", "path"},         {"FLASHFLOOD_S3_ANONYMOUS", "true"},
      {"FLASHFLOOD_S3_VERIFY_TLS", "true"},         {"AWS_CA_BUNDLE", "variable.pem"}};
  const S3Config plain = load_s3_config("bucket/p", aws.load());
  EXPECT_EQ(plain.endpoint, "http://variable:1");
  EXPECT_TRUE(plain.anonymous);

  S3Options options;
  EXPECT_TRUE(options.empty());
  options.endpoint = "http://given:2";
  options.region = "given-1";
  options.addressing = "virtual";
  options.anonymous = false;
  options.verify_tls = false;
  options.ca_bundle = "given.pem";
  EXPECT_FALSE(options.empty());
  const S3Config config = load_s3_config("bucket/p", aws.load(), options);
  EXPECT_EQ(config.endpoint, "http://given:2");
  EXPECT_EQ(config.region, "given-1");
  EXPECT_EQ(config.addressing, S3Config::Addressing::virtual_host);
  EXPECT_FALSE(config.anonymous);
  EXPECT_FALSE(config.verify_tls);
  EXPECT_EQ(config.ca_bundle, "given.pem");

  options.addressing = "paths";
  EXPECT_THROW(load_s3_config("bucket/p", aws.load(), options), InvalidArgument);
}

class GivenCredentials : public testing::Test {
 protected:
  std::shared_ptr<CredentialSource> source(std::function<Credentials()> given) {
    return make_refreshing_source(
        make_explicit_provider(std::move(given)),
        {clock, make_system_random(), make_inline_executor(), make_inline_executor()});
  }
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
};

TEST_F(GivenCredentials, AreAskedForAgainBeforeTheyExpire) {
  int calls = 0;
  const auto credentials = source([&] {
    ++calls;
    const auto now = std::chrono::floor<std::chrono::seconds>(clock->wall_now());
    return Credentials{"KEY" + std::to_string(calls), "SECRET", "", now + 1h};
  });
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(credentials->get()->access_key_id, "KEY1");
  clock->advance(40min);
  EXPECT_EQ(credentials->get()->access_key_id, "KEY1");
  clock->advance(6min);
  EXPECT_EQ(credentials->get()->access_key_id, "KEY2");
  EXPECT_EQ(calls, 2);
}

TEST_F(GivenCredentials, AnErrorOfTheProgramIsSaid) {
  const auto credentials =
      source([]() -> Credentials { throw std::runtime_error("the vault is shut"); });
  try {
    credentials->get();
    FAIL() << "no error";
  } catch (const PermissionDenied& error) {
    EXPECT_THAT(error.what(), HasSubstr("the credentials that the program gives"));
    EXPECT_THAT(error.what(), HasSubstr("the vault is shut"));
  }
}

TEST(S3Options, RequestsGoWhereTheProgramSaysWithItsKeys) {
  std::mutex mutex;
  std::vector<std::string> requests;
  TestServer server([&](const std::string& request) {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    return TestServer::answer("1", "ETag: \"x\"\r\nDate: Tue, 24 Nov 2026 12:00:00 GMT\r\n");
  });
  const Environment environment = system_environment();
  S3Options options;
  options.endpoint = server.url("");
  options.region = "given-1";
  options.credentials = [] { return Credentials{"GIVENKEY", "SECRET", "TOKEN"}; };
  const auto store =
      open_s3_store("bucket/p", environment, std::make_shared<Retrier>(environment), options);
  store->get("a", ByteRange::whole());
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_THAT(requests[0], HasSubstr("GET /bucket/p/a HTTP/1.1"));
  EXPECT_THAT(requests[0], HasSubstr("Credential=GIVENKEY/"));
  EXPECT_THAT(requests[0], HasSubstr("/given-1/s3/aws4_request"));
  EXPECT_THAT(requests[0], HasSubstr("TOKEN"));
}

}  // namespace
}  // namespace flashflood
