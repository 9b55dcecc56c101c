#include "engine/read/journal_access.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/rank.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Block;
using format::BlockInfo;
using format::JournalTail;

namespace {

// Opens a journal with `read`, which gives a range of the object or nothing.
template <typename Read>
TailPtr open_tail(const std::string& key, std::uint64_t object_bytes, const Read& read) {
  std::optional<Bytes> suffix =
      read(ByteRange::last(std::min(object_bytes, format::journal_tail_guess)));
  if (!suffix) return nullptr;
  std::uint64_t needed = format::journal_tail_bytes(*suffix, object_bytes, key);
  if (needed > suffix->size()) suffix = read(ByteRange::last(needed));
  if (!suffix) return nullptr;
  return format::parse_journal_tail(*suffix, object_bytes, key);
}

// The blocks that may hold a date: neighbours, since blocks are in order.
struct BlockSpan {
  std::size_t first;
  std::size_t last;
};
std::optional<BlockSpan> blocks_at(const JournalTail& tail, Timestamp date) {
  const auto& blocks = tail.blocks();
  auto first = std::partition_point(blocks.begin(), blocks.end(),
                                    [&](const BlockInfo& block) { return block.last < date; });
  auto end = std::partition_point(first, blocks.end(),
                                  [&](const BlockInfo& block) { return block.first <= date; });
  if (first == end) return std::nullopt;
  return BlockSpan{static_cast<std::size_t>(first - blocks.begin()),
                   static_cast<std::size_t>(end - blocks.begin()) - 1};
}

// Blocks by the places where they lie, so that each has one name however it was found.
std::string block_name(const std::string& journal, std::uint64_t offset) {
  return fmt::format("{}#{}", journal, offset);
}

constexpr std::uint64_t neighbours_bytes_max = std::uint64_t{4} << 20;

// Finds (date, id) in the blocks of one date: all in one read when they are not long, else by
// bisection.
std::optional<format::Entry> find_in_journal(const Context& context, std::uint64_t catalog,
                                             const std::string& key, const JournalTail& tail,
                                             Timestamp date, std::string_view id) {
  auto span = blocks_at(tail, date);
  while (span) {
    auto [first, last] = *span;
    ByteRange range = blocks_range(tail, first, last);
    bool all = range.length <= neighbours_bytes_max;
    if (!all) {
      first = last = (span->first + span->last) / 2;
      range = blocks_range(tail, first, last);
    }
    auto blocks = load_blocks(context, key, tail, first, last, [&](ByteRange wanted) {
      return std::optional(fetch_named(context, catalog, key, wanted));
    });
    for (const BlockPtr& block : *blocks) {
      if (auto position = find_in_block(*block, date, id))
        return format::Entry(block->entry(*position));
      if (all) continue;
      bool before = std::pair(date, id) < std::pair(block->date(0), block->id(0));
      if (before ? first == span->first : first == span->last) return std::nullopt;
      if (before) {
        span->last = first - 1;
      } else {
        span->first = first + 1;
      }
    }
    if (all) break;
  }
  return std::nullopt;
}

// Whether (date, id) comes before the first or behind the last entry of a block, or lies in it.
std::strong_ordering where(const Block& block, Timestamp date, std::string_view id) {
  const std::pair wanted(date, id);
  if (wanted < std::pair(block.date(0), block.id(0))) return std::strong_ordering::less;
  const std::size_t last = block.size() - 1;
  if (std::pair(block.date(last), block.id(last)) < wanted) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

// Finds (date, id) in a journal whose tail is not known, in one read of what its posts say.
std::optional<format::Entry> find_by_posts(const Context& context, std::uint64_t catalog,
                                           const std::string& key, format::JournalPosts::Span span,
                                           Timestamp date, std::string_view id) {
  return read_intact(context, [&]() -> std::optional<format::Entry> {
    const Bytes bytes = fetch_named(context, catalog, key, ByteRange::at(span.offset, span.bytes));
    if (bytes.size() != span.bytes) throw CorruptData(key + ": ends before its blocks do");
    std::vector<BytesView> stored;
    std::size_t begin = 0;
    for (const std::size_t size : format::block_sizes(bytes, key)) {
      stored.push_back(BytesView(bytes).substr(begin, size));
      begin += size;
    }
    for (std::size_t low = 0, high = stored.size(); low < high;) {
      const std::size_t middle = (low + high) / 2;
      const BlockPtr block = format::decode_block(stored[middle], key);
      const auto order = where(*block, date, id);
      if (order < 0) {
        high = middle;
      } else if (order > 0) {
        low = middle + 1;
      } else {
        const auto offset = static_cast<std::uint64_t>(stored[middle].data() - bytes.data());
        context.block_cache->put<Block>(block_name(key, span.offset + offset), block,
                                        block->memory_bytes());
        const auto position = find_in_block(*block, date, id);
        if (!position) return std::nullopt;
        return format::Entry(block->entry(*position));
      }
    }
    return std::nullopt;
  });
}

// The entry at (date, id) of one sealed journal.
std::optional<format::Entry> find_in_sealed(const Context& context, std::uint64_t catalog,
                                            const format::SealedJournal& journal, Timestamp date,
                                            std::string_view id) {
  const std::string key = journal.key();
  if (!journal.posts.empty() && is_first_use(context, key)) {
    const auto span = journal.posts.span_of(date);
    if (!span) return std::nullopt;
    if (span->bytes <= neighbours_bytes_max)
      return find_by_posts(context, catalog, key, *span, date, id);
  }
  const TailPtr tail = load_sealed_tail(context, catalog, journal);
  return find_in_journal(context, catalog, key, *tail, date, id);
}

}  // namespace

TailPtr load_sealed_tail(const Context& context, std::uint64_t catalog,
                         const format::SealedJournal& journal) {
  return open_sealed(context, catalog, journal, 0).tail;
}

OpenSealed open_sealed(const Context& context, std::uint64_t catalog,
                       const format::SealedJournal& journal, std::uint64_t whole_bytes_max) {
  const std::string key = journal.key();
  if (auto known = context.cache->get<JournalTail>(key)) return {known, nullptr};
  OpenSealed open;
  read_intact(context, [&] {
    if (journal.object_bytes > whole_bytes_max) {
      open.tail = open_tail(key, journal.object_bytes, [&](ByteRange range) {
        return std::optional(fetch_named(context, catalog, key, range));
      });
    } else {
      open.whole = std::make_shared<const Bytes>(fetch_named(context, catalog, key));
      open.tail = format::parse_journal_tail(*open.whole, journal.object_bytes, key);
    }
  });
  if (open.tail->entries() != journal.entries)
    throw CorruptData(fmt::format("{}: holds {} entries, and the catalog says {}", key,
                                  open.tail->entries(), journal.entries));
  context.cache->put<JournalTail>(key, open.tail, open.tail->memory_bytes());
  return open;
}

TailPtr load_pending_tail(const Context& context, const PendingBulk& journal) {
  std::string name = journal.key + " " + journal.etag;
  if (auto known = context.cache->get<JournalTail>(name)) return known;
  auto tail = read_intact(context, [&] {
    return open_tail(journal.key, journal.size,
                     [&](ByteRange range) { return fetch(context, journal.key, range); });
  });
  if (tail) context.cache->put<JournalTail>(name, tail, tail->memory_bytes());
  return tail;
}

ByteRange blocks_range(const JournalTail& tail, std::size_t first, std::size_t last) {
  const BlockInfo& end = tail.blocks()[last];
  std::uint64_t begin = tail.blocks()[first].offset;
  return ByteRange::at(begin, end.offset + end.stored_bytes - begin);
}

BytesView stored_block(BytesView bytes_from_first, const JournalTail& tail, std::size_t first,
                       std::size_t block) {
  const BlockInfo& info = tail.blocks()[block];
  std::uint64_t offset = info.offset - tail.blocks()[first].offset;
  if (offset > bytes_from_first.size()) return {};
  return bytes_from_first.substr(offset, info.stored_bytes);
}

std::optional<std::vector<BlockPtr>> load_blocks(
    const Context& context, const std::string& journal, const JournalTail& tail, std::size_t first,
    std::size_t last, const std::function<std::optional<Bytes>(ByteRange)>& read) {
  auto name = [&](std::size_t i) { return block_name(journal, tail.blocks()[i].offset); };
  std::vector<BlockPtr> blocks;
  for (std::size_t i = first; i <= last; ++i)
    blocks.push_back(context.block_cache->get<Block>(name(i)));
  if (std::find(blocks.begin(), blocks.end(), nullptr) == blocks.end()) return blocks;
  const bool there = read_intact(context, [&] {
    const auto bytes = read(blocks_range(tail, first, last));
    if (!bytes) return false;
    for (std::size_t i = first; i <= last; ++i) {
      BlockPtr& block = blocks[i - first];
      if (block) continue;
      block = format::decode_block(stored_block(*bytes, tail, first, i), tail.blocks()[i],
                                   journal.substr(0, journal.find(' ')));
      context.block_cache->put<Block>(name(i), block, block->memory_bytes());
    }
    return true;
  });
  if (!there) return std::nullopt;
  return blocks;
}

std::optional<std::size_t> find_in_block(const Block& block, Timestamp date, std::string_view id) {
  std::size_t low = 0, high = block.size();
  while (low < high) {
    std::size_t middle = (low + high) / 2;
    if (std::pair(block.date(middle), block.id(middle)) < std::pair(date, id)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == block.size() || block.date(low) != date || block.id(low) != id) return std::nullopt;
  return low;
}

format::Entry read_sealed_entry(const Context& context, const format::Catalog& catalog,
                                const format::IndexEntry& entry, std::string_view id) {
  // Bulk entries that arrived at one instant look the same to the index: the contents decide.
  const bool may_be_tied = entry.entry_class == format::EntryClass::bulk;
  const auto journals = journals_at(context, catalog, entry.date);
  std::vector<std::optional<format::Entry>> found(journals.size());
  const auto find = [&](std::size_t i) {
    found[i] = find_in_sealed(context, catalog.number, journals[i], entry.date, id);
    if (found[i] && (found[i]->kind != entry.kind || found[i]->entry_class != entry.entry_class ||
                     found[i]->order != entry.order))
      found[i].reset();
    return found[i].has_value();
  };
  if (may_be_tied && journals.size() > 1) {
    parallel_for(*context.env.io, journals.size(), context.env.io->width(), find);
  } else {
    for (std::size_t i = 0; i < journals.size() && !find(i); ++i) {
    }
  }
  std::optional<format::Entry> best;
  for (auto& one : found)
    if (one && (!best || compare_entries(one->view(), best->view()) > 0)) best = std::move(one);
  if (best) return std::move(*best);
  throw CorruptData(
      fmt::format("the index of catalog {} names an entry of {} at {} that no journal holds",
                  catalog.number, quote(id), format_timestamp(entry.date)));
}

}  // namespace flashflood::engine
