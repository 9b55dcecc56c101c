// Presign preparation: before sealed journals are presigned, they must not hold any data that was
// deleted or replaced earlier.
//
// Threads: every function may be called from several threads at once; no state but the context's,
// on whose threads they also work.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/state/context.h"
#include "engine/state/head.h"
#include "engine/state/lease.h"
#include "format/catalog.h"

namespace flashflood::engine {

// A catalog whose journals in a range hold only the entry that counts of each event. Everything
// that was acknowledged before the call is sealed in it.
struct PresignPreparation {
  Head head;
  std::vector<format::SealedJournal> journals;  // those with entries in the range
  std::unique_ptr<SnapshotLease> lease;         // on that catalog
};

// Seals pending journals; then merges journals with outranked entries until the range has none.
// Costs a read of the parts of these journals that overlap others, and a rewrite of the merged
// ones. Throws StoreUnavailable when other journalers interfere for too long, or events are deleted
// and updated faster than this can merge.
PresignPreparation prepare_presigning(const Context& context, std::optional<Timestamp> from,
                                      std::optional<Timestamp> to);

}  // namespace flashflood::engine
