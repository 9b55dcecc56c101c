// Runs: sorted sequences of blocks that a merge reads, wherever their bytes lie.
//
// Threads: a run belongs to one thread at a time; the futures that it gives may be waited for
// anywhere.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/journal_access.h"
#include "format/journal.h"
#include "format/split.h"

namespace flashflood::engine {

// Whether a date lies in the range (from, to]; without an end it is open on that side.
inline bool in_range(Timestamp date, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  return (!from || date > *from) && (!to || date <= *to);
}

// The same range as a part of the order of events.
inline format::Stretch stretch_between(std::optional<Timestamp> from, std::optional<Timestamp> to) {
  format::Stretch stretch;
  if (from) stretch.after = format::Position{*from, {}};
  if (to) stretch.upto = format::Position{*to, {}};
  return stretch;
}

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
  // Begins to read what the first loader will wait for.
  virtual void prefetch() {}

  // The order of a pending journal's bulk entries; 0 where the entries say it themselves.
  std::uint64_t arrival = 0;
  bool sealed = false;
  // Which of its inputs this is, for whoever made the run.
  std::size_t tag = 0;

 protected:
  std::vector<format::BlockInfo> blocks_;
};

// The blocks of a journal whose dates overlap a stretch.
format::BlockRange blocks_in(const format::JournalTail& tail, const format::Stretch& stretch);

// Neighbouring blocks of a journal, read in windows, one ahead.
class JournalRun : public Run {
 public:
  struct Source {
    std::string key;
    std::uint64_t catalog = 0;  // whose snapshot holds the journal
    TailPtr tail;
    bool may_be_missing = false;           // an unproven pending journal
    std::shared_ptr<const Bytes> whole{};  // the object, when it was read already
  };
  // `blocks` end no later than the journal's. What is outside of them is not read.
  JournalRun(const Context& context, Source source, format::BlockRange blocks,
             std::size_t window_bytes);
  // The blocks that overlap (from, to].
  JournalRun(const Context& context, const Source& source, std::optional<Timestamp> from,
             std::optional<Timestamp> to, std::size_t window_bytes);
  ~JournalRun() override;  // waits for the reads under way

  Loader loader(std::size_t i) override;
  void prefetch() override;

 private:
  using Window = std::shared_ptr<const Bytes>;  // nothing: the object is missing
  static Window read_range(const Context& context, const Source& source, ByteRange range);
  struct WindowRead {
    std::size_t first = 0;  // block in the tail
    std::size_t end = 0;
    std::shared_future<Window> bytes;
  };
  WindowRead read_window(std::size_t first) const;

  const Context& context_;
  std::shared_ptr<const Source> source_;
  std::size_t first_ = 0;  // the run's first block in the tail
  std::size_t end_ = 0;
  std::size_t window_bytes_;
  WindowRead current_;
  WindowRead ahead_;
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
