// Finds AWS credentials where the AWS tools find them, in boto3's order, and keeps them fresh.
//
// The order (details in docs/s3-credentials.md): the caller's own; the environment;
// the profile (a role to assume, a web identity, IAM Identity Center, keys in the credentials file,
// a program, keys in the config file); the agent of a container; the instance metadata service.
// The first configured source is used: when it fails, the error says so, and no later one is tried.
//
// Threads: get() of the source may be called from several threads at once.
#pragma once

#include <functional>
#include <memory>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// Decides at once which source to use, from `config` and without a request: throws InvalidArgument
// when a profile is wrong in itself (a part is missing, roles form a circle). The first get() sends
// a request. If no source has credentials, its error is PermissionDenied with all the places that
// were tried. `given`: the caller's own.
std::shared_ptr<CredentialSource> make_credentials(const AwsConfig& config,
                                                   const CredentialTools& tools,
                                                   std::function<Credentials()> given = {});

}  // namespace flashflood
