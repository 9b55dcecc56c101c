// How old an object is, by the store's own clock.
//
// Threads: pure functions.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "store/object_store.h"

namespace flashflood::engine {

// A folder's dates come from a clock that may be set; within one boot of the machine the time since
// it began tells more, which the object carries in its body. That was taken before the object was
// created, perhaps long before: the lesser of the two ages counts.
inline std::chrono::nanoseconds store_age(const StoreTime& now, StoreTimestamp modified,
                                          std::string_view boot_id, std::int64_t boot_clock_ns) {
  std::chrono::nanoseconds age = now.date - modified;
  if (!now.boot_id.empty() && now.boot_id == boot_id)
    age = std::min(age, now.boot_clock - std::chrono::nanoseconds{boot_clock_ns});
  return age;
}

}  // namespace flashflood::engine
