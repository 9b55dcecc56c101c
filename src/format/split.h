// Splits: self-contained pieces of a replay, as JSON documents that travel between machines.
//
// Threads: plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "flashflood/event.h"
#include "format/event_range.h"

namespace flashflood::format {

// Neighbouring blocks of a journal: [first, end).
struct BlockRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  bool operator==(const BlockRange&) const = default;
};

// A journal that a split reads.
struct SplitJournal {
  std::string key;
  std::uint64_t object_bytes = 0;
  std::uint64_t entries = 0;           // in the whole journal
  std::uint64_t arrival = 0;           // of a pending journal; 0: a sealed one
  std::optional<BlockRange> blocks{};  // where fewer are needed than the dates tell
  std::string url{};                   // presigned; empty: read with the reader's own rights
  bool operator==(const SplitJournal&) const = default;
};

struct Split {
  std::string flood_id;
  std::string store;          // URL of the flood
  std::uint64_t catalog = 0;  // of the snapshot
  std::uint64_t fence = 0;    // of that catalog
  std::uint64_t number = 1;   // of this split, from 1
  std::uint64_t count = 1;    // how many make up the replay
  EventRange range;
  std::string where;  // empty: none
  std::string query;
  bool strict = false;
  std::uint64_t entries = 0;       // in the blocks to be read: an upper bound of its events
  std::uint64_t stored_bytes = 0;  // of these blocks
  std::string lease;               // key of the lease that holds the snapshot; empty: none
  Timestamp made{};                // by the store's clock
  Timestamp expires{};
  std::vector<SplitJournal> journals;  // in order of key
  std::vector<Bytes> pending;          // blocks of pending single operations, as stored, in order

  bool is_presigned() const { return !journals.empty() && !journals.front().url.empty(); }
  bool operator==(const Split&) const = default;
};

inline constexpr std::size_t split_bytes_max = std::size_t{64} << 20;

// One line of JSON without a line break. Throws InvalidArgument for what decode_split would refuse.
std::string encode_split(const Split& split);
// Everything is checked; layout and blanks of the JSON do not matter. Throws InvalidArgument for
// what is not a split, UnsupportedFormat for a newer version, and CorruptData when a field is
// missing, unknown, or out of range, or when the checksum is wrong.
Split decode_split(std::string_view json);

}  // namespace flashflood::format
