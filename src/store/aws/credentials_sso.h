// Credentials of a role from IAM Identity Center ("SSO"), with the token that `aws sso login` left
// in
// ~/.aws/sso/cache.
//
// A token of an [sso-session] is renewed while its registration lasts, and written back for the
// other AWS tools; one of the older form (sso_start_url in the profile) is not renewable.
//
// Threads: see CredentialProvider.
#pragma once

#include <memory>

#include "store/aws/aws_config.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// Null when the profile says neither sso_account_id nor sso_role_name. InvalidArgument when it says
// too little, or otherwise than its [sso-session].
std::shared_ptr<CredentialProvider> make_sso_provider(const AwsConfig& config,
                                                      const AwsProfile& profile,
                                                      const CredentialTools& tools);

}  // namespace flashflood
