// Snapshots: what one replay sees. A catalog, and the pending journals listed with it.
//
// Threads: belongs to one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/context.h"
#include "engine/head.h"
#include "engine/run.h"
#include "engine/run_queue.h"

namespace flashflood::engine {

// A pending single operation, read.
struct SingleEntry {
  const PendingSingle* pending = nullptr;
  format::Entry entry;
};

// Reads the bodies of pending single operations on the io threads. Those that the index outranks
// (late twins of sealed revisions, rule 7) are left out and reported to `ignored`. Returns nothing
// when one was collected meanwhile: list again.
std::optional<std::vector<SingleEntry>> read_singles(
    const Context& context, const Head& head, std::span<const PendingSingle> singles,
    const std::function<void(const PendingSingle&)>& ignored);

// The same of all that are pending in groups, so that few are held at a time; `visit` returns false
// when it has seen enough. Returns false when one was collected meanwhile: list again.
[[nodiscard]] bool for_each_single(const Context& context, const Head& head,
                                   const std::function<bool(SingleEntry&&)>& visit);

// The entries in order of (date, id), of several at one (date, id) that of the highest rank. The
// views point into them.
std::vector<format::EntryView> winners_by_date(std::span<const format::Entry* const> entries);

// A pending bulk journal, opened.
struct OpenBulk {
  PendingBulk pending;
  TailPtr tail;
  std::shared_ptr<const Bytes> whole;  // the object, where it was read in one piece
  bool may_be_missing = false;         // unproven: may be a late twin, and collected
};

// Opens pending bulk journals; reads whole objects while they take less than `whole_bytes`
// together. Unproven ones that are missing are left out. Returns nothing when another one is
// missing. `fence`: of the catalog that they were listed with.
std::optional<std::vector<OpenBulk>> open_bulks(const Context& context, std::uint64_t fence,
                                                std::span<const PendingBulk> bulks,
                                                std::uint64_t whole_bytes);

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
void take_whole(const Context& context, const std::function<bool()>& attempt);

// Takes a snapshot of the range (from, to], whose runs may read so much ahead.
Snapshot take_snapshot(const Context& context, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, std::size_t read_ahead_bytes);

}  // namespace flashflood::engine
