// What botocore 1.43 makes of the same regions and settings.
#include "store/aws/aws_endpoint.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"

namespace flashflood {
namespace {

constexpr AwsEndpointKind fips{.fips = true};
constexpr AwsEndpointKind dual_stack{.dual_stack = true};
constexpr AwsEndpointKind both{.fips = true, .dual_stack = true};

TEST(AwsEndpoint, KnowsThePartitions) {
  EXPECT_EQ(aws_endpoint("s3", "eu-west-1"), "https://s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("s3", "mx-central-1"), "https://s3.mx-central-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("s3", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_endpoint("s3", "us-iso-east-1"), "https://s3.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(aws_endpoint("s3", "us-isob-east-1"), "https://s3.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(aws_endpoint("s3", "us-isof-south-1"), "https://s3.us-isof-south-1.csp.hci.ic.gov");
  EXPECT_EQ(aws_endpoint("s3", "eu-isoe-west-1"), "https://s3.eu-isoe-west-1.cloud.adc-e.uk");
  EXPECT_EQ(aws_endpoint("s3", "eusc-de-east-1"), "https://s3.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(aws_endpoint("sts", "us-gov-west-1"), "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("oidc", "cn-north-1"), "https://oidc.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_endpoint("portal.sso", "eu-west-1"), "https://portal.sso.eu-west-1.amazonaws.com");
}

TEST(AwsEndpoint, FipsAndDualStack) {
  EXPECT_EQ(aws_endpoint("s3", "us-east-2", fips), "https://s3-fips.us-east-2.amazonaws.com");
  EXPECT_EQ(aws_endpoint("s3", "cn-north-1", dual_stack),
            "https://s3.dualstack.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(aws_endpoint("s3", "us-gov-west-1", both),
            "https://s3-fips.dualstack.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("sts", "eu-west-1", fips), "https://sts-fips.eu-west-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("sts", "eu-west-1", dual_stack), "https://sts.eu-west-1.api.aws");
  EXPECT_EQ(aws_endpoint("oidc", "us-isob-east-1", both),
            "https://oidc-fips.us-isob-east-1.api.aws.scloud");
  EXPECT_EQ(aws_endpoint("portal.sso", "us-east-1", both),
            "https://portal.sso-fips.us-east-1.api.aws");
  EXPECT_EQ(aws_endpoint("sts", "us-gov-west-1", fips), "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint("sts", "us-gov-west-1", both), "https://sts-fips.us-gov-west-1.api.aws");
}

TEST(AwsEndpoint, RefusesWhatThereIsNot) {
  EXPECT_THROW(aws_endpoint("s3", "cn-north-1", fips), InvalidArgument);
  for (const char* region : {"", "evil.example/", "a b", "EU-WEST-1"}) {
    EXPECT_THROW(aws_endpoint("sts", region), InvalidArgument) << region;
  }
}

}  // namespace
}  // namespace flashflood
