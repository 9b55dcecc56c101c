// Posts: where in a sealed journal its dates lie, coarsely. They stand in the catalog, so that a
// look-up on a new handle reads a span of blocks without the journal's tail before it.
//
// Threads: plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/block.h"

namespace flashflood::format {

// The beginning of a block.
struct JournalPost {
  Timestamp date{};          // of its first entry
  std::uint64_t offset = 0;  // in the journal
  bool operator==(const JournalPost&) const = default;
};

// Some blocks of a journal: the first one, and then one every half MiB or, where that would be
// more than about posts_max, as many at even distances. Empty for a journal that was sealed before
// there were posts.
struct JournalPosts {
  std::vector<JournalPost> posts;
  std::uint64_t end = 0;  // where the blocks end

  bool empty() const { return posts.empty(); }
  // The bytes of the journal in which all blocks lie that may hold the date; they begin and end
  // with a block. Nothing when no block does. Not for empty posts.
  struct Span {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  std::optional<Span> span_of(Timestamp date) const;
  // Whether they can be those of a journal with these dates and this size.
  bool fit(Timestamp from, Timestamp to, std::uint64_t object_bytes) const;
  bool operator==(const JournalPosts&) const = default;
};

inline constexpr std::size_t posts_max = 64;
inline constexpr std::uint64_t post_distance_min = std::uint64_t{512} << 10;

// The posts of a journal with these blocks, at least one.
JournalPosts make_posts(std::span<const BlockInfo> blocks);

// The posts of several journals in one section, and back: as many as were encoded, which is
// `journals`. Throws CorruptData that begins with `name`.
Bytes encode_posts(std::span<const JournalPosts* const> journals);
std::vector<JournalPosts> decode_posts(BytesView bytes, std::size_t journals,
                                       std::string_view name);

}  // namespace flashflood::format
