// The codecs, on buffers whose sizes are known. One zstd context a thread is kept and used again.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "format/block.h"

namespace flashflood::format {

// Bytes that nobody has written to yet: std::string would set them to zero first.
struct Buffer {
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;

  static Buffer of(std::size_t size) {
    return {std::make_unique_for_overwrite<char[]>(size), size};
  }
  BytesView view() const { return {bytes.get(), size}; }
};

// The compressed bytes; nothing (bytes is null) when they would not be fewer than `raw`, and for
// Codec::none. Inputs have less than 2 GB.
Buffer compress(BytesView raw, Codec codec, int zstd_level);

// Decompresses to exactly `raw_bytes` at `raw`; false when `stored` does not hold just that. Never
// writes beyond. The codec is zstd or lz4.
[[nodiscard]] bool decompress(BytesView stored, Codec codec, char* raw, std::size_t raw_bytes);

}  // namespace flashflood::format
