// The small JSON objects: flashflood.json, leases, marks of imports.
//
// Threads: plain values and pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/entry.h"

namespace flashflood::format {

inline constexpr int format_version = 1;

// What is fixed when a flood is created.
struct FloodSettings {
  std::string flood_id;                // 32 hex digits, random
  std::chrono::seconds grace{3600};    // how long a snapshot lives
  std::chrono::seconds patience{600};  // how long a single operation or a listing may last
  bool operator==(const FloodSettings&) const = default;
};
Bytes encode_settings(const FloodSettings& settings);
// Throws NotAFlood when it is something else, UnsupportedFormat when it is of a newer version,
// CorruptData when the checksum is wrong or a field is missing or out of range: 1 s <= patience <=
// grace <= ten years. encode_settings throws InvalidArgument for what it would refuse.
FloodSettings decode_settings(BytesView object, std::string_view name);

// A reader that needs the snapshot of a catalog for long.
struct Lease {
  std::uint64_t catalog = 0;
  std::chrono::seconds term{};  // from its date of creation on the store
  Token token{};
  // The store's clock when it was written, where the store is a folder: see StoreTime. The id is
  // printable ASCII without blanks, quotes and backslashes.
  std::string boot_id{};
  std::uint64_t boot_clock_ns = 0;
  bool operator==(const Lease&) const = default;
};
Bytes encode_lease(const Lease& lease);
// Throws CorruptData and UnsupportedFormat.
Lease decode_lease(BytesView object, std::string_view name);

// What import-original has recorded so far: hashes of the names of the original's journals.
struct ImportMark {
  static constexpr std::size_t journals_max = 1500;
  std::vector<IdHash> journals;
  bool operator==(const ImportMark&) const = default;
};
// Throws InvalidArgument for more than journals_max.
Bytes encode_import_mark(const ImportMark& mark);
// Throws CorruptData and UnsupportedFormat.
ImportMark decode_import_mark(BytesView object, std::string_view name);

}  // namespace flashflood::format
