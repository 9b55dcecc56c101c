// Runs: sorted sequences of blocks that a merge reads, wherever their bytes lie.
//
// Threads: a run belongs to one thread at a time; the futures that it gives may be waited for
// anywhere.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task_group.h"
#include "engine/read/journal_access.h"
#include "engine/read/read_ahead.h"
#include "engine/state/context.h"
#include "format/event_range.h"
#include "format/journal.h"
#include "format/split.h"

namespace flashflood::engine {

// Throws InvalidArgument when `from` comes after `to`.
void check_range(std::optional<Timestamp> from, std::optional<Timestamp> to);

// A sequence of blocks in order of (date, id), with at most one entry at each (date, id).
class Run {
 public:
  virtual ~Run() = default;
  std::size_t size() const { return blocks_.size(); }
  const format::BlockInfo& block(std::size_t i) const { return blocks_[i]; }

  // A function that gives the decoded block, to be called once, on any thread; it may wait for a
  // read. Blocks are asked for in order. The function gives nothing where the run is skipped: a
  // late twin of a sealed journal that was collected (rule 7).
  using Loader = std::function<BlockPtr()>;
  virtual Loader loader(std::size_t i) = 0;
  // Reads what the next loaders will wait for: the first of it in any case, more as far as there is
  // room. A run that was begun goes on by itself whenever a block is asked for.
  virtual void read_ahead() {}
  // The same for a run that is needed now, unless it was begun before.
  virtual void begin() {}
  // Whether it was begun, and there is more to be read: what comes behind it has to wait.
  virtual bool wants_more() const { return false; }

  // The order of a pending journal's bulk entries; 0 where the entries say it themselves.
  std::uint64_t arrival = 0;
  bool sealed = false;
  // Which of its inputs this is, for whoever made the run.
  std::size_t tag = 0;

 protected:
  std::vector<format::BlockInfo> blocks_;
};

// The blocks of a journal whose dates overlap a range.
format::BlockRange blocks_in(const format::JournalTail& tail, const format::EventRange& range);

// Neighbouring blocks of a journal, read in windows: the one that is asked for, the one after it,
// and more as far as there is room.
class JournalRun : public Run {
 public:
  struct Source {
    std::string key;
    std::uint64_t catalog = 0;  // whose snapshot holds the journal
    TailPtr tail;
    bool may_be_missing = false;           // an unproven pending journal
    std::shared_ptr<const Bytes> whole{};  // the object, when it was read already
  };
  struct Reading {
    std::size_t window_bytes = 0;        // at once
    std::shared_ptr<ReadAhead> ahead{};  // null: two windows and no more
  };
  // `blocks` end no later than the journal's. What is outside of them is not read.
  JournalRun(const Context& context, Source source, format::BlockRange blocks, Reading reading);
  // The bytes of a range of the journal; nothing when the object is missing and may be.
  using WindowBytes = std::shared_ptr<const Bytes>;
  static WindowBytes read_range(const Context& context, const Source& source, ByteRange range);

  // The blocks that overlap (from, to].
  JournalRun(const Context& context, const Source& source, std::optional<Timestamp> from,
             std::optional<Timestamp> to, Reading reading);
  // The destructor waits for every read under way, of windows that were skipped, too.

  Loader loader(std::size_t i) override;
  void read_ahead() override { read_ahead(1); }
  void begin() override;
  bool wants_more() const override { return next_ > first_ && next_ < end_; }

 private:
  struct Window;
  // Reads until there are at least so many windows, and more as far as there is room.
  void read_ahead(std::size_t windows_min);
  void read_window(std::size_t end, ReadAhead::Room room);

  const Context& context_;
  const std::shared_ptr<const Source> source_;
  const std::size_t first_;  // the run's first block in the tail
  const std::size_t end_;
  const Reading reading_;
  std::size_t next_;                             // the first block that is in no window yet
  std::deque<std::shared_ptr<Window>> windows_;  // of the block asked for last, and those behind it
  TaskGroup reads_;                              // refer to the context
};

// Neighbouring blocks of a journal of which only those are read that somebody loads, for a merge
// whose pieces mostly stay closed. A block that is loaded alone is read alone; where blocks are
// loaded one after the other, each read takes twice as much as the one before.
class SparseRun : public Run {
 public:
  // As of JournalRun. No read takes more than `read_bytes_max`, or one block.
  SparseRun(const Context& context, JournalRun::Source source, format::BlockRange blocks,
            std::size_t read_bytes_max);
  Loader loader(std::size_t i) override;

 private:
  class Reader;
  std::size_t first_;               // the run's first block in the tail
  std::shared_ptr<Reader> reader_;  // shared with the loaders
};

// Blocks held in memory, as stored.
class MemoryRun : public Run {
 public:
  // Entries in order of (date, id), one at each.
  MemoryRun(const Context& context, std::span<const format::EntryView> entries);
  // Stored blocks of such entries, which need not be what they should be. Throws as decode_block.
  MemoryRun(std::vector<Bytes> blocks, std::string_view name);
  Loader loader(std::size_t i) override;

 private:
  std::vector<std::shared_ptr<const Bytes>> stored_;
};

}  // namespace flashflood::engine
