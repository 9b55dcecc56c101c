// A store in this process's memory: for tests, simulations and throw-away floods.
//
// Nothing is durable; apart from that it keeps every promise of ObjectStore.
//
// Threads: as ObjectStore. Lifetime: objects live as long as the store.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/environment.h"
#include "store/object_store.h"

namespace flashflood {

// A new, empty store. The dates of objects and now() are the wall time of `clock`, which is the
// store's own clock: it may differ from those of the machines that use the store. A listing gives
// at most `page_max` objects at once.
std::shared_ptr<ObjectStore> make_memory_store(std::shared_ptr<Clock> clock,
                                               std::size_t page_max = 1000);

// The store of this name in this process, made when it is first asked for; it lives until the
// process ends. Its clock never jumps. Throws InvalidArgument unless the name is 1 to 200 of
// A-Z a-z 0-9 - _ .
std::shared_ptr<ObjectStore> open_memory_store(std::string_view name);

}  // namespace flashflood
