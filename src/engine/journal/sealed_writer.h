// Writing sealed journals: cutting entries into blocks, and blocks into journals.
//
// Threads: a writer belongs to one thread at a time; it encodes on the compute threads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/task_group.h"
#include "engine/state/context.h"
#include "format/catalog.h"
#include "format/journal.h"

namespace flashflood::engine {

// Writes sealed journals: takes entries in order of (date, id), encodes their blocks on the compute
// threads, and cuts a new journal whenever one holds `journal_bytes` of ids and data. A journal
// ends between two dates where that does not make it more than a quarter longer. The objects are
// durable after finish(); nothing names them yet.
//
// Memory: one journal as stored, and a few blocks.
class SealedWriter {
 public:
  SealedWriter(const Context& context, std::uint64_t epoch, std::size_t journal_bytes);
  ~SealedWriter();
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  // Copies the entry's bytes.
  void add(const format::EntryView& entry);
  std::vector<format::SealedJournal> finish();

 private:
  struct Rows;
  struct Pending;
  void end_block();
  void place_block();
  void end_journal();

  const Context& context_;
  std::uint64_t epoch_;
  std::size_t journal_bytes_;
  std::unique_ptr<Rows> rows_;
  std::vector<std::unique_ptr<Pending>> pending_;  // blocks that are being encoded, in order
  std::optional<format::JournalBuilder> builder_;
  format::SealedJournal journal_;
  std::size_t journal_raw_bytes_ = 0;  // with the blocks that are being encoded
  Timestamp last_date_{};
  std::vector<format::SealedJournal> done_;
  TaskGroup encoding_;  // refers to what is pending
};

}  // namespace flashflood::engine
