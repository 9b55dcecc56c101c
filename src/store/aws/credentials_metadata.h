// Credentials that the machine's surroundings offer over HTTP: the agent of a container (ECS, EKS
// Pod Identity), and the instance metadata service of EC2.
//
// Requests to them never go through a proxy. Each try has a second or two; an instance without the
// service costs about three seconds.
//
// Threads: see CredentialProvider.
#pragma once

#include <memory>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
// or _TOKEN; null when neither URI is set. InvalidArgument when the full URI is http and names
// neither this machine nor one of the addresses of the agents.
std::shared_ptr<CredentialProvider> make_container_provider(const AwsConfig& config,
                                                            const CredentialTools& tools);

// The role of this EC2 instance, by IMDSv2; null when AWS_EC2_METADATA_DISABLED. Without a token,
// as version 1, only when the service gives none and AWS_EC2_METADATA_V1_DISABLED is not set.
std::shared_ptr<CredentialProvider> make_instance_provider(const AwsConfig& config,
                                                           const CredentialTools& tools);

}  // namespace flashflood
