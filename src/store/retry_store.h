// Repeats requests that a store could not answer.
//
// Reads, listings, puts and removals are repeated after StoreUnavailable, because repeating them
// changes nothing. put_if_absent is repeated only when it is certain that nothing was done
// (RequestFailed::Effect::none): after a lost answer, the second try could find the object of the
// first and report it as another writer's. The callers of put_if_absent tell them apart by tokens.
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
