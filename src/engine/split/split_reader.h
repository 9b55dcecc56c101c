// Reading a split: its snapshot, from what the document names.
//
// Threads: pure functions, but for the store requests.
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

// Cuts off what the options' range leaves out, with the journals of which nothing is left.
format::Split narrowed(format::Split split, const ReadSplitOptions& options);

// What a presigned split names, as a store.
std::shared_ptr<ObjectStore> presigned_store(const format::Split& split,
                                             std::shared_ptr<HttpClient> client,
                                             const Environment& environment);

// How a replay of the split is asked for.
ReplayOptions replay_options_of(const format::Split& split, const ReadSplitOptions& options);

// What a replay of the split needs. Neither lists nor reads a catalog, but to tell why an object is
// missing. Throws SnapshotExpired or CorruptData then, and CorruptData for damaged pending blocks.
Snapshot open_split(const Context& context, format::Split split, std::size_t read_ahead_bytes);

}  // namespace flashflood::engine
