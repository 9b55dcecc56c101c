// What is pending, read: single operations and bulk journals that no catalog names yet.
//
// Threads: may be called from several threads at once; they read on the io threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/read/journal_access.h"
#include "engine/state/context.h"
#include "engine/state/head.h"
#include "format/entry.h"

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

}  // namespace flashflood::engine
