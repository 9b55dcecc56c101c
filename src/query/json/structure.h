// Where the tokens of a JSON text begin, and what they are.
//
// Threads: one at a time. Lifetime: the positions are valid until the next find().
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "query/json/simd_level.h"
#include "query/json/structure_scan.h"

namespace flashflood::query {

// A text, and where its tokens begin: brackets, braces, commas and colons outside strings, the
// opening quote of every string, the first byte of every other run of characters.
struct Tokens {
  const char* text = nullptr;          // what the positions count from
  const char* readable_end = nullptr;  // up to here the text may be read, beyond its last token
  const std::uint32_t* begin = nullptr;
  // The position here is the end of the text, or that of the token that follows.
  const std::uint32_t* end = nullptr;
  // Of each token its first byte, or scalar_kind. The one behind the last may be read, too.
  const char* kinds = nullptr;
  bool has_escapes = true;  // false: there is no backslash

  std::size_t count() const { return static_cast<std::size_t>(end - begin); }
  // Those of a part of the text.
  Tokens part(std::size_t first, std::size_t last) const {
    Tokens tokens = *this;
    tokens.begin = begin + first;
    tokens.end = begin + last;
    tokens.kinds = kinds + first;
    return tokens;
  }
};

class StructureFinder {
 public:
  // Blanks that follow a text make it safe to read whatever it ends with: see Reader.
  static constexpr std::size_t padding = 64;
  // Positions have 32 bits.
  static constexpr std::size_t text_bytes_max = 0xFFFF'FF00;

  explicit StructureFinder(SimdLevel level = simd_levels().back());
  ~StructureFinder();
  StructureFinder(const StructureFinder&) = delete;
  StructureFinder& operator=(const StructureFinder&) = delete;

  // Finds the tokens. Checks that the text is UTF-8, that strings are closed and hold no control
  // characters, and that there is a token at all. Reads nothing behind the text. Returns null, or
  // the reason why not. Throws std::bad_alloc.
  const char* find(const char* text, std::size_t size);

  // The byte of a text at which the reason that find() gave for it shows: the quote that opens the
  // string that is not closed, the control character, the first byte that is not UTF-8. Reads the
  // text once more, byte by byte.
  static std::size_t position_of_fault(std::string_view text, std::string_view reason);

  // Of the last find() that found nothing wrong.
  const Tokens& tokens() const { return tokens_; }
  // How many of them begin before a position in the text, or at its end.
  std::size_t count_before(std::size_t position) const {
    const std::uint64_t before = (std::uint64_t{1} << position % 64) - 1;
    const std::uint64_t starts = found_.starts[position / 64] & before;
    return found_.ranks[position / 64] + static_cast<std::size_t>(std::popcount(starts));
  }
  // Frees the memory for big texts.
  void release();

 private:
  struct Memory;
  void grow(std::size_t size);
  ScanOutcome find_by_library(const char* text, std::size_t size);

  StructureScan scan_;  // null: simdjson looks for the tokens
  std::unique_ptr<Memory> memory_;
  std::size_t capacity_ = 0;  // bytes of text
  ScanTarget found_{};
  Tokens tokens_;
};

}  // namespace flashflood::query
