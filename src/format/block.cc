#include "format/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/hash.h"
#include "flashflood/error.h"
#include "format/compress.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr std::uint16_t block_version = 1;

struct BlockHeader {
  std::uint8_t kind;
  std::uint8_t codec;
  std::uint16_t version;
  std::uint32_t count;
  std::uint32_t dead_count;
  std::uint32_t raw_bytes;
  std::uint32_t payload_bytes;
  std::uint32_t reserved;
  std::uint64_t payload_checksum;
  std::uint64_t raw_checksum;
  std::uint64_t checksum;  // of the bytes before it
};
static_assert(sizeof(BlockHeader) == block_header_bytes);
static_assert(sizeof(std::int64_t) + sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t) +
                  sizeof(std::uint8_t) ==
              entry_overhead_bytes);
static_assert(block_raw_bytes_max <= INT32_MAX);

std::uint64_t header_checksum(const BlockHeader& header) {
  return xxh3(bytes_of(header).substr(0, offsetof(BlockHeader, checksum)));
}

// Where the arrays of a row block of `count` entries lie in the raw bytes.
struct RowLayout {
  explicit RowLayout(std::size_t count)
      : orders(8 * count),
        id_ends(16 * count),
        data_ends(20 * count),
        kinds(24 * count),
        ids(25 * count) {}
  static constexpr std::size_t dates = 0;
  std::size_t orders;
  std::size_t id_ends;
  std::size_t data_ends;
  std::size_t kinds;
  std::size_t ids;  // data follows the ids
};

void check_encodable(std::span<const EntryView> entries) {
  if (entries.empty()) throw InvalidArgument("a block holds at least one entry");
  std::size_t raw_bytes = 0;
  const EntryView* before = nullptr;
  for (const EntryView& entry : entries) {
    if (entry.id.empty() || entry.id.size() > id_bytes_max) {
      throw InvalidArgument(fmt::format("an id of {} bytes is out of range", entry.id.size()));
    }
    if (entry.data.size() > data_bytes_max) {
      throw InvalidArgument(fmt::format("data of {} bytes are too large", entry.data.size()));
    }
    if (!is_valid_date(entry.date)) throw InvalidArgument("a date is out of range");
    if (!is_valid_kind(static_cast<std::uint8_t>(entry.kind)) ||
        !is_valid_class(static_cast<std::uint8_t>(entry.entry_class))) {
      throw InvalidArgument("an entry has no kind or class");
    }
    if (before != nullptr &&
        (entry.date < before->date || (entry.date == before->date && entry.id < before->id))) {
      throw InvalidArgument("entries of a block are out of order");
    }
    raw_bytes += raw_bytes_of(entry);
    if (raw_bytes > block_raw_bytes_max) throw InvalidArgument("a block would be too large");
    before = &entry;
  }
}

struct RawBlock {
  Buffer bytes;
  std::uint32_t dead_count = 0;
};

RawBlock lay_out_rows(std::span<const EntryView> entries) {
  std::size_t size = 0;
  for (const EntryView& entry : entries) size += raw_bytes_of(entry);
  RawBlock raw{Buffer::of(size)};
  const RowLayout at(entries.size());
  char* base = raw.bytes.bytes.get();
  std::uint32_t id_end = 0;
  std::uint32_t data_end = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const EntryView& entry = entries[i];
    std::memcpy(base + at.ids + id_end, entry.id.data(), entry.id.size());
    id_end += static_cast<std::uint32_t>(entry.id.size());
    data_end += static_cast<std::uint32_t>(entry.data.size());
    store(base + RowLayout::dates + 8 * i, date_to_wire(entry.date));
    store(base + at.orders + 8 * i, entry.order);
    store(base + at.id_ends + 4 * i, id_end);
    store(base + at.data_ends + 4 * i, data_end);
    store(base + at.kinds + i,
          static_cast<std::uint8_t>(static_cast<unsigned>(entry.kind) |
                                    static_cast<unsigned>(entry.entry_class) << 4));
    if (!entry.live()) ++raw.dead_count;
  }
  char* data = base + at.ids + id_end;
  for (const EntryView& entry : entries) {
    if (entry.data.empty()) continue;  // its pointer may be null
    std::memcpy(data, entry.data.data(), entry.data.size());
    data += entry.data.size();
  }
  return raw;
}

// What can be relied on in all versions: the header is whole, and the block is as long as it says.
BlockHeader load_header(BytesView stored, std::string_view name) {
  if (stored.size() < sizeof(BlockHeader)) throw_corrupt(name, "a block is cut off");
  auto header = load_record<BlockHeader>(stored.data());
  if (header.checksum != header_checksum(header)) {
    throw_corrupt(name, "the checksum of a block header is wrong");
  }
  check_version(header.version, block_version, name);
  return header;
}

BlockHeader read_header(BytesView stored, std::string_view name) {
  auto header = load_header(stored, name);
  if (header.kind != static_cast<std::uint8_t>(BlockKind::rows)) {
    throw_unsupported(name, fmt::format("block kind {}", header.kind));
  }
  if (header.codec > static_cast<std::uint8_t>(Codec::lz4)) {
    throw_unsupported(name, fmt::format("codec {}", header.codec));
  }
  bool plain = header.codec == static_cast<std::uint8_t>(Codec::none);
  if (header.reserved != 0 || header.count == 0 || header.dead_count > header.count ||
      header.raw_bytes > block_raw_bytes_max ||
      header.raw_bytes < std::uint64_t{header.count} * (entry_overhead_bytes + 1) ||
      header.payload_bytes != stored.size() - sizeof(BlockHeader) ||
      (plain && (header.payload_bytes != header.raw_bytes ||
                 header.payload_checksum != header.raw_checksum))) {
    throw_corrupt(name, "a block header contradicts itself or the size of the block");
  }
  return header;
}

}  // namespace

struct BlockDecoder {
  static std::shared_ptr<const Block> decode(BytesView stored, const BlockHeader& header,
                                             std::string_view name) {
    BytesView payload = stored.substr(sizeof(BlockHeader));
    if (xxh3(payload) != header.payload_checksum) {
      throw_corrupt(name, "the checksum of a block is wrong");
    }
    auto block = std::make_shared<Block>();
    block->raw_bytes_ = header.raw_bytes;
    block->raw_ = std::make_unique_for_overwrite<char[]>(header.raw_bytes);
    char* raw = block->raw_.get();
    auto codec = static_cast<Codec>(header.codec);
    if (codec == Codec::none) {
      std::memcpy(raw, payload.data(), payload.size());
    } else if (!decompress(payload, codec, raw, header.raw_bytes)) {
      throw_corrupt(name, "a block cannot be decompressed");
    } else if (xxh3({raw, header.raw_bytes}) != header.raw_checksum) {
      throw_corrupt(name, "the checksum of a decompressed block is wrong");
    }
    const RowLayout at(header.count);
    block->count_ = header.count;
    block->dates_ = raw + RowLayout::dates;
    block->orders_ = raw + at.orders;
    block->id_ends_ = raw + at.id_ends;
    block->data_ends_ = raw + at.data_ends;
    block->kinds_ = raw + at.kinds;
    block->ids_ = raw + at.ids;
    check_rows(*block, header, name);
    block->data_ = block->ids_ + load<std::uint32_t>(block->id_ends_ + 4 * (block->count_ - 1));
    return block;
  }

 private:
  // One pass without branches: what is wrong is gathered in `bad`.
  static void check_rows(const Block& block, const BlockHeader& header, std::string_view name) {
    const std::size_t count = block.count_;
    std::uint32_t bad = 0;
    std::uint32_t dead = 0;
    std::uint32_t id_end = 0;
    std::uint32_t data_end = 0;
    std::int64_t date = date_to_wire(timestamp_min);
    for (std::size_t i = 0; i < count; ++i) {
      auto next_id_end = load<std::uint32_t>(block.id_ends_ + 4 * i);
      auto next_data_end = load<std::uint32_t>(block.data_ends_ + 4 * i);
      auto next_date = load<std::int64_t>(block.dates_ + 8 * i);
      auto kind = static_cast<std::uint32_t>(static_cast<unsigned char>(block.kinds_[i]));
      // Unsigned differences: a fall is a huge rise.
      bad |= static_cast<std::uint32_t>(next_id_end - id_end - 1 >= id_bytes_max);
      bad |= static_cast<std::uint32_t>(next_data_end - data_end > data_bytes_max);
      bad |= static_cast<std::uint32_t>(next_date < date);
      bad |= static_cast<std::uint32_t>((kind & 15) - 1 > 3);
      bad |= static_cast<std::uint32_t>((kind >> 4) - 1 > 1);
      dead += static_cast<std::uint32_t>((kind & 15) > 2);
      id_end = next_id_end;
      data_end = next_data_end;
      date = next_date;
    }
    std::uint64_t size = std::uint64_t{count} * entry_overhead_bytes + id_end + data_end;
    if (bad != 0 || date > date_to_wire(timestamp_max) || dead != header.dead_count ||
        size != header.raw_bytes) {
      throw_corrupt(name, "the rows of a block contradict each other");
    }
  }
};

EncodedBlock encode_block(std::span<const EntryView> entries, const BlockOptions& options) {
  check_encodable(entries);
  const RawBlock raw = lay_out_rows(entries);
  const Buffer compressed = compress(raw.bytes.view(), options.codec, options.zstd_level);
  const bool plain = compressed.bytes == nullptr;
  const BytesView payload = plain ? raw.bytes.view() : compressed.view();
  const Codec codec = plain ? Codec::none : options.codec;

  BlockHeader header{};
  header.kind = static_cast<std::uint8_t>(BlockKind::rows);
  header.codec = static_cast<std::uint8_t>(codec);
  header.version = block_version;
  header.count = static_cast<std::uint32_t>(entries.size());
  header.dead_count = raw.dead_count;
  header.raw_bytes = static_cast<std::uint32_t>(raw.bytes.size);
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_checksum = xxh3(payload);
  header.raw_checksum = plain ? header.payload_checksum : xxh3(raw.bytes.view());
  header.checksum = header_checksum(header);

  EncodedBlock block;
  block.stored.reserve(sizeof(header) + payload.size());
  block.stored.append(bytes_of(header)).append(payload);
  block.info = {.offset = 0,
                .stored_bytes = static_cast<std::uint32_t>(block.stored.size()),
                .raw_bytes = header.raw_bytes,
                .count = header.count,
                .dead_count = header.dead_count,
                .first = entries.front().date,
                .last = entries.back().date,
                .kind = BlockKind::rows,
                .codec = codec};
  return block;
}

std::shared_ptr<const Block> decode_block(BytesView stored, std::string_view name) {
  return BlockDecoder::decode(stored, read_header(stored, name), name);
}

std::shared_ptr<const Block> decode_block(BytesView stored, const BlockInfo& info,
                                          std::string_view name) {
  BlockHeader header = read_header(stored, name);
  bool same = stored.size() == info.stored_bytes && header.raw_bytes == info.raw_bytes &&
              header.count == info.count && header.dead_count == info.dead_count &&
              header.kind == static_cast<std::uint8_t>(info.kind) &&
              header.codec == static_cast<std::uint8_t>(info.codec);
  if (!same) throw_corrupt(name, "a block is not the one that the block index describes");
  std::shared_ptr<const Block> block = BlockDecoder::decode(stored, header, name);
  if (block->date(0) != info.first || block->date(block->size() - 1) != info.last) {
    throw_corrupt(name, "a block has other dates than the block index says");
  }
  return block;
}

std::vector<std::size_t> block_sizes(BytesView stored, std::string_view name) {
  std::vector<std::size_t> sizes;
  while (!stored.empty()) {
    const std::uint64_t size =
        sizeof(BlockHeader) + std::uint64_t{load_header(stored, name).payload_bytes};
    if (size > stored.size()) throw_corrupt(name, "a block is cut off");
    sizes.push_back(size);
    stored.remove_prefix(size);
  }
  return sizes;
}

void check_block_order(const Block& block, std::string_view name) {
  for (std::size_t i = 1; i < block.size(); ++i) {
    if (block.date(i - 1) > block.date(i) ||
        (block.date(i - 1) == block.date(i) && block.id(i - 1) > block.id(i))) {
      throw_corrupt(name, fmt::format("entry {} of a block is out of order", i));
    }
  }
}

}  // namespace flashflood::format
