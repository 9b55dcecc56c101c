// How old an object is, by the store's own clock.
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "store/object_store.h"

namespace flashflood::engine {

// A folder's dates come from a clock that may be set; within one boot of the machine the time since
// it began is used instead, which the object carries in its body.
inline std::chrono::nanoseconds store_age(const StoreTime& now, StoreTimestamp modified,
                                          std::string_view boot_id, std::int64_t boot_clock_ns) {
  if (!now.boot_id.empty() && now.boot_id == boot_id)
    return now.boot_clock - std::chrono::nanoseconds{boot_clock_ns};
  return now.date - modified;
}

}  // namespace flashflood::engine
