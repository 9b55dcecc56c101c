// Keeps the credentials of one provider fresh, for as long as a program runs.
//
// One thread asks at a time. While 15 minutes are left (half of the lifetime, when that is shorter)
// the thread that notices asks for new ones and all others go on with the old ones; while less than
// 10 minutes (a third) are left all wait for the new ones. When asking fails, the old ones are used
// for as long as they are valid, and the next try waits, 1 second at first and up to a minute.
// Without valid ones the failure is thrown, to each who waits and to who comes before the next try:
// StoreUnavailable as a RequestFailed without effect, since nothing was sent.
//
// Credentials that the store refuses before their time are asked for anew, at most once a minute
// when that gives the same again.
//
// Time left is counted on the steady clock, from what the service itself said the time was.
//
// Threads: get() may be called from several threads at once.
#pragma once

#include <memory>

#include "base/environment.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// Takes the clock and the randomness of `environment`. Nothing is fetched before the first get().
std::shared_ptr<CredentialSource> make_refreshing_source(
    std::shared_ptr<CredentialProvider> provider, const Environment& environment);

}  // namespace flashflood
