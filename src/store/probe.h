// Tests whether a server keeps the promises of ObjectStore before a flood is entrusted to it: that
// put_if_absent never replaces anything, and that listings show stored objects at once.
//
// Threads: as ObjectStore.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "store/object_store.h"
#include "store/retrier.h"

namespace flashflood {

// Creates objects with put_if_absent, each by several calls at once, and looks whether exactly one
// call of each was told that it did, and whether all are listed. Their names begin with `prefix`
// and are random: nobody else uses them, and they are removed at the end. Where that is refused, or
// the store does not answer, they stay for the collector.
//
// Throws StoreUnsuitable for a store that fails. A store that lets two writers win only now and
// then may pass (docs/s3.md says how often). Costs trial_rounds * trial_writers PUT, a LIST and a
// removal.
inline constexpr std::size_t trial_rounds = 6;
inline constexpr std::size_t trial_writers = 8;
void try_store(ObjectStore& store, const Environment& env, Retrier& retrier,
               std::string_view prefix);

// A store that, before its first put or put_if_absent, creates `key` once more with the bytes that
// it is known to hold, and throws StoreUnsuitable unless it is told that the key is taken. Costs
// 1 PUT, once.
std::shared_ptr<ObjectStore> make_probing_store(std::shared_ptr<ObjectStore> inner,
                                                std::shared_ptr<Retrier> retrier,
                                                std::string_view key, BytesView bytes);

}  // namespace flashflood
