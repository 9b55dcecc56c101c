// Envelopes: a whole small object behind one header, compressed where that is smaller, and numbered
// sections in it. Catalogs and their pages are of this form.
//
// The header keeps its size, magic, version and the place of its checksum in all versions.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace flashflood::format {

inline constexpr std::size_t envelope_header_bytes = 56;
// A decompressed payload is never larger than this, nor than envelope_ratio_max times what is
// stored and envelope_slack: a small object cannot claim much memory.
inline constexpr std::uint64_t envelope_raw_bytes_max = std::uint64_t{1} << 30;
inline constexpr std::uint64_t envelope_ratio_max = 256;
inline constexpr std::uint64_t envelope_slack = std::uint64_t{64} << 10;

// Payloads below this are stored as they are: they cost one request in either case, and can be read
// with any hex viewer.
inline constexpr std::size_t envelope_plain_below = 4096;

struct EnvelopeForm {
  std::string_view magic;  // 8 bytes
  std::uint16_t version;
  std::string_view what;  // for messages
};

// Throws InvalidArgument when the payload is too large.
Bytes seal_envelope(BytesView payload, const EnvelopeForm& form);
// The payload. Throws CorruptData and UnsupportedFormat.
Bytes open_envelope(BytesView object, const EnvelopeForm& form, std::string_view name);

// A section in a payload: kind, flags, size, bytes; in ascending order of kind. Programs that do
// not know an optional one pass over it.
enum class SectionUse { required, optional };
void append_section(Bytes& payload, std::uint16_t kind, BytesView bytes,
                    SectionUse use = SectionUse::required);

struct PayloadSection {
  std::uint16_t kind;
  BytesView bytes;
};
// Sections whose kind is not in `known` are left out when they are optional, and UnsupportedFormat
// when not.
std::vector<PayloadSection> read_sections(BytesView payload, std::span<const std::uint16_t> known,
                                          std::string_view name);

}  // namespace flashflood::format
