// The manifest of a journal of the original FlashFlood: which events it holds, and where in its
// blob.
//
// Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "flashflood/event.h"

namespace flashflood::original {

// Larger ones are not read: the original would have had to hold them, and their data, at once.
inline constexpr std::size_t manifest_bytes_max = std::size_t{256} << 20;

struct ManifestRow {
  Timestamp date{};
  std::uint64_t offset = 0;  // in the blob
  std::uint64_t size = 0;
  std::size_t id_begin = 0;
  std::size_t id_bytes = 0;
  const char* fault = nullptr;  // why there is no event to be had from it
};

struct Manifest {
  std::vector<ManifestRow> rows;
  std::string ids;  // one after the other

  std::string_view id(const ManifestRow& row) const {
    return std::string_view(ids).substr(row.id_begin, row.id_bytes);
  }
  std::uint64_t data_bytes() const;  // where the last row ends
  std::size_t memory_bytes() const {
    return rows.capacity() * sizeof(ManifestRow) + ids.capacity();
  }
};

// Reads a manifest. A row that lies outside of a blob of `blob_bytes`, that overlaps the one before
// it, or whose id, date or size FlashFlood cannot hold, has a fault. Throws CorruptData, with the
// reason alone, when the whole is no manifest.
Manifest parse_manifest(BytesView json, std::uint64_t blob_bytes);

}  // namespace flashflood::original
