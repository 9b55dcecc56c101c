// Opening journals and reading single blocks of them.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/state/context.h"
#include "engine/state/head.h"
#include "format/index_run.h"
#include "format/journal.h"

namespace flashflood::engine {

using TailPtr = std::shared_ptr<const format::JournalTail>;
using BlockPtr = std::shared_ptr<const format::Block>;

// The tail of a sealed journal, from the cache or by one read (two when it is long).
TailPtr load_sealed_tail(const Context& context, std::uint64_t catalog,
                         const format::SealedJournal& journal);

// A sealed journal that is about to be read from one end to the other: as load_sealed_tail(), or
// the whole object by one read when its tail is not in the cache and it has at most
// `whole_bytes_max`.
struct OpenSealed {
  TailPtr tail;
  std::shared_ptr<const Bytes> whole;  // nothing where the tail alone was read
};
OpenSealed open_sealed(const Context& context, std::uint64_t catalog,
                       const format::SealedJournal& journal, std::uint64_t whole_bytes_max);

// The tail of a recorder's pending journal; nothing when the object is gone.
TailPtr load_pending_tail(const Context& context, const PendingBulk& journal);

// The stored bytes of neighbouring blocks [first, last].
ByteRange blocks_range(const format::JournalTail& tail, std::size_t first, std::size_t last);
BytesView stored_block(BytesView bytes_from_first, const format::JournalTail& tail,
                       std::size_t first, std::size_t block);

// Neighbouring blocks [first, last], from the cache or by one read. `journal` names the object in
// the cache: its key, and of a pending one behind a blank its ETag. `read` gives the bytes of a
// range of it, or nothing when it is gone, and then so does this.
std::optional<std::vector<BlockPtr>> load_blocks(
    const Context& context, const std::string& journal, const format::JournalTail& tail,
    std::size_t first, std::size_t last,
    const std::function<std::optional<Bytes>(ByteRange)>& read);

// The position of (date, id) in a block, if it is there.
std::optional<std::size_t> find_in_block(const format::Block& block, Timestamp date,
                                         std::string_view id);

// The sealed entry that the index names, read from the journal that holds it. Throws CorruptData
// when no journal does.
format::Entry read_sealed_entry(const Context& context, const format::Catalog& catalog,
                                const format::IndexEntry& entry, std::string_view id);

}  // namespace flashflood::engine
