// Blocks: about 256 KiB of entries, stored together, decoded at once and then used in place.
//
// Threads: pure functions; Block is immutable.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/entry.h"

namespace flashflood::format {

// Numbers are persisted and never reused.
enum class Codec : std::uint8_t { none = 0, zstd = 1, lz4 = 2 };
enum class BlockKind : std::uint8_t { rows = 1 };

// A stored block is a header of this size, in all versions and kinds, and the payload.
inline constexpr std::size_t block_header_bytes = 48;
// What an entry takes in a decoded block besides its id and data.
inline constexpr std::size_t entry_overhead_bytes = 25;
// A decoded block is never larger: room for the largest entry beside a block of small ones.
inline constexpr std::size_t block_raw_bytes_max = data_bytes_max + (std::size_t{1} << 20);

// What an entry takes in a decoded block.
inline std::size_t raw_bytes_of(const EntryView& entry) {
  return entry_overhead_bytes + entry.id.size() + entry.data.size();
}

struct BlockOptions {
  Codec codec = Codec::zstd;
  int zstd_level = 1;
};

// One line of a journal's block index: all that planning needs to know of a block.
struct BlockInfo {
  std::uint64_t offset = 0;        // of the stored block in the journal
  std::uint32_t stored_bytes = 0;  // with its header
  std::uint32_t raw_bytes = 0;     // decoded
  std::uint32_t count = 0;         // entries
  std::uint32_t dead_count = 0;    // of these tombstones and markers
  Timestamp first{};               // dates of the first and the last entry
  Timestamp last{};
  BlockKind kind = BlockKind::rows;
  Codec codec = Codec::none;
};

struct EncodedBlock {
  BlockInfo info;  // offset 0 until it has its place in a journal
  Bytes stored;    // header and payload, as they lie in the journal
};

// Encodes entries that are in order of (date, id); at least one. The codec is none where
// compressing does not make it smaller. Throws InvalidArgument for entries that cannot be read
// back: none, too many bytes (block_raw_bytes_max), out of order, or a field out of its range.
EncodedBlock encode_block(std::span<const EntryView> entries, const BlockOptions& options);

// A decoded block. Views into it live as long as the block. The data of its entries lie back to
// back.
class Block {
 public:
  std::size_t size() const { return count_; }
  Timestamp date(std::size_t i) const {
    return Timestamp{std::chrono::microseconds{load<std::int64_t>(dates_ + 8 * i)}};
  }
  std::uint64_t order(std::size_t i) const { return load<std::uint64_t>(orders_ + 8 * i); }
  EntryKind kind(std::size_t i) const { return EntryKind(kinds_[i] & 15); }
  EntryClass entry_class(std::size_t i) const {
    return EntryClass(static_cast<unsigned char>(kinds_[i]) >> 4);
  }
  std::string_view id(std::size_t i) const { return text(ids_, id_ends_, i); }
  std::string_view data(std::size_t i) const { return text(data_, data_ends_, i); }
  EntryView entry(std::size_t i) const {
    return {date(i), id(i), data(i), kind(i), entry_class(i), order(i)};
  }
  // Bytes of memory it holds.
  std::size_t memory_bytes() const { return sizeof(Block) + raw_bytes_; }

 private:
  friend struct BlockDecoder;
  static std::string_view text(const char* base, const char* ends, std::size_t i) {
    std::uint32_t begin = i == 0 ? 0 : load<std::uint32_t>(ends + 4 * (i - 1));
    return {base + begin, load<std::uint32_t>(ends + 4 * i) - begin};
  }

  std::unique_ptr<char[]> raw_;
  std::size_t raw_bytes_ = 0;
  std::size_t count_ = 0;
  const char* dates_ = nullptr;
  const char* orders_ = nullptr;
  const char* id_ends_ = nullptr;
  const char* data_ends_ = nullptr;
  const char* kinds_ = nullptr;
  const char* ids_ = nullptr;
  const char* data_ = nullptr;
};

// Decodes a stored block (header and payload, exactly). Everything is checked: both checksums,
// sizes, the order of offsets, kinds. Throws CorruptData that begins with `name`, and
// UnsupportedFormat for a block kind or codec that this version does not know. Never allocates more
// than the header's checked size, which is bounded.
std::shared_ptr<const Block> decode_block(BytesView stored, std::string_view name);
// As above, and CorruptData unless the block is the one that `info` describes.
std::shared_ptr<const Block> decode_block(BytesView stored, const BlockInfo& info,
                                          std::string_view name);
// How long each of several stored blocks is that lie one after another, exactly. Looks at their
// headers alone. Throws as above.
std::vector<std::size_t> block_sizes(BytesView stored, std::string_view name);
// Throws CorruptData that begins with `name` unless the entries are in order of (date, id).
// Decoding checks the order of dates alone; this is for those who verify a whole flood.
void check_block_order(const Block& block, std::string_view name);

}  // namespace flashflood::format
