// Every source of credentials that is a service, through the real HTTP client, from services.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "flashflood/error.h"
#include "store/aws/credentials_chain.h"
#include "store/folder/test_folder.h"
#include "store/http/http_client.h"
#include "store/s3/s3_store.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// services.py, which lives as long as this process writes to it.
class Services {
 public:
  Services() {
    const std::string port_file = folder_.path() / "port";
    const std::string command = "exec '" FLASHFLOOD_PYTHON "' '" FLASHFLOOD_SOURCE_DIR
                                "/tests/credentials/services.py' > '" +
                                port_file + "'";
    pipe_ = ::popen(command.c_str(), "w");
    if (pipe_ == nullptr) throw std::runtime_error("services.py could not be started");
    const auto clock = make_system_clock();
    for (int i = 0; i < 2000 && port_ == 0; ++i) {
      std::ifstream(port_file) >> port_;
      if (port_ == 0) clock->sleep_for(10ms);
    }
    if (port_ == 0) throw std::runtime_error("services.py does not answer");
  }
  ~Services() { ::pclose(pipe_); }
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  const TestFolder folder_;
  FILE* pipe_ = nullptr;
  int port_ = 0;
};

class CredentialServices : public testing::Test {
 protected:
  static void SetUpTestSuite() { services = std::make_unique<Services>(); }
  static void TearDownTestSuite() { services.reset(); }

  CredentialServices() {
    variables = {{"HOME", home.path()},
                 {"AWS_EC2_METADATA_SERVICE_ENDPOINT", services->url("/imds")},
                 {"AWS_ENDPOINT_URL_STS", services->url("/sts")},
                 {"AWS_ENDPOINT_URL_SSO", services->url("/sso")},
                 {"AWS_ENDPOINT_URL_SSO_OIDC", services->url("/oidc")}};
  }

  std::shared_ptr<CredentialSource> source() {
    const AwsVariables lookup = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(std::string(name));
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    return make_credentials(AwsConfig::load(lookup), {make_http_client(), environment, {}});
  }

  void expect(const std::string& name) {
    const Credentials credentials = source()->get().value();
    EXPECT_EQ(credentials.access_key_id, name);
    EXPECT_EQ(credentials.secret_access_key, name + "-key");
    EXPECT_EQ(credentials.session_token, name + "-token");
    const auto left = credentials.expires.value() - environment.clock->wall_now();
    EXPECT_GT(left, 59min);
    EXPECT_LE(left, 60min);
  }

  template <typename E>
  std::string failure() {
    const auto begin = environment.clock->steady_now();
    try {
      source()->get();
    } catch (const E& error) {
      EXPECT_LT(environment.clock->steady_now() - begin, 20s);
      return error.what();
    }
    return "(no error)";
  }

  static std::unique_ptr<Services> services;
  const Environment environment = system_environment();
  const TestFolder home;
  std::map<std::string, std::string> variables;
};
std::unique_ptr<Services> CredentialServices::services;

TEST_F(CredentialServices, InstanceMetadata) { expect("imds"); }

TEST_F(CredentialServices, InstanceMetadataIsNotAskedThroughAProxy) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  expect("imds");
  ::unsetenv("http_proxy");
}

TEST_F(CredentialServices, Container) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services->url("/container");
  EXPECT_THAT(failure<PermissionDenied>(), HasSubstr("answered 401"));
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "container token";
  expect("container");
}

TEST_F(CredentialServices, Role) {
  home.write(".aws/config",
             "[profile a]\nrole_arn = arn:aws:iam::1:role/role-a\nsource_profile = default\n"
             "external_id = ext/1\nregion = eu-west-1\n"
             "[profile b]\nrole_arn = arn:aws:iam::1:role/role-b\nsource_profile = default\n");
  const std::string key = "[default]\naws_access_key_id = AKIASOURCE\naws_secret_access_key = ";
  home.write(".aws/credentials", key + "source+secret/key\n");
  variables["AWS_PROFILE"] = "a";
  expect("role-a");
  variables["AWS_PROFILE"] = "b";
  EXPECT_THAT(failure<PermissionDenied>(), HasSubstr("403 (AccessDenied)"));
  home.write(".aws/credentials", key + "another\n");
  EXPECT_THAT(failure<PermissionDenied>(), HasSubstr("403 (SignatureDoesNotMatch)"));
}

TEST_F(CredentialServices, WebIdentity) {
  home.write("token", "header.payload.signature+/=");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = home.path() / "token";
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/role-w";
  expect("role-w");
  home.write("token", "another");
  EXPECT_THAT(failure<PermissionDenied>(), HasSubstr("400 (InvalidIdentityToken)"));
}

TEST_F(CredentialServices, IdentityCenterRenewsItsToken) {
  home.write(".aws/config",
             "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n"
             "[sso-session corp]\nsso_start_url = https://corp.example/\nsso_region = eu-west-1\n");
  home.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
             R"({"accessToken": "sso-access-1", "expiresAt": "2020-01-01T00:00:00Z",
                 "clientId": "client", "clientSecret": "secret", "refreshToken": "sso-refresh-1",
                 "registrationExpiresAt": "2999-01-01T00:00:00Z"})");
  expect("sso");
  expect("sso");  // with the token that was saved: the first refresh token would not be taken again
}

// The store says that a token has expired which the service gave as good for an hour.
TEST_F(CredentialServices, AreAskedAgainWhenTheStoreRefusesTheToken) {
  S3Config config;
  config.bucket = "bucket";
  config.endpoint = services->url("/s3");
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services->url("/issue");
  const auto retrier = std::make_shared<Retrier>(environment);
  const auto store = make_s3_store(config, make_http_client(), source(), environment, retrier);
  store->put("a", "1");
  source()->get();  // another process asks, and what the first one has is over
  store->put("a", "1");

  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services->url("/issue/same");
  const auto stuck = make_s3_store(config, make_http_client(), source(), environment, retrier);
  for (int i = 0; i < 2; ++i) {
    try {
      stuck->put("a", "1");
      FAIL();
    } catch (const PermissionDenied& error) {
      EXPECT_THAT(error.what(), HasSubstr("the session token has expired; get new credentials"));
    }
  }
}

TEST_F(CredentialServices, ThatDoNotAnswerAreGivenUpInTime) {
  for (const char* path : {"/huge", "/cut"}) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = services->url(path);
    EXPECT_THAT(failure<StoreUnavailable>(), HasSubstr("cannot be asked")) << path;
  }
  variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = services->url("/stall");
  variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "1";
  EXPECT_THAT(failure<PermissionDenied>(), HasSubstr("there are no AWS credentials"));
}

}  // namespace
}  // namespace flashflood
