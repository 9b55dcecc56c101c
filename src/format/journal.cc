#include "format/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "flashflood/error.h"
#include "format/sections.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr ObjectForm journal_form{"FFjourn\1", "FFjfoot\1", 1, "journal"};
static_assert(journal_header_bytes == object_header_bytes);
static_assert(journal_footer_bytes == object_footer_bytes);

constexpr std::array known_sections{SectionKind::properties, SectionKind::block_index,
                                    SectionKind::id_table};

constexpr std::uint8_t id_made_here_flag = 1;

struct PropertiesRecord {
  std::uint8_t origin;
  std::uint8_t flags;
  std::uint16_t reserved;
  std::uint32_t reserved2;
  std::uint64_t epoch;
  std::uint8_t token[token_bytes];
};
static_assert(sizeof(PropertiesRecord) == 32);

struct BlockRecord {
  std::uint64_t offset;
  std::uint32_t stored_bytes;
  std::uint32_t raw_bytes;
  std::uint32_t count;
  std::uint32_t dead_count;
  std::int64_t first;
  std::int64_t last;
  std::uint8_t kind;
  std::uint8_t codec;
  std::uint16_t reserved;
  std::uint32_t reserved2;
};
static_assert(sizeof(BlockRecord) == 48);

constexpr std::size_t hash_bytes = sizeof(std::uint64_t);
constexpr std::size_t row_bytes = sizeof(std::uint32_t);

Bytes encode_properties(const JournalProperties& properties) {
  PropertiesRecord record{};
  record.origin = static_cast<std::uint8_t>(properties.origin);
  record.flags = properties.id_made_here ? id_made_here_flag : 0;
  record.epoch = properties.epoch;
  token_to_wire(properties.token, record.token);
  return Bytes(bytes_of(record));
}

JournalProperties decode_properties(BytesView bytes, std::string_view name) {
  if (bytes.size() != sizeof(PropertiesRecord)) {
    throw_corrupt(name, "the properties have a wrong size");
  }
  auto record = load_record<PropertiesRecord>(bytes.data());
  if (record.origin < static_cast<std::uint8_t>(JournalOrigin::single) ||
      record.origin > static_cast<std::uint8_t>(JournalOrigin::sealed)) {
    throw_unsupported(name, fmt::format("origin {}", record.origin));
  }
  if ((record.flags & ~id_made_here_flag) != 0) {
    throw_unsupported(name, fmt::format("property flags {:#x}", record.flags));
  }
  if (record.reserved != 0 || record.reserved2 != 0) {
    throw_corrupt(name, "reserved bytes of the properties are not zero");
  }
  return {static_cast<JournalOrigin>(record.origin), token_from_wire(record.token), record.epoch,
          (record.flags & id_made_here_flag) != 0};
}

Bytes encode_block_index(const std::vector<BlockInfo>& blocks) {
  Bytes bytes;
  bytes.reserve(blocks.size() * sizeof(BlockRecord));
  for (const BlockInfo& block : blocks) {
    BlockRecord record{};
    record.offset = block.offset;
    record.stored_bytes = block.stored_bytes;
    record.raw_bytes = block.raw_bytes;
    record.count = block.count;
    record.dead_count = block.dead_count;
    record.first = date_to_wire(block.first);
    record.last = date_to_wire(block.last);
    record.kind = static_cast<std::uint8_t>(block.kind);
    record.codec = static_cast<std::uint8_t>(block.codec);
    bytes.append(bytes_of(record));
  }
  return bytes;
}

BlockInfo decode_block_record(const char* at, std::string_view name) {
  auto record = load_record<BlockRecord>(at);
  if (record.kind != static_cast<std::uint8_t>(BlockKind::rows)) {
    throw_unsupported(name, fmt::format("block kind {}", record.kind));
  }
  if (record.codec > static_cast<std::uint8_t>(Codec::lz4)) {
    throw_unsupported(name, fmt::format("codec {}", record.codec));
  }
  BlockInfo info{record.offset,
                 record.stored_bytes,
                 record.raw_bytes,
                 record.count,
                 record.dead_count,
                 date_from_wire(record.first),
                 date_from_wire(record.last),
                 static_cast<BlockKind>(record.kind),
                 static_cast<Codec>(record.codec)};
  std::uint64_t raw_least = std::uint64_t{info.count} * (entry_overhead_bytes + 1);
  std::uint64_t stored_most = std::uint64_t{info.raw_bytes} + block_header_bytes;
  bool right = record.reserved == 0 && record.reserved2 == 0 && info.count > 0 &&
               info.dead_count <= info.count && info.raw_bytes >= raw_least &&
               info.raw_bytes <= block_raw_bytes_max && info.stored_bytes > block_header_bytes &&
               info.stored_bytes <= stored_most &&
               (info.codec != Codec::none || info.stored_bytes == stored_most) &&
               is_valid_date(info.first) && info.first <= info.last && is_valid_date(info.last);
  if (!right) throw_corrupt(name, "a line of the block index is out of range");
  return info;
}

}  // namespace

JournalBuilder::JournalBuilder(const JournalProperties& properties, bool with_id_table)
    : properties_(properties), with_id_table_(with_id_table) {
  append_object_header(out_, journal_form);
}

void JournalBuilder::add(const EncodedBlock& block, std::span<const EntryView> entries) {
  if (block.stored.size() != block.info.stored_bytes || block.info.count == 0) {
    throw InvalidArgument("a block does not fit its description");
  }
  if (!blocks_.empty() && block.info.first < blocks_.back().last) {
    throw InvalidArgument("blocks of a journal are out of order");
  }
  if (with_id_table_) {
    if (entries.size() != block.info.count) {
      throw InvalidArgument("a journal with an id table needs the entries of each block");
    }
    if (entries_ + entries.size() > UINT32_MAX) {
      throw InvalidArgument("a journal with an id table has too many entries");
    }
    auto row = static_cast<std::uint32_t>(entries_);
    for (const EntryView& entry : entries) ids_.push_back({xxh3(entry.id), row++});
  }
  BlockInfo& info = blocks_.emplace_back(block.info);
  info.offset = out_.size();
  out_.append(block.stored);
  entries_ += info.count;
}

std::size_t JournalBuilder::size() const { return out_.size(); }

std::uint64_t JournalBuilder::entries() const { return entries_; }

Bytes JournalBuilder::finish() {
  if (blocks_.empty()) throw InvalidArgument("a journal has at least one block");
  TailWriter tail(out_);
  tail.add(SectionKind::properties, false, encode_properties(properties_));
  tail.add(SectionKind::block_index, false, encode_block_index(blocks_));
  if (with_id_table_) {
    std::sort(ids_.begin(), ids_.end(), [](const IdRow& a, const IdRow& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.row < b.row;
    });
    Bytes table(ids_.size() * (hash_bytes + row_bytes), '\0');
    char* rows = table.data() + ids_.size() * hash_bytes;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      store(table.data() + i * hash_bytes, ids_[i].hash);
      store(rows + i * row_bytes, ids_[i].row);
    }
    tail.add(SectionKind::id_table, true, table);
  }
  tail.finish(journal_form, entries_);
  return std::move(out_);
}

struct JournalTailParser {
  static std::shared_ptr<const JournalTail> parse(BytesView suffix, std::uint64_t object_bytes,
                                                  std::string_view name) {
    Tail tail = read_tail(suffix, object_bytes, journal_form, known_sections, name);
    auto parsed = std::make_shared<JournalTail>();
    parsed->properties_ = decode_properties(tail.require(SectionKind::properties, name), name);
    parsed->object_bytes_ = object_bytes;
    read_blocks(*parsed, tail, name);
    if (std::optional<BytesView> table = tail.find(SectionKind::id_table)) {
      check_id_table(*table, parsed->entries_, name);
      parsed->has_id_table_ = true;
      parsed->id_table_ = *table;
    }
    return parsed;
  }

 private:
  static void read_blocks(JournalTail& parsed, const Tail& tail, std::string_view name) {
    BytesView lines = tail.require(SectionKind::block_index, name);
    if (lines.empty() || lines.size() % sizeof(BlockRecord) != 0) {
      throw_corrupt(name, "the block index has a wrong size");
    }
    std::size_t count = lines.size() / sizeof(BlockRecord);
    parsed.blocks_.reserve(count);
    parsed.first_row_.reserve(count);
    std::uint64_t offset = journal_header_bytes;
    Timestamp last = timestamp_min;
    for (std::size_t i = 0; i < count; ++i) {
      BlockInfo info = decode_block_record(lines.data() + i * sizeof(BlockRecord), name);
      if (info.offset != offset || info.first < last) {
        throw_corrupt(name, "the block index is out of order");
      }
      parsed.first_row_.push_back(parsed.entries_);
      parsed.entries_ += info.count;
      offset += info.stored_bytes;
      last = info.last;
      parsed.blocks_.push_back(info);
    }
    if (offset != tail.footer.tail_offset || parsed.entries_ != tail.footer.entries) {
      throw_corrupt(name, "the block index does not fit the footer");
    }
  }

  static void check_id_table(BytesView table, std::uint64_t entries, std::string_view name) {
    if (table.size() % (hash_bytes + row_bytes) != 0 ||
        table.size() / (hash_bytes + row_bytes) != entries) {
      throw_corrupt(name, "the id table has a wrong size");
    }
    const char* rows = table.data() + entries * hash_bytes;
    std::uint64_t hash = 0;
    std::uint32_t row = 0;
    bool right = true;
    for (std::size_t i = 0; i < entries; ++i) {
      auto next_hash = load<std::uint64_t>(table.data() + i * hash_bytes);
      auto next_row = load<std::uint32_t>(rows + i * row_bytes);
      right &= next_row < entries;
      right &= i == 0 || hash < next_hash || (hash == next_hash && row < next_row);
      hash = next_hash;
      row = next_row;
    }
    if (!right) throw_corrupt(name, "the id table is out of order");
  }
};

std::vector<std::uint64_t> JournalTail::rows_of(std::string_view id) const {
  std::vector<std::uint64_t> found;
  if (!has_id_table_) return found;
  const std::uint64_t hash = xxh3(id);
  std::size_t first = 0;
  for (std::size_t count = entries_; count > 0;) {
    std::size_t half = count / 2;
    if (load<std::uint64_t>(id_table_.data() + (first + half) * hash_bytes) < hash) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  const char* rows = id_table_.data() + entries_ * hash_bytes;
  for (std::size_t i = first; i < entries_; ++i) {
    if (load<std::uint64_t>(id_table_.data() + i * hash_bytes) != hash) break;
    found.push_back(load<std::uint32_t>(rows + i * row_bytes));
  }
  return found;
}

JournalTail::Place JournalTail::place(std::uint64_t row) const {
  auto after = std::upper_bound(first_row_.begin(), first_row_.end(), row);
  auto block = static_cast<std::size_t>(after - first_row_.begin()) - 1;
  return {block, static_cast<std::size_t>(row - first_row_[block])};
}

std::shared_ptr<const JournalTail> JournalTail::without_id_table() const {
  auto tail = std::make_shared<JournalTail>();
  tail->properties_ = properties_;
  tail->blocks_ = blocks_;
  tail->first_row_ = first_row_;
  tail->entries_ = entries_;
  tail->object_bytes_ = object_bytes_;
  return tail;
}

std::size_t JournalTail::memory_bytes() const {
  return sizeof(*this) + blocks_.capacity() * sizeof(BlockInfo) +
         first_row_.capacity() * sizeof(std::uint64_t) + id_table_.capacity();
}

std::uint64_t journal_tail_bytes(BytesView suffix, std::uint64_t object_bytes,
                                 std::string_view name) {
  return object_bytes - read_footer(suffix, object_bytes, journal_form, name).tail_offset;
}

std::shared_ptr<const JournalTail> parse_journal_tail(BytesView suffix, std::uint64_t object_bytes,
                                                      std::string_view name) {
  return JournalTailParser::parse(suffix, object_bytes, name);
}

void check_journal_header(BytesView start, std::string_view name) {
  check_object_header(start, journal_form, name);
}

Bytes encode_single(const JournalProperties& properties, const EntryView& entry) {
  if (properties.origin != JournalOrigin::single || entry.entry_class != EntryClass::single) {
    throw InvalidArgument("a journal of a single operation has the origin and class single");
  }
  JournalBuilder builder(properties, false);
  builder.add(encode_block({&entry, 1}, {.codec = Codec::none}));
  return builder.finish();
}

SingleJournal decode_single(BytesView object, std::string_view name) {
  auto tail = parse_journal_tail(object, object.size(), name);
  if (tail->properties().origin != JournalOrigin::single || tail->entries() != 1) {
    throw_corrupt(name, "is not the journal of a single operation");
  }
  const BlockInfo& info = tail->blocks().front();
  auto block = decode_block(object.substr(info.offset, info.stored_bytes), info, name);
  if (block->entry_class(0) != EntryClass::single) {
    throw_corrupt(name, "is not the entry of a single operation");
  }
  return {tail->properties(), Entry(block->entry(0))};
}

}  // namespace flashflood::format
