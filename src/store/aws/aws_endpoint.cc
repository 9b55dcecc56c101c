#include "store/aws/aws_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

struct Partition {
  std::string_view regions;  // what their names begin with
  std::string_view domain;
  std::string_view dual_stack_domain;
};

// As the AWS tools have them (partitions.json of botocore 1.43, November 2026). The last one is for
// all other regions.
constexpr std::array<Partition, 8> partitions{{
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-gov-", "amazonaws.com", "api.aws"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"", "amazonaws.com", "api.aws"},
}};

const Partition& partition_of(std::string_view region) {
  return *std::find_if(partitions.begin(), partitions.end(), [region](const Partition& partition) {
    return region.starts_with(partition.regions);
  });
}

}  // namespace

bool is_aws_region(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string aws_endpoint(std::string_view host, std::string_view region,
                         const AwsEndpointKind& kind) {
  if (!is_aws_region(region)) {
    throw InvalidArgument(fmt::format("{} is no region of AWS", quote(region)));
  }
  const Partition& partition = partition_of(region);
  if (host == "s3" || host == "s3-accesspoint") {  // say before the region what others say after it
    if (kind.fips && region.starts_with("cn-")) {
      throw InvalidArgument(fmt::format(
          "AWS_USE_FIPS_ENDPOINT is set, and S3 has no such endpoint in {}", quote(region)));
    }
    return fmt::format("https://{}{}{}.{}.{}", host, kind.fips ? "-fips" : "",
                       kind.dual_stack ? ".dualstack" : "", region, partition.domain);
  }
  // In GovCloud the plain name is that of the FIPS endpoint.
  const bool plain = !kind.fips || (region.starts_with("us-gov-") && !kind.dual_stack);
  return fmt::format("https://{}{}.{}.{}", host, plain ? "" : "-fips", region,
                     kind.dual_stack ? partition.dual_stack_domain : partition.domain);
}

}  // namespace flashflood
