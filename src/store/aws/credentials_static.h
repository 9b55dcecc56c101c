// Keys that stand somewhere as they are: with the caller, in environment variables, in a file.
//
// Threads: see CredentialProvider.
#pragma once

#include <functional>
#include <memory>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// What the caller of the library gives. Errors of another kind than ours become PermissionDenied.
std::shared_ptr<CredentialProvider> make_explicit_provider(std::function<Credentials()> given);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION; null when
// neither key is set.
std::shared_ptr<CredentialProvider> make_environment_provider(const AwsConfig& config);

// aws_access_key_id, aws_secret_access_key and aws_session_token of a profile in one of the files;
// null when neither key is there. The file is read again every minute, because tools replace keys
// of short life in it.
std::shared_ptr<CredentialProvider> make_file_provider(const AwsConfig& config,
                                                       const AwsProfile& profile,
                                                       AwsProfile::File file);

}  // namespace flashflood
