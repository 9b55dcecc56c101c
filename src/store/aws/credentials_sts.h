// Credentials of a role, from the Security Token Service: AssumeRole with other credentials, or
// with the token of a web identity (EKS, GitHub Actions).
//
// Threads: see CredentialProvider.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

struct AssumedRole {
  std::string arn{};
  std::string session_name{};  // empty: one is made
  std::string external_id{};
  std::optional<int> duration_seconds{};
};

// Both ask AWS_ENDPOINT_URL_STS (and what else AwsConfig::endpoint_url knows), else AWS in the
// region of `config`, else its global service. `source` gives the credentials that sign.
std::shared_ptr<CredentialProvider> make_role_provider(const AwsConfig& config, AssumedRole role,
                                                       std::shared_ptr<CredentialSource> source,
                                                       const CredentialTools& tools);

// The token is read from `token_file` each time, since others replace it.
std::shared_ptr<CredentialProvider> make_web_identity_provider(const AwsConfig& config,
                                                               AssumedRole role,
                                                               std::string token_file,
                                                               const CredentialTools& tools);

}  // namespace flashflood
