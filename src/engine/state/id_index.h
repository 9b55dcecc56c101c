// The id index: which sealed entry of an id won, found in one read.
//
// The index is a list of runs, newest last. Of two runs that hold one id the newer one counts: a
// sealing commit puts into its run only what wins against the runs below.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/state/context.h"
#include "format/catalog.h"
#include "format/index_run.h"

namespace flashflood::engine {

// The index of one catalog, or some of its runs.
struct IndexView {
  std::uint64_t catalog = 0;  // whose snapshot names the runs
  std::span<const format::IndexRun> runs;

  explicit IndexView(const format::Catalog& of) : catalog(of.number), runs(of.index) {}
  IndexView(std::uint64_t number, std::span<const format::IndexRun> some)
      : catalog(number), runs(some) {}
};

// The winning sealed entry of one id.
std::optional<format::IndexEntry> find_in_index(const Context& context, const IndexView& index,
                                                const IdHash& id);

// The same for many ids, in order and without repetition; reads each page at most once,
// neighbouring pages together. `found` is called for those that are there, in no particular order.
void find_many_in_index(
    const Context& context, const IndexView& index, std::span<const IdHash> ids,
    const std::function<void(std::size_t position, const format::IndexEntry&)>& found);

// Calls `entry` for every id of the runs, in order of the hash, with the entry that counts. Holds
// one window of about a megabyte for each run.
void scan_index(const Context& context, const IndexView& index,
                const std::function<void(const format::IndexEntry&)>& entry);

// Writes a run: entries in order of their hash, cut to parts. The objects are durable after
// finish(); nothing names them yet.
class IndexRunWriter {
 public:
  IndexRunWriter(const Context& context, std::uint64_t epoch) : context_(context), epoch_(epoch) {}
  void add(const format::IndexEntry& entry);
  // The run; without parts when nothing was added.
  format::IndexRun finish();

 private:
  void end_part();
  const Context& context_;
  std::uint64_t epoch_;
  format::IndexPartBuilder builder_;
  IdHash first_{};
  IdHash last_{};
  format::IndexRun run_;
};

}  // namespace flashflood::engine
