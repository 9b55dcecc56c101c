// A store below a prefix of another one: a flood in a part of a bucket.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>
#include <string_view>

#include "store/object_store.h"

namespace flashflood {

// Every key "k" of the new store is "<prefix>/k" of `inner`. The prefix is a key, with or without a
// '/' at its end, or empty: then this is `inner` itself. Throws InvalidArgument for another prefix.
std::shared_ptr<ObjectStore> make_prefix_store(std::shared_ptr<ObjectStore> inner,
                                               std::string_view prefix);

}  // namespace flashflood
