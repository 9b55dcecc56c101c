#include "format/envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/hash.h"
#include "flashflood/error.h"
#include "format/compress.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr int zstd_level = 1;
constexpr std::uint16_t optional_flag = 1;

struct EnvelopeRecord {
  char magic[8];
  std::uint16_t version;
  std::uint8_t codec;
  std::uint8_t reserved;
  std::uint32_t reserved2;
  std::uint64_t raw_bytes;
  std::uint64_t stored_bytes;
  std::uint64_t stored_checksum;
  std::uint64_t raw_checksum;
  std::uint64_t checksum;  // of the bytes before it
};
static_assert(sizeof(EnvelopeRecord) == envelope_header_bytes);

struct SectionRecord {
  std::uint16_t kind;
  std::uint16_t flags;
  std::uint32_t reserved;
  std::uint64_t size;
};
static_assert(sizeof(SectionRecord) == 16);

std::uint64_t record_checksum(const EnvelopeRecord& record) {
  return xxh3(bytes_of(record).substr(0, offsetof(EnvelopeRecord, checksum)));
}

bool is_size_allowed(std::uint64_t raw_bytes, std::uint64_t stored_bytes) {
  return raw_bytes <= envelope_raw_bytes_max &&
         raw_bytes <= envelope_slack + envelope_ratio_max * stored_bytes;
}

}  // namespace

Bytes seal_envelope(BytesView payload, const EnvelopeForm& form) {
  if (payload.size() > envelope_raw_bytes_max) {
    throw InvalidArgument(fmt::format("a {} would be too large", form.what));
  }
  Codec codec = payload.size() < envelope_plain_below ? Codec::none : Codec::zstd;
  Buffer compressed = compress(payload, codec, zstd_level);
  bool plain = compressed.bytes == nullptr || !is_size_allowed(payload.size(), compressed.size);
  BytesView stored = plain ? payload : compressed.view();

  EnvelopeRecord record{};
  std::memcpy(record.magic, form.magic.data(), sizeof(record.magic));
  record.version = form.version;
  record.codec = static_cast<std::uint8_t>(plain ? Codec::none : codec);
  record.raw_bytes = payload.size();
  record.stored_bytes = stored.size();
  record.stored_checksum = xxh3(stored);
  record.raw_checksum = xxh3(payload);
  record.checksum = record_checksum(record);
  Bytes object;
  object.reserve(sizeof(record) + stored.size());
  object.append(bytes_of(record)).append(stored);
  return object;
}

Bytes open_envelope(BytesView object, const EnvelopeForm& form, std::string_view name) {
  if (object.size() < sizeof(EnvelopeRecord)) {
    throw_corrupt(name, fmt::format("is cut off: it has {} bytes", object.size()));
  }
  auto record = load_record<EnvelopeRecord>(object.data());
  BytesView stored = object.substr(sizeof(EnvelopeRecord));
  if (std::string_view(record.magic, sizeof(record.magic)) != form.magic) {
    throw_corrupt(name, fmt::format("does not begin like a FlashFlood {}", form.what));
  }
  if (record.checksum != record_checksum(record)) {
    throw_corrupt(name, "the checksum of the header is wrong");
  }
  check_version(record.version, form.version, name);
  if (record.codec > static_cast<std::uint8_t>(Codec::zstd)) {
    throw_unsupported(name, fmt::format("codec {}", record.codec));
  }
  auto codec = static_cast<Codec>(record.codec);
  if (record.reserved != 0 || record.reserved2 != 0 || record.stored_bytes != stored.size() ||
      !is_size_allowed(record.raw_bytes, record.stored_bytes) ||
      (codec == Codec::none && record.raw_bytes != record.stored_bytes)) {
    throw_corrupt(name, "the header contradicts itself or the size of the object");
  }
  if (xxh3(stored) != record.stored_checksum) throw_corrupt(name, "the checksum is wrong");
  Bytes payload;
  if (codec == Codec::none) {
    payload = stored;
  } else {
    payload.resize(record.raw_bytes);
    if (!decompress(stored, codec, payload.data(), payload.size())) {
      throw_corrupt(name, "cannot be decompressed");
    }
  }
  if (xxh3(payload) != record.raw_checksum) {
    throw_corrupt(name, "the checksum of the decompressed payload is wrong");
  }
  return payload;
}

void append_section(Bytes& payload, std::uint16_t kind, BytesView bytes, SectionUse use) {
  SectionRecord record{};
  record.kind = kind;
  record.flags = use == SectionUse::optional ? optional_flag : 0;
  record.size = bytes.size();
  payload.append(bytes_of(record)).append(bytes);
}

std::vector<PayloadSection> read_sections(BytesView payload, std::span<const std::uint16_t> known,
                                          std::string_view name) {
  std::vector<PayloadSection> sections;
  unsigned last_kind = 0;
  while (!payload.empty()) {
    if (payload.size() < sizeof(SectionRecord)) throw_corrupt(name, "a section is cut off");
    auto record = load_record<SectionRecord>(payload.data());
    payload.remove_prefix(sizeof(SectionRecord));
    if (record.size > payload.size()) throw_corrupt(name, "a section is cut off");
    if (record.kind <= last_kind || record.reserved != 0) {
      throw_corrupt(name, "the sections are out of order");
    }
    if ((record.flags & ~optional_flag) != 0) {
      throw_unsupported(name, fmt::format("section flags {:#x}", record.flags));
    }
    if (std::find(known.begin(), known.end(), record.kind) != known.end()) {
      sections.push_back({record.kind, payload.substr(0, record.size)});
    } else if ((record.flags & optional_flag) == 0) {
      throw_unsupported(name, fmt::format("section of kind {}", record.kind));
    }
    payload.remove_prefix(record.size);
    last_kind = record.kind;
  }
  return sections;
}

}  // namespace flashflood::format
