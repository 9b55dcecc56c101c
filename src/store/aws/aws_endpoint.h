// Where AWS offers its services: host names by partition, region and kind of endpoint.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace flashflood {

// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT: endpoints with validated cryptography, and
// those that answer over IPv6 too.
struct AwsEndpointKind {
  bool fips = false;
  bool dual_stack = false;
};

// Whether a text looks like the name of a region of AWS, and so can be a part of a host name.
bool is_aws_region(std::string_view name);

// "https://sts.eu-west-1.amazonaws.com" for the host prefix "sts"; others are "s3",
// "s3-accesspoint", "oidc" and "portal.sso". InvalidArgument when `region` is no name of a region,
// or has no such endpoint.
std::string aws_endpoint(std::string_view host, std::string_view region,
                         const AwsEndpointKind& kind = {});

}  // namespace flashflood
