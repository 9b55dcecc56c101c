// Repeats requests that a store could not answer.
//
// Reads, listings, puts and removals are repeated after StoreUnavailable, because repeating them
// changes nothing. put_if_absent is passed on once: after a lost answer its second try could find
// the first one's object and report it as another's. Its callers know how to tell them apart, and
// repeat it.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>

#include "store/object_store.h"
#include "store/retrier.h"

namespace flashflood {

std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              std::shared_ptr<Retrier> retrier);
// With a budget of its own.
std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              const Environment& environment,
                                              const RetryOptions& options = {});

}  // namespace flashflood
