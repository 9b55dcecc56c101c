// Surveys: the state that a commit or a collection starts from.
//
// Threads: may be called from several threads at once; it asks the store.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/state/context.h"
#include "engine/state/head.h"
#include "engine/state/lease.h"

namespace flashflood::engine {

// The head, and how far the watermarks may move by what was seen before it was listed.
struct Survey {
  StoreTime now;
  std::vector<FoundLease> leases;
  Head head;
  std::uint64_t fence = 0;
  std::uint64_t swept = 0;
};
Survey survey(const Context& context);

}  // namespace flashflood::engine
