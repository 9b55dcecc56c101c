// Repeats requests that a store could not answer.
//
// Reads, listings, puts and removals are repeated after StoreUnavailable, because repeating them
// changes nothing. put_if_absent is repeated only when it is certain that nothing was done
// (RequestFailed::Effect::none): after a lost answer its second try could find the first one's
// object and report it as another's. Who calls it knows how to tell them apart.
//
// Repetitions are a part of all requests only (the budget): a store that fails for everybody is not
// asked several times as much as usual.
//
// Threads: as ObjectStore.
#pragma once

#include <chrono>
#include <memory>

#include "base/environment.h"
#include "store/object_store.h"

namespace flashflood {

struct RetryOptions {
  int tries_max = 6;  // the first one counted
  // A pause is a random part of `pause_first`, doubled with each further try, up to `pause_max`;
  // when the store says how long it wants to be left alone, it is that much longer.
  std::chrono::nanoseconds pause_first = std::chrono::milliseconds(100);
  std::chrono::nanoseconds pause_max = std::chrono::seconds(5);
  // No try begins later than this after the first.
  std::chrono::nanoseconds time_max = std::chrono::seconds(60);
  // This many repetitions are free; each request that succeeds adds `budget_per_success` to what is
  // left of them. When nothing is left, requests fail at once.
  double budget = 200;
  double budget_per_success = 0.5;
};

// Takes the clock and the randomness of `environment`. When the last try fails its error is thrown.
std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              const Environment& environment,
                                              const RetryOptions& options = {});

}  // namespace flashflood
