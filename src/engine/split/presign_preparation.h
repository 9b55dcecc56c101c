// Presign preparation: before sealed journals are presigned, nothing in them may be data that was
// deleted or replaced before.
//
// Threads: pure functions, but for the store requests and the threads of the context.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/state/context.h"
#include "engine/state/head.h"
#include "engine/state/lease.h"
#include "format/catalog.h"

namespace flashflood::engine {

// A catalog whose journals in a range hold, of each event, nothing but what counts in it. Whatever
// was acknowledged before the call is sealed in it.
struct PresignPreparation {
  Head head;
  std::vector<format::SealedJournal> journals;  // those with entries in the range
  std::unique_ptr<SnapshotLease> lease;         // on that catalog
};

// Seals what is pending; then merges journals in which an entry of the range's journals is
// outranked, until there are none. Costs a read of the parts of these journals that overlap others,
// and a rewrite of those that are merged. Throws StoreUnavailable when other journalers are in the
// way for too long, or events are deleted and updated faster than that.
PresignPreparation prepare_presigning(const Context& context, std::optional<Timestamp> from,
                                      std::optional<Timestamp> to);

}  // namespace flashflood::engine
