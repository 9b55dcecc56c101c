#include "store/aws/credentials_chain.h"

#include "store/aws/test_credentials.h"

namespace flashflood {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string keys(const std::string& name) {
  return "aws_access_key_id = " + name + "\naws_secret_access_key = SECRET" + name + "\n";
}

void set_environment(Surroundings& aws) {
  aws.variables["AWS_ACCESS_KEY_ID"] = "ENV";
  aws.variables["AWS_SECRET_ACCESS_KEY"] = "SECRETENV";
}

// A program that prints credentials called PROCESS.
void set_process(Surroundings& aws) {
  aws.run = [](const std::vector<std::string>&, std::chrono::nanoseconds) {
    return ProgramResult{
        .output = R"({"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "SECRETP"})"};
  };
}

TEST(CredentialChain, FollowsTheOrder) {
  Surroundings aws;
  set_process(aws);
  const std::string metadata = "http://169.254.169.254/latest/meta-data/iam/security-credentials/";
  aws.http->on("PUT http://169.254.169.254/latest/api/token", 200, "SECRETtoken");
  aws.http->on("GET " + metadata, 200, "role");
  aws.http->on("GET " + metadata + "role", 200,
               R"({"AccessKeyId": "IMDS", "SecretAccessKey": "SECRETI", "Token": "SECRETT",
                   "Expiration": "2026-01-01T06:00:00Z"})");
  EXPECT_EQ(aws.get().access_key_id, "IMDS");

  aws.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x";
  aws.http->on("GET http://169.254.170.2/v2/x", 200,
               R"({"AccessKeyId": "CONTAINER", "SecretAccessKey": "SECRETC", "Token": "SECRETT"})");
  EXPECT_EQ(aws.get().access_key_id, "CONTAINER");

  aws.config("[default]\n" + keys("CONFIG"));
  EXPECT_EQ(aws.get().access_key_id, "CONFIG");

  aws.config("[default]\ncredential_process = program\n" + keys("CONFIG"));
  EXPECT_EQ(aws.get().access_key_id, "PROCESS");

  aws.credentials("[default]\n" + keys("SHARED"));
  EXPECT_EQ(aws.get().access_key_id, "SHARED");

  set_environment(aws);
  EXPECT_EQ(aws.get().access_key_id, "ENV");

  const auto given = make_credentials(aws.load(), aws.tools(), [] {
    return Credentials{"GIVEN", "SECRETG", "SECRETT"};
  });
  EXPECT_EQ(given->get()->access_key_id, "GIVEN");
}

TEST(CredentialChain, OnlyAProfileOfTheCallerGoesBeforeTheEnvironment) {
  Surroundings aws;
  aws.credentials("[a]\n" + keys("SHARED"));
  set_environment(aws);
  aws.variables["AWS_PROFILE"] = "a";
  EXPECT_EQ(aws.get().access_key_id, "ENV");
  EXPECT_EQ(aws.get("a").access_key_id, "SHARED");
}

TEST(CredentialChain, TakesAllPartsFromTheEnvironment) {
  Surroundings aws;
  set_environment(aws);
  EXPECT_EQ(aws.get().session_token, "");
  EXPECT_EQ(aws.get().expires, std::nullopt);
  aws.variables["AWS_SESSION_TOKEN"] = "SECRETTOKEN";
  aws.variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-01T02:00:00+01:00";
  const Credentials credentials = aws.get();
  EXPECT_EQ(credentials.secret_access_key, "SECRETENV");
  EXPECT_EQ(credentials.session_token, "SECRETTOKEN");
  EXPECT_EQ(credentials.expires, parse_timestamp("2026-01-01T01:00:00Z"));

  aws.variables["AWS_CREDENTIAL_EXPIRATION"] = "2025-12-31T00:00:00Z";
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }),
              AllOf(HasSubstr("the environment"), HasSubstr("expired 2025-12-31T00:00:00")));
  aws.variables["AWS_CREDENTIAL_EXPIRATION"] = "tomorrow";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }), HasSubstr("\"tomorrow\""));
}

TEST(CredentialChain, HalfOfAKeyIsRefused) {
  Surroundings aws;
  aws.variables["AWS_ACCESS_KEY_ID"] = "ENV";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }),
              HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
  aws.variables.erase("AWS_ACCESS_KEY_ID");
  aws.variables["AWS_SECRET_ACCESS_KEY"] = "SECRETENV";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }), HasSubstr("AWS_ACCESS_KEY_ID is not"));
  aws.variables.erase("AWS_SECRET_ACCESS_KEY");

  aws.credentials("[default]\naws_secret_access_key = SECRETX\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }),
              AllOf(HasSubstr("/.aws/credentials has no aws_access_key_id")));
  aws.credentials("");
  aws.config("[default]\naws_access_key_id = K\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }),
              HasSubstr("/.aws/config has no aws_secret_access_key"));
}

TEST(CredentialChain, KeysThatCannotBeSentAreRefused) {
  Surroundings aws;
  aws.variables["AWS_ACCESS_KEY_ID"] = "ENV\r\nX-Evil: 1";
  aws.variables["AWS_SECRET_ACCESS_KEY"] = "SECRETENV";
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("the environment"));
  aws.variables["AWS_ACCESS_KEY_ID"] = std::string(20'000, 'x');
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }), HasSubstr("too long"));
}

TEST(CredentialChain, WithoutAnySaysWhereItLooked) {
  Surroundings aws;
  const std::string home = aws.home.path().string();
  EXPECT_THAT(failure<PermissionDenied>([&] { aws.get(); }),
              AllOf(HasSubstr("AWS_ACCESS_KEY_ID and AWS_WEB_IDENTITY_TOKEN_FILE"),
                    HasSubstr("profile \"default\" is in neither " + home + "/.aws/config nor " +
                              home + "/.aws/credentials"),
                    HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("instance metadata service at http://169.254.169.254 cannot be "
                              "asked: no route")));
  aws.config("[default]\nregion = r\n");
  aws.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_THAT(
      failure<PermissionDenied>([&] { aws.get(); }),
      AllOf(HasSubstr("profile \"default\" in " + home), HasSubstr("AWS_EC2_METADATA_DISABLED")));
}

TEST(CredentialChain, KeysOfAFileAreReadAgainWhileTheProgramRuns) {
  Surroundings aws;
  aws.credentials("[default]\n" + keys("OLD"));
  const auto source = aws.source();
  EXPECT_EQ(source->get()->access_key_id, "OLD");
  aws.credentials("[default]\n" + keys("NEW"));
  EXPECT_EQ(source->get()->access_key_id, "OLD");
  aws.clock->advance(std::chrono::seconds(61));
  EXPECT_EQ(source->get()->access_key_id, "NEW");
  aws.credentials("[default\n");  // somebody is just writing it
  aws.clock->advance(std::chrono::seconds(61));
  EXPECT_EQ(source->get()->access_key_id, "NEW");
}

TEST(CredentialChain, AProfileThatOnlyTheCommandLineCanUseIsRefused) {
  Surroundings aws;
  aws.config("[default]\nlogin_session = arn:aws:iam::1:user/x\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }),
              HasSubstr("aws configure export-credentials --profile default"));
}

class RoleProfiles : public testing::Test {
 protected:
  RoleProfiles() {
    aws.http->on("POST https://sts.amazonaws.com/", [](const FakeHttp::Request& request) {
      // The role that is asked for, by who asks for it.
      const auto begin = request.body.find("role%2F") + 7;
      const std::string role = request.body.substr(begin, request.body.find('&', begin) - begin);
      std::string signer = request.headers.at("Authorization");
      signer.erase(0, signer.find("Credential=") + 11);
      return HttpResponse{
          .status = 200,
          .body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" +
                  signer.substr(0, signer.find('/')) + "." + role +
                  "</AccessKeyId><SecretAccessKey>SECRETR</SecretAccessKey><SessionToken>TOKEN"
                  "</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials>"
                  "</AssumeRoleResult></AssumeRoleResponse>"};
    });
  }
  static std::string role(const std::string& name) {
    return "role_arn = arn:aws:iam::1:role/" + name + "\n";
  }
  Surroundings aws;
};

TEST_F(RoleProfiles, TakeTheirKeysFromAnotherProfile) {
  aws.config("[profile a]\nsource_profile = b\n" + role("A"));
  aws.credentials("[b]\n" + keys("B"));
  const Credentials credentials = aws.get("a");
  EXPECT_EQ(credentials.access_key_id, "B.A");
  EXPECT_EQ(credentials.session_token, "TOKEN");
  EXPECT_EQ(credentials.expires, parse_timestamp("2026-01-01T01:00:00Z"));
}

TEST_F(RoleProfiles, CanBeChained) {
  aws.config("[profile a]\nsource_profile = b\n" + role("A") + "[profile b]\nsource_profile = c\n" +
             role("B") + "[profile c]\ncredential_process = program\n");
  set_process(aws);
  EXPECT_EQ(aws.get("a").access_key_id, "PROCESS.B.A");
  EXPECT_EQ(aws.http->requests().at(0).headers.count("X-Amz-Security-Token"), 0U);
  EXPECT_EQ(aws.http->requests().at(1).headers.at("X-Amz-Security-Token"), "TOKEN");
}

TEST_F(RoleProfiles, CanNameThemselvesWhereTheyHaveKeys) {
  aws.config("[default]\nsource_profile = default\n" + role("A") + keys("OWN"));
  EXPECT_EQ(aws.get().access_key_id, "OWN.A");
}

TEST_F(RoleProfiles, PreferKeysOfTheSourceToItsRole) {
  aws.config("[default]\nsource_profile = b\n" + role("A") + "[profile b]\nsource_profile = c\n" +
             role("B") + keys("B"));
  EXPECT_EQ(aws.get().access_key_id, "B.A");
}

TEST_F(RoleProfiles, InACircleAreRefused) {
  aws.config("[profile a]\nsource_profile = b\n" + role("A") + "[profile b]\nsource_profile = c\n" +
             role("B") + "[profile c]\nsource_profile = b\n" + role("C") +
             "[profile d]\nsource_profile = d\n" + role("D"));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("a"); }),
              HasSubstr("\"a\" -> \"b\" -> \"c\" -> \"b\""));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("d"); }), HasSubstr("\"d\" -> \"d\""));
}

TEST_F(RoleProfiles, TakeTheirKeysFromANamedSource) {
  aws.config("[default]\ncredential_source = Environment\n" + role("A"));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("default"); }),
              HasSubstr("AWS_ACCESS_KEY_ID is not set"));
  set_environment(aws);
  EXPECT_EQ(aws.get("default").access_key_id, "ENV.A");

  aws.config("[default]\ncredential_source = EcsContainer\n" + role("A"));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("default"); }), HasSubstr("_FULL_URI"));
  aws.config("[default]\ncredential_source = Ec2InstanceMetadata\n" + role("A"));
  aws.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("default"); }),
              HasSubstr("AWS_EC2_METADATA_DISABLED"));
  aws.config("[default]\ncredential_source = Elsewhere\n" + role("A"));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source("default"); }),
              HasSubstr("it can be Environment, Ec2InstanceMetadata or EcsContainer"));
}

TEST_F(RoleProfiles, ThatAreNotCompleteAreRefused) {
  const auto refusal = [&](const std::string& text) {
    aws.config("[default]\n" + text);
    return failure<InvalidArgument>([&] { aws.source(); });
  };
  EXPECT_THAT(refusal(role("A")), HasSubstr("neither source_profile nor credential_source"));
  EXPECT_THAT(refusal(role("A") + "source_profile = b\ncredential_source = Environment\n"),
              HasSubstr("both source_profile and credential_source"));
  EXPECT_THAT(refusal(role("A") + "source_profile = gone\n"),
              HasSubstr("source_profile of profile \"default\": profile \"gone\" is in neither"));
  EXPECT_THAT(refusal(role("A") + "source_profile = b\n[profile b]\nregion = r\n"),
              HasSubstr("profile \"b\", the source_profile of profile \"default\", has no"));
  EXPECT_THAT(refusal(role("A") + "source_profile = b\nmfa_serial = arn:aws:iam::1:mfa/me\n"),
              AllOf(HasSubstr("MFA"), HasSubstr("aws configure export-credentials")));
  EXPECT_THAT(refusal(role("A") + "source_profile = default\nduration_seconds = 5m\n" + keys("K")),
              HasSubstr("duration_seconds of profile \"default\" is \"5m\""));
}

TEST_F(RoleProfiles, SourceIsAskedOnlyWhenItsOwnEnds) {
  aws.config("[profile a]\nsource_profile = b\n" + role("A") +
             "[profile b]\ncredential_process = program\n");
  int runs = 0;
  aws.run = [&runs](const std::vector<std::string>&, std::chrono::nanoseconds) {
    ++runs;
    return ProgramResult{.output = R"({"Version": 1, "AccessKeyId": "P", "SecretAccessKey":
        "SECRETP", "Expiration": "2026-01-02T00:00:00Z"})"};
  };
  const auto source = aws.source("a");
  EXPECT_EQ(source->get()->access_key_id, "P.A");
  aws.clock->advance(std::chrono::minutes(50));  // the role ends in ten
  EXPECT_EQ(source->get()->access_key_id, "P.A");
  EXPECT_GE(aws.http->requests().size(), 2U);
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace flashflood
