// Journals: immutable objects that hold entries in order of (date, id), then rank; in blocks.
//
//   header, blocks, sections (origin, block index, id table), section directory, footer
//
// One ranged read of the last journal_tail_guess bytes opens most journals; the blocks are then
// fetched by range. Byte tables: docs/format.md.
//
// Threads: pure functions and values; a JournalBuilder belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/block.h"
#include "format/entry.h"

namespace flashflood::format {

// Where a journal comes from. Numbers are persisted and never reused.
enum class JournalOrigin : std::uint8_t { single = 1, bulk = 2, sealed = 3 };

struct JournalProperties {
  JournalOrigin origin = JournalOrigin::sealed;
  Token token;                // of the attempt that wrote it
  std::uint64_t epoch = 0;    // the newest catalog its writer had seen
  bool id_made_here = false;  // single: the library made the id, so it was not looked up
};

inline constexpr std::size_t journal_header_bytes = 24;
inline constexpr std::size_t journal_footer_bytes = 64;
// A good first guess of how much of the end to read.
inline constexpr std::uint64_t journal_tail_guess = 64 * 1024;

class JournalBuilder {
 public:
  // With `with_id_table` the journal can tell whether it holds an id without reading its blocks
  // (pending journals of recorders do).
  JournalBuilder(const JournalProperties& properties, bool with_id_table);
  // Makes room for so many bytes, so that they are not moved while they come.
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  // Appends a block; its first entry does not come before the last entry of the block before it.
  // `entries` is needed with an id table: the block's entries in order. Throws InvalidArgument when
  // they do not fit together, and past 2^32 - 1 entries with an id table.
  void add(const EncodedBlock& block, std::span<const EntryView> entries = {});
  // Bytes so far.
  std::size_t size() const;
  std::uint64_t entries() const;
  // The blocks so far, in their places.
  std::span<const BlockInfo> blocks() const { return blocks_; }
  // The whole object, of at least one block. The builder is spent.
  Bytes finish();

 private:
  struct IdRow {
    std::uint64_t hash;
    std::uint32_t row;
  };
  JournalProperties properties_;
  bool with_id_table_;
  Bytes out_;
  std::vector<BlockInfo> blocks_;
  std::vector<IdRow> ids_;
  std::uint64_t entries_ = 0;
};

// A journal's tail: everything but the blocks. Immutable.
class JournalTail {
 public:
  const JournalProperties& properties() const { return properties_; }
  const std::vector<BlockInfo>& blocks() const { return blocks_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t object_bytes() const { return object_bytes_; }
  bool has_id_table() const { return has_id_table_; }
  // The same for those who read the blocks: without the id table, which takes most of the memory.
  std::shared_ptr<const JournalTail> without_id_table() const;
  // Rows (0 is the first entry of the first block) that may hold this id: the caller compares the
  // ids. Empty when the journal does not hold it. Only with an id table.
  std::vector<std::uint64_t> rows_of(std::string_view id) const;
  // The block that holds a row, and the row's place in it.
  struct Place {
    std::size_t block;
    std::size_t index;
  };
  // `row` < entries().
  Place place(std::uint64_t row) const;
  std::size_t memory_bytes() const;

 private:
  friend struct JournalTailParser;
  JournalProperties properties_;
  std::vector<BlockInfo> blocks_;
  std::vector<std::uint64_t> first_row_;  // of each block
  std::uint64_t entries_ = 0;
  std::uint64_t object_bytes_ = 0;
  bool has_id_table_ = false;
  Bytes id_table_;  // hashes in order, then their rows
};

// How many of the last bytes of the object the tail takes, read from its footer. `suffix` is the
// end of the object (at least journal_footer_bytes, or the whole object). Throws CorruptData that
// begins with `name`, UnsupportedFormat for a newer version.
std::uint64_t journal_tail_bytes(BytesView suffix, std::uint64_t object_bytes,
                                 std::string_view name);

// Reads the tail; `suffix` holds at least journal_tail_bytes() of the object's last bytes. Every
// checksum, size and order is verified, so that blocks() can be relied on: they lie one after
// another from the header to the tail, in order of their dates. The header is verified, too, when
// `suffix` is the whole object. Throws as above.
std::shared_ptr<const JournalTail> parse_journal_tail(BytesView suffix, std::uint64_t object_bytes,
                                                      std::string_view name);

// Verifies the first journal_header_bytes of a journal, for those who verify a whole flood: no
// reader needs them. Throws as above.
void check_journal_header(BytesView start, std::string_view name);

// A whole journal of one entry (JournalOrigin::single, EntryClass::single), uncompressed, and the
// way back. Throws InvalidArgument for another origin or class.
Bytes encode_single(const JournalProperties& properties, const EntryView& entry);
struct SingleJournal {
  JournalProperties properties;
  Entry entry;
};
SingleJournal decode_single(BytesView object, std::string_view name);

}  // namespace flashflood::format
