// Keeps the credentials of one provider fresh, for as long as a program runs.
//
// One thread renews at a time. In the last 15 minutes (half of the lifetime, when that is shorter)
// the thread that notices renews them while all others continue with the old ones; in the last 10
// minutes (a third) all wait for the new ones. When renewal fails, the old ones are used while they
// are valid, and the next try comes after 1 second at first, later after up to a minute. Without
// valid ones the failure is thrown to every thread that waits, or that comes before the next try:
// StoreUnavailable as a RequestFailed without effect, since nothing was sent.
//
// Credentials that the store refuses too early are requested again, at most once a minute while the
// source returns the same ones.
//
// The remaining time is measured by the steady clock, from the time that the service itself gave.
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
