#include "store/aws/credentials_sso.h"

#include "store/aws/credentials_answer.h"
#include "store/aws/test_credentials.h"

namespace flashflood {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// SHA-1 of "corp" and of "https://corp.awsapps.com/start", as sha1sum prints them.
constexpr const char* session_file = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
constexpr const char* legacy_file = ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";

class IdentityCenter : public testing::Test {
 protected:
  IdentityCenter() {
    aws.config(
        "[profile a]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Read+All\n"
        "[profile old]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 123456789012\nsso_role_name = Read\n"
        "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
        "sso_region = eu-west-1\n");
    aws.http->on("GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials", 200,
                 R"({"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "SECRETS",
                     "sessionToken": "SECRETT", "expiration": 1767229200000}})");
  }
  void token(const std::string& expires, const std::string& more = "") {
    aws.home.write(session_file,
                   R"({"accessToken": "SECRETold", "expiresAt": ")" + expires + "\"" + more + "}");
  }
  static std::string registration() {
    return R"(, "clientId": "SECRETid", "clientSecret": "SECRETcs", "refreshToken": "SECRETr1",
             "registrationExpiresAt": "2026-03-01T00:00:00Z")";
  }
  void offer_renewal(int seconds) {
    aws.http->on("POST https://oidc.eu-west-1.amazonaws.com/token", 200,
                 R"({"accessToken": "SECRETnew", "tokenType": "Bearer", "refreshToken": "SECRETr2",
                     "expiresIn": )" +
                     std::to_string(seconds) + "}");
  }
  std::string bearer() const {
    return aws.http->requests().back().headers.at("x-amz-sso_bearer_token");
  }
  Surroundings aws;
};

TEST_F(IdentityCenter, GivesCredentialsForTheCachedToken) {
  token("2026-01-01T08:00:00Z");
  const Credentials credentials = aws.get("a");
  EXPECT_EQ(credentials.access_key_id, "SSO");
  EXPECT_EQ(credentials.secret_access_key, "SECRETS");
  EXPECT_EQ(credentials.session_token, "SECRETT");
  EXPECT_EQ(credentials.expires, parse_timestamp("2026-01-01T01:00:00Z"));
  EXPECT_EQ(bearer(), "SECRETold");
  EXPECT_THAT(aws.http->lines().back(),
              HasSubstr("credentials?role_name=Read%2BAll&account_id=123456789012"));
}

TEST_F(IdentityCenter, TakesTokensOfTheOlderForm) {
  aws.home.write(legacy_file,
                 R"({"accessToken": "SECRETlegacy", "expiresAt": "2026-01-01T08:00:00UTC"})");
  EXPECT_EQ(aws.get("old").access_key_id, "SSO");
  EXPECT_EQ(bearer(), "SECRETlegacy");
  aws.home.write(legacy_file,
                 R"({"accessToken": "SECRETlegacy", "expiresAt": "2025-01-01T08:00:00Z")" +
                     registration() + "}");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("old"); }),
              HasSubstr("run \"aws sso login --profile old\""));
}

TEST_F(IdentityCenter, RenewsATokenThatIsAboutToExpire) {
  token("2026-01-01T00:10:00Z", registration());
  offer_renewal(3600);
  EXPECT_EQ(aws.get("a").access_key_id, "SSO");
  EXPECT_EQ(bearer(), "SECRETnew");
  const auto asked = parse_json_object(aws.http->requests().at(0).body).value();
  EXPECT_EQ(asked.text("grantType"), "refresh_token");
  EXPECT_EQ(asked.text("clientId"), "SECRETid");
  EXPECT_EQ(asked.text("clientSecret"), "SECRETcs");
  EXPECT_EQ(asked.text("refreshToken"), "SECRETr1");

  // The other tools find the new one, and nobody else can read it.
  const auto saved = parse_json_object(aws.home.read(session_file)).value();
  EXPECT_EQ(saved.text("accessToken"), "SECRETnew");
  EXPECT_EQ(saved.text("refreshToken"), "SECRETr2");
  EXPECT_EQ(saved.text("expiresAt"), "2026-01-01T01:00:00Z");
  EXPECT_EQ(saved.text("clientSecret"), "SECRETcs");
  EXPECT_EQ(saved.text("registrationExpiresAt"), "2026-03-01T00:00:00Z");
  EXPECT_EQ(saved.text("startUrl"), "https://corp.awsapps.com/start");
  const auto path = aws.home.path() / session_file;
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
}

TEST_F(IdentityCenter, UsesATokenWhileItLastsWhenRenewalFails) {
  token("2026-01-01T00:10:00Z", registration());
  EXPECT_EQ(aws.get("a").access_key_id, "SSO");  // nobody answers
  EXPECT_EQ(bearer(), "SECRETold");
  for (const char* body : {"SECRET", "{}", R"({"accessToken": "x", "expiresIn": -1})",
                           R"({"accessToken": 5, "expiresIn": 5})",
                           R"({"accessToken": "x", "expiresIn": 9223372036854775807})"}) {
    aws.http->on("POST", 200, body);
    EXPECT_EQ(aws.get("a").access_key_id, "SSO");
    EXPECT_EQ(bearer(), "SECRETold");
  }
  aws.http->on("POST", 400, R"({"error": "invalid_grant", "error_description": "SECRET"})");
  EXPECT_EQ(aws.get("a").access_key_id, "SSO");
  EXPECT_EQ(bearer(), "SECRETold");
  token("2025-12-31T00:00:00Z", registration());
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
              HasSubstr("run \"aws sso login --sso-session corp\""));
}

TEST_F(IdentityCenter, KeepsARenewedTokenThatItCannotSave) {
  token("2026-01-01T00:10:00Z", registration());
  offer_renewal(8 * 3600);
  const auto source = aws.source("a");
  source->get();
  token("2026-01-01T00:10:00Z", registration());  // as if it had not been saved
  aws.clock->advance(std::chrono::minutes(46));
  EXPECT_TRUE(source->get());
  EXPECT_EQ(bearer(), "SECRETnew");
  const auto lines = aws.http->lines();
  EXPECT_EQ(
      std::count(lines.begin(), lines.end(), "POST https://oidc.eu-west-1.amazonaws.com/token"), 1);
}

TEST_F(IdentityCenter, SaysWhenToLogInAgain) {
  const auto message = [&] { return failure<PermissionDenied>([&] { aws.get("a"); }); };
  EXPECT_THAT(message(), AllOf(HasSubstr("is not there"),
                               HasSubstr("run \"aws sso login --sso-session corp\"")));
  token("2025-12-31T23:59:59Z");
  EXPECT_THAT(message(), AllOf(HasSubstr("has expired"), HasSubstr("aws sso login")));
  token("SECRET");
  EXPECT_THAT(message(), HasSubstr("cannot be read"));
  aws.home.write(session_file, "{\"accessToken\": \"SECRET");
  EXPECT_THAT(message(), HasSubstr("cannot be read"));
  token("2026-01-01T08:00:00Z");
  aws.http->on("GET", 401, "SECRET");
  EXPECT_THAT(message(), AllOf(HasSubstr("no longer valid"), HasSubstr("aws sso login")));
}

TEST_F(IdentityCenter, FailuresSayWhatIsWrong) {
  token("2026-01-01T08:00:00Z");
  aws.http->on("GET", 403, "SECRET");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
              HasSubstr("is role \"Read+All\" of account \"123456789012\" assigned to you?"));
  for (const char* body :
       {"", "SECRET", "[]", "{}", R"({"roleCredentials": "SECRET"})", R"({"roleCredentials": {}})",
        R"({"roleCredentials": {"accessKeyId": "A", "secretAccessKey": "SECRET"}})",
        R"({"roleCredentials": {"accessKeyId": "A", "secretAccessKey": "SECRET",
            "expiration": "SECRET"}})",
        R"({"roleCredentials": {"accessKeyId": "A", "secretAccessKey": "SECRET",
            "expiration": 9223372036854775807}})",
        R"({"roleCredentials": {"accessKeyId": "A", "secretAccessKey": "SECRET",
            "expiration": -9223372036854775807}})"}) {
    aws.http->on("GET", 200, body);
    EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
                HasSubstr("IAM Identity Center (profile \"a\""));
  }
}

// Other services have names of regions of their own.
TEST_F(IdentityCenter, IsAskedWhereItIsConfiguredToBe) {
  const std::string rest =
      "sso_start_url = https://corp.awsapps.com/start\nsso_region = Office_1\n";
  aws.config(
      "[profile a]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
      "[profile old]\nsso_account_id = 1\nsso_role_name = r\n" +
      rest + "[sso-session corp]\n" + rest);
  const auto refusal = [&](const char* profile) {
    return failure<InvalidArgument>([&] { aws.source(profile); });
  };
  EXPECT_THAT(refusal("old"), HasSubstr("\"Office_1\" is no region of AWS"));
  aws.variables["AWS_ENDPOINT_URL_SSO"] = "http://portal.test:1/";
  aws.http->on("GET http://portal.test:1/federation/credentials", 200,
               R"({"roleCredentials": {"accessKeyId": "HERE", "secretAccessKey": "SECRETS",
                   "sessionToken": "SECRETT", "expiration": 1767229200000}})");
  aws.home.write(legacy_file,
                 R"({"accessToken": "SECRETlegacy", "expiresAt": "2026-01-01T08:00:00Z"})");
  EXPECT_EQ(aws.get("old").access_key_id, "HERE");  // its tokens are never renewed
  EXPECT_THAT(refusal("a"), HasSubstr("\"Office_1\" is no region of AWS"));
  aws.variables["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://oidc.test:2";
  aws.http->on("POST http://oidc.test:2/token", 200,
               R"({"accessToken": "SECRETnew", "expiresIn": 3600})");
  token("2026-01-01T00:10:00Z", registration());
  EXPECT_EQ(aws.get("a").access_key_id, "HERE");
  EXPECT_EQ(bearer(), "SECRETnew");
}

TEST_F(IdentityCenter, SettingsThatDoNotFitAreRefused) {
  const auto refusal = [&](const std::string& text) {
    aws.config(text);
    return failure<InvalidArgument>([&] { aws.source(); });
  };
  EXPECT_THAT(refusal("[default]\nsso_session = gone\nsso_account_id = 1\n"),
              HasSubstr("no section [sso-session gone]"));
  EXPECT_THAT(refusal("[default]\nsso_start_url = u\nsso_region = eu-west-1\nsso_account_id = 1\n"),
              HasSubstr("has no sso_role_name"));
  EXPECT_THAT(refusal("[default]\nsso_session = c\nsso_account_id = 1\nsso_role_name = r\n"
                      "sso_region = a\n[sso-session c]\nsso_region = b\nsso_start_url = u\n"),
              HasSubstr("sso_region of profile \"default\" differs"));
  EXPECT_THAT(refusal("[default]\nsso_start_url = u\nsso_region = evil.example/\n"
                      "sso_account_id = 1\nsso_role_name = r\n"),
              HasSubstr("no region of AWS"));
}

}  // namespace
}  // namespace flashflood
