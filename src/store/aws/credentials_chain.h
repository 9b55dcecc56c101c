// Finds AWS credentials where the AWS tools find them, in boto3's order, and keeps them fresh.
//
// The order, of which docs/s3-credentials.md tells the details: the caller's own; the environment;
// the profile (a role to assume, a web identity, IAM Identity Center, keys in the credentials file,
// a program, keys in the config file); the agent of a container; the instance metadata service.
// What is configured is used: when it fails the error says so, and nothing behind it is tried.
//
// Threads: get() of the source may be called from several threads at once.
#pragma once

#include <functional>
#include <memory>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// Decides at once which source to use, from `config` and without asking any service: throws
// InvalidArgument when a profile is wrong in itself (a part is missing, roles go in a circle). The
// first get() asks. Its error when there are no credentials anywhere is PermissionDenied with all
// the places that were looked at. `given`: the caller's own.
std::shared_ptr<CredentialSource> make_credentials(const AwsConfig& config,
                                                   const CredentialTools& tools,
                                                   std::function<Credentials()> given = {});

}  // namespace flashflood
