#include "store/aws/aws_config.h"

#include "store/aws/test_credentials.h"

namespace flashflood {
namespace {

using testing::HasSubstr;

TEST(AwsConfig, JoinsBothFiles) {
  Surroundings aws;
  aws.config("[default]\nregion = r1\n[profile a]\nregion = r2\noutput = json # or text\n");
  aws.credentials("[a]\naws_access_key_id = K\noutput = yaml\n");
  EXPECT_EQ(aws.load().profile().get("region"), "r1");
  const AwsConfig config = aws.load("a");
  EXPECT_EQ(config.profile().name(), "a");
  EXPECT_EQ(config.profile().get("region"), "r2");
  EXPECT_EQ(config.profile().get("output"), "yaml");
  EXPECT_EQ(config.profile().get_from(AwsProfile::File::config, "output"), "json");
  EXPECT_EQ(config.profile().get("missing"), std::nullopt);
}

TEST(AwsConfig, NamesOfProfilesFollowTheRules) {
  Surroundings aws;
  aws.config(
      "[default]\nregion = plain\n[profile default]\nregion = prefixed\n"
      "[profile \"two words\"]\nregion = quoted\n[profile\ttab]\nregion = t\n"
      "[bare]\nregion = b\n[plugins]\nx = y\n");
  EXPECT_EQ(aws.load().profile().get("region"), "prefixed");
  EXPECT_EQ(aws.load("two words").profile().get("region"), "quoted");
  EXPECT_EQ(aws.load("tab").profile().get("region"), "t");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load("bare"); }),
              HasSubstr("must be called [profile bare]"));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load("none"); }),
              testing::AllOf(HasSubstr("profile \"none\" is in neither " +
                                       aws.home.path().string() + "/.aws/config nor "),
                             HasSubstr("there are \"default\", \"tab\", \"two words\"")));
}

TEST(AwsConfig, TheProfileComesFromTheCallerOrTheEnvironment) {
  Surroundings aws;
  aws.config("[profile a]\nregion = a\n[profile b]\nregion = b\n[profile c]\nregion = c\n");
  EXPECT_FALSE(aws.load().profile().exists());  // a missing default is no error
  aws.variables["AWS_DEFAULT_PROFILE"] = "a";
  EXPECT_EQ(aws.load().profile().name(), "a");
  aws.variables["AWS_PROFILE"] = "b";
  EXPECT_EQ(aws.load().profile().name(), "b");
  EXPECT_FALSE(aws.load().profile_is_explicit());
  EXPECT_EQ(aws.load("c").profile().name(), "c");
  EXPECT_TRUE(aws.load("c").profile_is_explicit());
  aws.variables["AWS_PROFILE"] = "gone";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load(); }), HasSubstr("\"gone\""));
}

TEST(AwsConfig, FilesCanLieElsewhere) {
  Surroundings aws;
  aws.home.write("x/conf", "[default]\nregion = r\n");
  aws.home.write("x/cred", "[default]\naws_access_key_id = K\n");
  aws.variables["AWS_CONFIG_FILE"] = aws.home.path() / "x/conf";
  aws.variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/x/cred";
  const AwsConfig config = aws.load();
  EXPECT_EQ(config.profile().get("region"), "r");
  EXPECT_EQ(config.profile().get("aws_access_key_id"), "K");
  aws.variables.erase("HOME");
  aws.variables.erase("AWS_CONFIG_FILE");
  aws.variables.erase("AWS_SHARED_CREDENTIALS_FILE");
  EXPECT_FALSE(aws.load().profile().exists());
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load("a"); }), HasSubstr("set HOME"));
}

TEST(AwsConfig, RefusesWhatIsNoConfiguration) {
  Surroundings aws;
  aws.config("SECRET\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load(); }), HasSubstr("/.aws/config, line 1"));
  aws.config("[default]\na = " + std::string(5 << 20, 'x'));
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load(); }), HasSubstr("longer than"));
  aws.variables["AWS_CONFIG_FILE"] = aws.home.path();
  EXPECT_THROW(aws.load(), Error);  // a folder
}

TEST(AwsConfig, RegionGoesFromEnvironmentToProfile) {
  Surroundings aws;
  EXPECT_EQ(aws.load().region(), std::nullopt);
  aws.config("[default]\nregion = file\n");
  EXPECT_EQ(aws.load().region(), "file");
  aws.variables["AWS_DEFAULT_REGION"] = "usual";
  EXPECT_EQ(aws.load().region(), "usual");
  aws.variables["AWS_REGION"] = "now";
  EXPECT_EQ(aws.load().region(), "now");
}

TEST(AwsConfig, EndpointGoesFromTheMostToTheLeastSpecific) {
  Surroundings aws;
  EXPECT_EQ(aws.load().endpoint_url("s3"), std::nullopt);
  aws.config(
      "[default]\nendpoint_url = http://profile/\nservices = local\n"
      "[services local]\ns3 =\n  endpoint_url = http://section\n");
  EXPECT_EQ(aws.load().endpoint_url("s3"), "http://section");
  EXPECT_EQ(aws.load().endpoint_url("sts"), "http://profile");
  aws.variables["AWS_ENDPOINT_URL"] = "http://all";
  EXPECT_EQ(aws.load().endpoint_url("s3"), "http://all");
  aws.variables["AWS_ENDPOINT_URL_S3"] = "http://s3//";
  aws.variables["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://oidc";
  EXPECT_EQ(aws.load().endpoint_url("s3"), "http://s3");
  EXPECT_EQ(aws.load().endpoint_url("sso_oidc"), "http://oidc");
  EXPECT_EQ(aws.load().endpoint_url("sts"), "http://all");
  aws.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "True";
  EXPECT_EQ(aws.load().endpoint_url("s3"), std::nullopt);
  aws.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "perhaps";
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load().endpoint_url("s3"); }),
              HasSubstr("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is \"perhaps\""));
}

TEST(AwsConfig, AServicesSectionThatIsMissingIsRefused) {
  Surroundings aws;
  aws.config("[default]\nservices = gone\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.load().endpoint_url("s3"); }),
              HasSubstr("[services gone]"));
}

TEST(AwsConfig, ReadsNestedSettingsOfTheProfile) {
  Surroundings aws;
  aws.config("[default]\nca_bundle = /ca.pem\ns3 =\n  addressing_style = path # not virtual\n");
  EXPECT_EQ(aws.load().profile().nested("s3", "addressing_style"), "path");
  EXPECT_EQ(aws.load().profile().nested("s3", "other"), std::nullopt);
  EXPECT_EQ(aws.load().profile().get("ca_bundle"), "/ca.pem");
}

TEST(AwsConfig, ChoosesAmongTheEndpointsOfAws) {
  Surroundings aws;
  EXPECT_FALSE(aws.load().endpoint_kind().fips || aws.load().endpoint_kind().dual_stack);
  aws.config("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n");
  EXPECT_TRUE(aws.load().endpoint_kind().fips && aws.load().endpoint_kind().dual_stack);
  aws.variables["AWS_USE_FIPS_ENDPOINT"] = "false";
  EXPECT_FALSE(aws.load().endpoint_kind().fips);
  aws.variables["AWS_USE_DUALSTACK_ENDPOINT"] = "perhaps";
  EXPECT_THROW(aws.load().endpoint_kind(), InvalidArgument);
}

}  // namespace
}  // namespace flashflood
