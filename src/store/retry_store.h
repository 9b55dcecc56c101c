// Repeats requests that a store could not answer.
//
// Reads, listings, puts and removals are repeated after StoreUnavailable, because repeating them
// changes nothing. put_if_absent is passed on once: after a lost answer its second try could find
// the first one's object and report it as another's. Who calls it knows how to tell them apart.
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
  // A pause is a random part of `pause_first`, doubled with each further try, up to `pause_max`.
  std::chrono::nanoseconds pause_first = std::chrono::milliseconds(100);
  std::chrono::nanoseconds pause_max = std::chrono::seconds(5);
  // No try begins later than this after the first.
  std::chrono::nanoseconds time_max = std::chrono::seconds(60);
};

// Takes the clock and the randomness of `environment`. When the last try fails its error is thrown.
std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              const Environment& environment,
                                              const RetryOptions& options = {});

}  // namespace flashflood
