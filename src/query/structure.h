// Where the tokens of a JSON text begin: the vectorised first stage of simdjson.
//
// Threads: one at a time. Lifetime: the positions are valid until the next find().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace flashflood::query {

class StructureFinder {
 public:
  // Readable bytes that must follow the text, all of them blanks.
  static constexpr std::size_t padding = 64;
  // simdjson counts positions with 32 bits.
  static constexpr std::size_t text_bytes_max = 0xFFFF'FF00;

  StructureFinder();
  ~StructureFinder();
  StructureFinder(const StructureFinder&) = delete;
  StructureFinder& operator=(const StructureFinder&) = delete;

  // Finds every bracket, brace, comma and colon outside strings, the opening quote of every string
  // and the first byte of every other run of characters. Checks that the text is UTF-8, that
  // strings are closed and hold no control characters, and that there is a token at all. Returns
  // null, or the reason why not. Throws std::bad_alloc.
  const char* find(const char* text, std::size_t size);

  std::size_t count() const { return count_; }
  // count() positions and, behind them, the size of the text.
  const std::uint32_t* positions() const { return positions_; }
  // Frees the memory for big texts.
  void release();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::size_t capacity_ = 0;
  std::size_t count_ = 0;
  const std::uint32_t* positions_ = nullptr;
};

}  // namespace flashflood::query
