// Tries whether a server keeps the promises of ObjectStore before a flood is trusted to it: that
// put_if_absent never replaces anything, and that listings show at once what was stored.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "store/object_store.h"

namespace flashflood {

// Creates an object with put_if_absent, by several calls at once, and looks whether exactly one of
// them was told so and the object is listed. Returns `exists` when somebody else had created it.
//
// Throws StoreUnsuitable, after removing the object, when several were told that they created it or
// the listing does not show it. Costs 4 PUT, 1 LIST.
PutOutcome create_probing(ObjectStore& store, Executor& io, std::string_view key, BytesView bytes);

// A store that, before its first put or put_if_absent, creates `key` once more with the bytes that
// it is known to hold, and throws StoreUnsuitable unless it is told that the key is taken. Costs
// 1 PUT, once.
std::shared_ptr<ObjectStore> make_probing_store(std::shared_ptr<ObjectStore> inner,
                                                std::string_view key, BytesView bytes);

}  // namespace flashflood
