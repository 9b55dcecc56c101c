// Parts of the id index: entries in order of their hash, in pages of fixed size, with the first
// hash of each page and a filter at the end, so that a look-up reads one page.
//
//   header, pages, fences, filter, footer
//
// Threads: pure functions and values; an IndexPartBuilder belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/entry.h"

namespace flashflood::format {

// The state of one id, as far as it is sealed: which entry won, and where it lies.
struct IndexEntry {
  IdHash id;
  Timestamp date{};
  EntryKind kind = EntryKind::put;
  EntryClass entry_class = EntryClass::bulk;
  std::uint64_t order = 0;  // see EntryView

  std::uint64_t revision() const { return entry_class == EntryClass::single ? order : 1; }
  bool live() const { return kind == EntryKind::put || kind == EntryKind::update; }
  bool operator==(const IndexEntry&) const = default;
};

inline constexpr std::size_t index_page_bytes = 16 * 1024;

inline constexpr std::size_t index_header_bytes = 24;
inline constexpr std::size_t index_footer_bytes = 64;
inline constexpr std::size_t index_page_header_bytes = 24;
inline constexpr std::size_t index_entry_bytes = 40;
inline constexpr std::size_t index_page_entries =
    (index_page_bytes - index_page_header_bytes) / index_entry_bytes;

// A block of the filter, one cache line: each entry sets one bit in each word.
struct alignas(64) FilterBlock {
  std::array<std::uint64_t, 8> words{};
};

// Neighbouring pages of a part, [first, last].
struct IndexPages {
  std::size_t first;
  std::size_t last;
};

// What is known of a part without its tail.
struct IndexPartInfo {
  std::uint64_t entries = 0;  // at least 1
  IdHash first;               // the least and the greatest hash in it
  IdHash last;
};
// The pages in which a hash between the first and the last most likely lies, if it is there: the
// hashes of ids are uniform, so its place among them is known to within a few standard deviations
// (those of a binomial distribution). Of 16,000 hashes one lies elsewhere.
IndexPages guess_index_pages(const IndexPartInfo& part, const IdHash& id);

class IndexPartBuilder {
 public:
  IndexPartBuilder();
  // Hashes strictly ascending. Throws InvalidArgument for others, for kinds, classes and dates out
  // of range.
  void add(const IndexEntry& entry);
  std::uint64_t entries() const { return entries_; }
  std::size_t size() const;  // of the object, if it were finished now
  // The whole object. Throws InvalidArgument without entries. The builder is spent.
  Bytes finish();

 private:
  void end_page();
  Bytes out_;
  std::size_t page_entries_ = 0;  // of the page that is being filled
  std::vector<std::uint64_t> fences_;
  IdHash last_{};
  std::uint64_t entries_ = 0;
};

// The end of a part: fences and filter. Immutable.
class IndexTail {
 public:
  std::uint64_t entries() const { return entries_; }
  std::size_t pages() const { return fences_.size(); }
  // False: the part does not hold it. True: it may (wrong for about 1 in 250).
  bool may_hold(const IdHash& id) const;
  // The pages that may hold the hash; nothing when it comes before the first.
  std::optional<IndexPages> pages_of(const IdHash& id) const;
  std::size_t memory_bytes() const;

 private:
  friend struct IndexTailParser;
  std::uint64_t entries_ = 0;
  std::vector<std::uint64_t> fences_;
  std::vector<FilterBlock> filter_;
};

// As journal_tail_bytes and parse_journal_tail.
inline constexpr std::uint64_t index_tail_guess = 64 * 1024;
std::uint64_t index_tail_bytes(BytesView suffix, std::uint64_t object_bytes, std::string_view name);
std::shared_ptr<const IndexTail> parse_index_tail(BytesView suffix, std::uint64_t object_bytes,
                                                  std::string_view name);

// Verifies the first index_header_bytes of a part, for those who verify a whole flood.
void check_index_header(BytesView start, std::string_view name);

// Where a page begins in its part.
constexpr std::uint64_t index_page_offset(std::size_t page) {
  return index_header_bytes + std::uint64_t{page} * index_page_bytes;
}

// How many entries a page of a part with `part_entries` has: all but the last one are full.
std::size_t entries_of_page(std::uint64_t part_entries, std::size_t page);

// The entries of one page (index_page_bytes), verified; `page` is its number in the part.
std::vector<IndexEntry> decode_index_page(BytesView bytes, std::size_t page, std::string_view name);

}  // namespace flashflood::format
