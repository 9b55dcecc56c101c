// Snapshots: what one replay sees. A catalog, and the pending journals listed with it.
//
// Threads: belongs to one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/read/pending.h"
#include "engine/read/run.h"
#include "engine/read/run_queue.h"
#include "engine/state/context.h"
#include "engine/state/head.h"

namespace flashflood::engine {

// How much of the pending bulk journals of one snapshot is read when they are opened.
inline constexpr std::uint64_t whole_bytes_max = std::uint64_t{32} << 20;

// How much of a journal is read at once, where these journals (in order of their first dates) and
// so many pending ones are merged.
std::size_t window_bytes_for(const Context& context,
                             const std::vector<format::SealedJournal>& journals, std::size_t bulks);

struct Snapshot {
  std::chrono::nanoseconds began{};  // steady clock, before the listing
  std::uint64_t catalog = 0;
  // What overlaps the range, to be merged: pending journals, and sealed ones that reach beyond it;
  // and the sealed ones that lie in it.
  std::vector<std::unique_ptr<Run>> runs;
  std::unique_ptr<RunQueue> later;
  std::shared_ptr<ReadAhead> ahead;  // of the runs, and of those that are to come
  std::uint64_t entries = 0;         // in the blocks of the runs
  Head head;                         // what it was made from
};

// Takes what lies in the range (from, to] of one catalog and one listing: calls `attempt` until it
// returns true, since what was listed may be collected before it is read. An attempt that throws
// SnapshotExpired has failed, too.
void retry_until_consistent(const Context& context, const std::function<bool()>& attempt);

// Takes a snapshot of the range (from, to], whose runs may read so much ahead.
Snapshot take_snapshot(const Context& context, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, std::size_t read_ahead_bytes);

}  // namespace flashflood::engine
