// What FlashFlood says to the services that give credentials, and what it makes of their answers.
#include "store/aws/test_credentials.h"

namespace flashflood {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* answer_of_agent =
    R"({"AccessKeyId": "AGENT", "SecretAccessKey": "SECRETA", "Token": "SECRETT",
        "Expiration": "2026-01-01T06:00:00Z", "RoleArn": "arn"})";

// Bodies that are no answer; none may crash, or be taken, or be shown.
const std::vector<std::string>& wrong_bodies() {
  static const std::vector<std::string> bodies{
      "",
      "SECRET",
      "null",
      "[]",
      "{",
      "{\"AccessKeyId\": \"SECRET\"",
      "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": 5}",
      "{\"AccessKeyId\": {\"a\": 1}, \"SecretAccessKey\": \"SECRET\"}",
      "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"SECRET\", \"Expiration\": \"SECRET\"}",
      "{\"AccessKeyId\": \"A\\r\\nB\", \"SecretAccessKey\": \"SECRET\"}",
      "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"a\\u0000b\"}",
      std::string(100'000, '['),
      "\xFF\xFE{}",
      "<xml>SECRET</xml>"};
  return bodies;
}

TEST(ContainerCredentials, SendTheTokenAndUseNoProxy) {
  Surroundings aws;
  aws.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
  aws.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "SECRETauth";
  aws.http->on("GET http://169.254.170.23/v1/credentials", 200, answer_of_agent);
  EXPECT_EQ(aws.get().session_token, "SECRETT");
  EXPECT_EQ(aws.http->requests().at(0).headers.at("Authorization"), "SECRETauth");
  EXPECT_FALSE(aws.http->requests().at(0).use_proxy);

  // The file goes before the variable, and is read anew each time.
  aws.home.write("token", "SECRETone\n");
  aws.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = aws.home.path() / "token";
  const auto source = aws.source();
  source->get();
  EXPECT_EQ(aws.http->requests().back().headers.at("Authorization"), "SECRETone");
  aws.home.write("token", "SECRETtwo");
  aws.clock->advance(std::chrono::hours(6));
  failure<PermissionDenied>([&] { source->get(); });  // the answer has expired by now
  EXPECT_EQ(aws.http->requests().back().headers.at("Authorization"), "SECRETtwo");

  aws.home.write("token", "SECRET\nX: y");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("line breaks"));
  aws.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/nowhere/token";
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("\"/nowhere/token\""));
}

TEST(ContainerCredentials, AreFetchedOnlyFromWhereTheyMayLie) {
  Surroundings aws;
  const auto refused = [&](const std::string& url) {
    aws.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    try {
      aws.source();
      return false;
    } catch (const InvalidArgument&) {
      return true;
    }
  };
  for (const char* url :
       {"https://anywhere.example/x", "http://localhost/x", "http://localhost:81/x",
        "http://127.0.0.1/x", "http://127.9.8.7:8080/x", "http://[::1]/x", "http://[::1]:80/x",
        "http://169.254.170.2/x", "http://169.254.170.23", "http://[fd00:ec2::23]/x"}) {
    EXPECT_FALSE(refused(url)) << url;
  }
  for (const char* url :
       {"http://example.com/x", "http://127.0.0.1.example.com/x", "http://10.0.0.1/x",
        "http://127.0.0.1@example.com/x", "http://user:127.0.0.1@example.com/", "http://[::2]/x",
        "http://localhost\\@example.com/", "http://169.254.170.3/x", "ftp://localhost/x",
        "file:///etc/passwd", "http://", "http://[::1", "http://localhost:80:80/", "localhost/x",
        "http://0.0.0.0/x", "http://[::1]example.com/", "http://localhost:8x/"}) {
    EXPECT_TRUE(refused(url)) << url;
  }
  EXPECT_THAT(failure<InvalidArgument>([&] {
                aws.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] =
                    "http://ann:SECRET@example.com/SECRET?SECRET";
                aws.source();
              }),
              HasSubstr("\"http://example.com\""));
}

TEST(ContainerCredentials, FailuresSayWhatIsWrong) {
  Surroundings aws;
  aws.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost:9/SECRETpath";
  EXPECT_THAT(failure<StoreUnavailable>([&] { aws.get(); }),
              HasSubstr("this container at http://localhost:9 cannot be asked: no route"));
  EXPECT_EQ(aws.http->requests().size(), 3U);
  aws.http->on("GET", 404, "SECRET");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("answered 404"));
  aws.http->on("GET", 500, "SECRET");
  EXPECT_THAT(failure<StoreUnavailable>([&] { aws.get(); }), HasSubstr("answered 500"));
  for (const std::string& body : wrong_bodies()) {
    aws.http->on("GET", 200, body);
    EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("this container"));
  }
}

class InstanceCredentials : public testing::Test {
 protected:
  InstanceCredentials() {
    aws.http->on("PUT " + url + "/latest/api/token", 200, "SECRETtoken");
    aws.http->on("GET " + roles, 200, "my+role");
    aws.http->on("GET " + roles + "my%2Brole", 200, answer_of_agent);
  }
  const std::string url = "http://169.254.169.254";
  const std::string roles = url + "/latest/meta-data/iam/security-credentials/";
  Surroundings aws;
};

TEST_F(InstanceCredentials, AreFetchedWithAToken) {
  EXPECT_EQ(aws.get().access_key_id, "AGENT");
  const auto requests = aws.http->requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].headers.at("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(requests[1].headers.at("x-aws-ec2-metadata-token"), "SECRETtoken");
  EXPECT_EQ(requests[2].headers.at("x-aws-ec2-metadata-token"), "SECRETtoken");
  for (const auto& request : requests) EXPECT_FALSE(request.use_proxy);
}

TEST_F(InstanceCredentials, WithoutATokenAreFetchedOnlyWhereThatIsAllowed) {
  for (const int status : {403, 404, 405}) {
    aws.http->on("PUT", status, "");
    EXPECT_EQ(aws.get().access_key_id, "AGENT");
    EXPECT_EQ(aws.http->requests().back().headers.count("x-aws-ec2-metadata-token"), 0U);
  }
  aws.http->on("PUT", [](const auto&) -> HttpResponse { throw StoreUnavailable("no answer"); });
  EXPECT_EQ(aws.get().access_key_id, "AGENT");
  aws.variables["AWS_EC2_METADATA_V1_DISABLED"] = "true";
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("no answer"));
  aws.http->on("PUT", 404, "");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("IMDSv1"));
  aws.variables.erase("AWS_EC2_METADATA_V1_DISABLED");
  aws.config("[default]\nec2_metadata_v1_disabled = true\n");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("IMDSv1"));
}

TEST_F(InstanceCredentials, AreNotAskedForWhenThatIsSwitchedOff) {
  aws.variables["AWS_EC2_METADATA_DISABLED"] = "TRUE";
  failure<PermissionDenied>([&] { aws.get(); });
  EXPECT_THAT(aws.http->lines(), ElementsAre());
}

TEST_F(InstanceCredentials, TheServiceCanLieElsewhere) {
  aws.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  failure<PermissionDenied>([&] { aws.get(); });
  EXPECT_THAT(aws.http->lines().front(), HasSubstr("PUT http://[fd00:ec2::254]/latest/api/token"));
  aws.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://localhost:1338/";
  failure<PermissionDenied>([&] { aws.get(); });
  EXPECT_THAT(aws.http->lines().back(), HasSubstr("http://localhost:1338/latest/"));
  aws.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv5";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }), HasSubstr("\"IPv5\""));
}

TEST_F(InstanceCredentials, TriesCanBeSet) {
  Surroundings silent;
  failure<PermissionDenied>([&] { silent.get(); });
  EXPECT_EQ(silent.http->requests().size(), 3U);  // two for a token, one without
  silent.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "5";
  failure<PermissionDenied>([&] { silent.get(); });
  EXPECT_EQ(silent.http->requests().size(), 3U + 6);
  silent.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "many";
  EXPECT_THAT(failure<InvalidArgument>([&] { silent.get(); }), HasSubstr("\"many\""));
}

TEST_F(InstanceCredentials, FailuresSayWhatIsWrong) {
  const std::string role = "GET " + roles + "my%2Brole";
  for (const std::string& body : wrong_bodies()) {
    aws.http->on(role, 200, body);
    EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), Not(HasSubstr("AGENT")));
  }
  aws.http->on(role, 200, R"({"Code": "AssumeRoleUnauthorizedAccess", "Message": "SECRET"})");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }),
              HasSubstr("AssumeRoleUnauthorizedAccess"));
  aws.http->on("GET " + roles, 404, "");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }),
              HasSubstr("this instance has no role"));
  aws.http->on("GET " + roles, 200, "\n");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("names no role"));
  aws.http->on("PUT", 200, "SECRET\r\nX: y");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("asked for a token"));
}

TEST_F(InstanceCredentials, AreUsedBeyondTheirDateWhileTheServiceGivesThem) {
  const auto source = aws.source();
  source->get();
  aws.clock->advance(std::chrono::hours(7));  // one hour beyond the date
  EXPECT_EQ(source->get()->access_key_id, "AGENT");
  const std::size_t count = aws.http->requests().size();
  EXPECT_EQ(source->get()->access_key_id, "AGENT");
  EXPECT_EQ(aws.http->requests().size(), count);  // not asked each time
  aws.http->on("GET " + roles + "my%2Brole", 200,
               R"({"AccessKeyId": "NEWER", "SecretAccessKey": "SECRETA", "Token": "SECRETT",
                   "Expiration": "2026-01-01T14:00:00Z"})");
  aws.clock->advance(std::chrono::minutes(6));
  EXPECT_EQ(source->get()->access_key_id, "NEWER");
}

std::string sts_answer(const std::string& action,
                       const std::string& expires = "2026-01-01T01:00:00Z") {
  return "<?xml version=\"1.0\"?><" + action +
         "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><Credentials><AccessKeyId>STS</AccessKeyId><SecretAccessKey>SECRETS/+="
         "</SecretAccessKey><SessionToken>SECRETT</SessionToken><Expiration>" +
         expires + "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
}

class RoleCredentials : public testing::Test {
 protected:
  RoleCredentials() {
    aws.credentials("[default]\naws_access_key_id = K\naws_secret_access_key = SECRETK\n");
    config("");
  }
  void config(const std::string& more) {
    aws.config("[profile a]\nsource_profile = default\nrole_arn = arn:aws:iam::1:role/x/y\n" +
               more);
  }
  Surroundings aws;
};

TEST_F(RoleCredentials, AreAskedForWithAllThatTheProfileSays) {
  config(
      "external_id = e&f\nrole_session_name = me\nduration_seconds = 3600\nregion = eu-west-1\n");
  aws.http->on("POST https://sts.eu-west-1.amazonaws.com/", 200, sts_answer("AssumeRole"));
  EXPECT_EQ(aws.get("a").secret_access_key, "SECRETS/+=");
  const auto request = aws.http->requests().at(0);
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx%2Fy&"
            "RoleSessionName=me&ExternalId=e%26f&DurationSeconds=3600");
  EXPECT_THAT(request.headers.at("Authorization"),
              HasSubstr("Credential=K/20260101/eu-west-1/sts/aws4_request, "));
  EXPECT_THAT(request.headers.at("Content-Type"), HasSubstr("application/x-www-form-urlencoded"));
  EXPECT_TRUE(request.use_proxy);
}

TEST_F(RoleCredentials, AreAskedForWhereTheEnvironmentSays) {
  aws.http->on("POST", 200, sts_answer("AssumeRole"));
  aws.get("a");
  EXPECT_EQ(aws.http->requests().back().line, "POST https://sts.amazonaws.com/");
  EXPECT_THAT(aws.http->requests().back().headers.at("Authorization"),
              HasSubstr("/us-east-1/sts/"));
  EXPECT_THAT(aws.http->requests().back().body, HasSubstr("RoleSessionName=flashflood-1767225600"));
  aws.variables["AWS_REGION"] = "cn-north-1";
  aws.get("a");
  EXPECT_EQ(aws.http->requests().back().line, "POST https://sts.cn-north-1.amazonaws.com.cn/");
  aws.variables["AWS_USE_FIPS_ENDPOINT"] = "true";
  aws.get("a");
  EXPECT_EQ(aws.http->requests().back().line, "POST https://sts-fips.cn-north-1.amazonaws.com.cn/");
  aws.variables["AWS_ENDPOINT_URL_STS"] = "http://localhost:1/sts/";
  aws.get("a");
  EXPECT_EQ(aws.http->requests().back().line, "POST http://localhost:1/sts/");
  EXPECT_THAT(aws.http->requests().back().headers.at("Authorization"),
              HasSubstr("/cn-north-1/sts/"));
  aws.variables["AWS_REGION"] = "Office_1";  // another service may call its region so
  aws.get("a");
  EXPECT_THAT(aws.http->requests().back().headers.at("Authorization"), HasSubstr("/Office_1/sts/"));
}

TEST_F(RoleCredentials, AWrongClockOfThisMachineDoesNotMatter) {
  aws.http->on("POST", [](const FakeHttp::Request& request) {
    const bool right = request.headers.at("X-Amz-Date").starts_with("20260108T0");
    return HttpResponse{
        .status = right ? 200 : 403,
        .headers = {{"date", "Thu, 08 Jan 2026 00:00:00 GMT"}},
        .body = right ? sts_answer("AssumeRole", "2026-01-08T01:00:00Z")
                      : "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error>"
                        "</ErrorResponse>"};
  });
  const auto source = aws.source("a");
  EXPECT_EQ(source->get()->access_key_id, "STS");
  EXPECT_EQ(aws.http->requests().size(), 2U);
  aws.clock->advance(std::chrono::minutes(46));
  source->get();  // what was learnt is kept
  EXPECT_EQ(aws.http->requests().at(2).headers.at("X-Amz-Date"), "20260108T004600Z");
}

TEST_F(RoleCredentials, FailuresSayWhatIsWrong) {
  EXPECT_THAT(failure<StoreUnavailable>([&] { aws.get("a"); }),
              HasSubstr("AssumeRole for \"arn:aws:iam::1:role/x/y\" at https://sts.amazonaws.com "
                        "cannot be asked: no route"));
  aws.http->on("POST", 403,
               "<ErrorResponse><Error><Code>AccessDenied</Code><Message>SECRET</Message></Error>"
               "</ErrorResponse>");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
              AllOf(HasSubstr("AccessDenied"), HasSubstr("trust policy")));
  aws.http->on("POST", 403, "<ErrorResponse><Error><Code>SECRET 1</Code></Error></ErrorResponse>");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }), HasSubstr("without a name"));
  aws.http->on("POST", 503, "SECRET");
  EXPECT_THAT(failure<StoreUnavailable>([&] { aws.get("a"); }), HasSubstr("answered 503"));
  const std::string good = sts_answer("AssumeRole");
  std::string expired = good;
  expired.replace(expired.find("2026-01-01T01"), 13, "2025-01-01T01");
  std::vector<std::string> bodies = wrong_bodies();
  bodies.insert(bodies.end(), {sts_answer("AssumeRoleWithWebIdentity"), good.substr(0, 200),
                               "<AssumeRoleResponse/>", expired});
  for (int i = 0; i < 50'000; ++i) bodies.back() += "<a>";
  bodies.push_back(expired);
  for (const std::string& body : bodies) {
    aws.http->on("POST", 200, body);
    EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }), HasSubstr("AssumeRole for"));
  }
}

class WebIdentity : public testing::Test {
 protected:
  WebIdentity() {
    aws.home.write("jwt", "SECRET.jwt\n");
    aws.http->on("POST", 200, sts_answer("AssumeRoleWithWebIdentity"));
  }
  Surroundings aws;
};

TEST_F(WebIdentity, ComesFromTheEnvironment) {
  aws.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = aws.home.path() / "jwt";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }), HasSubstr("AWS_ROLE_ARN"));
  aws.variables["AWS_ROLE_ARN"] = "arn:r";
  aws.variables["AWS_ROLE_SESSION_NAME"] = "pod";
  aws.variables["AWS_REGION"] = "eu-west-1";
  EXPECT_EQ(aws.get().access_key_id, "STS");
  const auto request = aws.http->requests().at(0);
  EXPECT_EQ(request.line, "POST https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&"
            "RoleSessionName=pod&WebIdentityToken=SECRET.jwt");
  EXPECT_EQ(request.headers.count("Authorization"), 0U);
}

TEST_F(WebIdentity, ComesFromTheProfile) {
  aws.config("[profile a]\nrole_arn = arn:r\nweb_identity_token_file = ~/jwt\n");
  EXPECT_EQ(aws.get("a").access_key_id, "STS");
  // A profile that the caller names does not look at the environment.
  aws.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nowhere";
  EXPECT_EQ(aws.get("a").access_key_id, "STS");
}

TEST_F(WebIdentity, TokenIsReadAnewEachTime) {
  aws.config("[profile a]\nrole_arn = arn:r\nweb_identity_token_file = ~/jwt\n");
  const auto source = aws.source("a");
  source->get();
  aws.home.write("jwt", "SECRET.next");
  aws.clock->advance(std::chrono::minutes(46));
  source->get();
  EXPECT_THAT(aws.http->requests().back().body, HasSubstr("=SECRET.next"));
}

TEST_F(WebIdentity, FailuresSayWhatIsWrong) {
  aws.config("[profile a]\nrole_arn = arn:r\nweb_identity_token_file = /nowhere/jwt\n");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
              HasSubstr("\"/nowhere/jwt\" does not exist"));
  aws.config("[profile a]\nrole_arn = arn:r\nweb_identity_token_file = ~/jwt\n");
  aws.http->on("POST", 400,
               "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }),
              HasSubstr("the web identity token has expired"));
  aws.home.write("jwt", " \n");
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get("a"); }), HasSubstr("is empty"));
}

}  // namespace
}  // namespace flashflood
