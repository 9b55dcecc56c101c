// Reading a split: its snapshot, from the journals and entries that the document names.
//
// Threads: every function may be called from several threads at once; no state but the context's.
#pragma once

#include <memory>

#include "engine/read/snapshot.h"
#include "engine/state/context.h"
#include "flashflood/replay.h"
#include "format/split.h"
#include "store/http/http_client.h"

namespace flashflood::engine {

// Throws InvalidArgument when the split is of another flood than the context.
void check_flood(const Context& context, const format::Split& split);

// Removes the part of the split outside of the options' range, and journals that are no longer
// needed.
format::Split narrowed(format::Split split, const ReadSplitOptions& options);

// The journals of a presigned split, as a store.
std::shared_ptr<ObjectStore> presigned_store(const format::Split& split,
                                             std::shared_ptr<HttpClient> client,
                                             const Environment& environment);

// The options of a replay of the split.
ReplayOptions replay_options_of(const format::Split& split, const ReadSplitOptions& options);

// The snapshot for a replay of the split. Lists and reads a catalog only to find out why an object
// is missing; then it throws SnapshotExpired or CorruptData. CorruptData for damaged pending
// blocks.
Snapshot open_split(const Context& context, format::Split split, std::size_t read_ahead_bytes);

}  // namespace flashflood::engine
