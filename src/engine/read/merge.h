// Merging runs: a sequence of pieces in order of (date, id), of entries that win at their (date,
// id).
//
// Where runs do not overlap, a piece is a whole block (or what is left of one), not yet decoded, so
// that decoding runs beside the merge; where they do, a piece holds merged entries.
//
// Threads: a Merge belongs to one thread at a time. Pieces may be moved to other threads.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "engine/read/run.h"
#include "engine/read/run_queue.h"

namespace flashflood::engine {

// Consecutive entries of the merge; each wins at its (date, id). Tombstones and markers are among
// them.
class Piece {
 public:
  // How many entries at the most.
  std::size_t count() const { return count_; }
  // Bytes of memory it takes when it is open, about.
  std::size_t memory_bytes() const { return memory_bytes_; }
  // Decodes the block if that is left to do. Call it once, before the rest, on any thread.
  void open();
  std::size_t size() const { return block_ ? block_->size() - begin_ : entries_.size(); }
  format::EntryView entry(std::size_t i) const {
    if (!block_) return entries_[i];
    format::EntryView entry = block_->entry(begin_ + i);
    if (arrival_ != 0 && entry.entry_class == format::EntryClass::bulk) entry.order = arrival_;
    return entry;
  }
  // Whether the data of the entries lie back to back in memory.
  bool is_contiguous() const { return block_ != nullptr; }
  // What the views point into.
  const std::vector<BlockPtr>& blocks() const { return held_; }

 private:
  friend class Merge;
  std::size_t count_ = 0;
  std::size_t memory_bytes_ = 0;
  Run::Loader loader_;
  std::size_t begin_ = 0;
  std::uint64_t arrival_ = 0;
  BlockPtr block_;
  std::vector<format::EntryView> entries_;
  std::vector<BlockPtr> held_;
};

class Merge {
 public:
  // `later`: more runs, opened when the merge comes to their dates.
  Merge(const Context& context, std::vector<std::unique_ptr<Run>> runs,
        std::unique_ptr<RunQueue> later = nullptr);
  ~Merge();
  Merge(const Merge&) = delete;
  Merge& operator=(const Merge&) = delete;

  // The next piece; nothing at the end.
  std::optional<Piece> next();

  // Calls `outranked` for each entry that loses against one of the same (date, id), with the run
  // that holds it and the one that holds the other. To be set before the first next().
  using Outranked = std::function<void(const Run& loser, const Run& winner)>;
  void watch(Outranked outranked) { outranked_ = std::move(outranked); }

 private:
  struct Cursor;
  void add(std::unique_ptr<Run> run);
  void take_later_runs();
  void read_ahead();
  std::optional<Piece> next_piece();
  std::optional<Piece> next_slice(Cursor& cursor);
  Piece merge_some();
  void drop_finished();

  const Context& context_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // with blocks left
  std::unique_ptr<RunQueue> later_;
  Outranked outranked_;
};

}  // namespace flashflood::engine
