// Where the tokens of a JSON text begin: the vectorised first stage of simdjson.
//
// Threads: one at a time. Lifetime: the positions are valid until the next find().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace flashflood::query {

// A text, and where its tokens begin: brackets, braces, commas and colons outside strings, the
// opening quote of every string, the first byte of every other run of characters.
struct Tokens {
  const char* text = nullptr;  // what the positions count from
  const std::uint32_t* begin = nullptr;
  // The position here is the end of the text, or that of the token that follows; the byte there can
  // be read unless the last token is a closing bracket or brace.
  const std::uint32_t* end = nullptr;
  bool has_escapes = true;  // false: there is no backslash

  std::size_t count() const { return static_cast<std::size_t>(end - begin); }
};

class StructureFinder {
 public:
  // Blanks that follow a text make it safe to read whatever it ends with: see Reader.
  static constexpr std::size_t padding = 64;
  // Behind the positions found, so many more can be read: each is the size of the text.
  static constexpr std::size_t positions_padding = 128;
  // simdjson counts positions with 32 bits.
  static constexpr std::size_t text_bytes_max = 0xFFFF'FF00;

  StructureFinder();
  ~StructureFinder();
  StructureFinder(const StructureFinder&) = delete;
  StructureFinder& operator=(const StructureFinder&) = delete;

  // Finds the tokens. Checks that the text is UTF-8, that strings are closed and hold no control
  // characters, and that there is a token at all. Reads nothing behind the text. Returns null, or
  // the reason why not. Throws std::bad_alloc.
  const char* find(const char* text, std::size_t size);

  // Of the last find() that found nothing wrong.
  const Tokens& tokens() const { return tokens_; }
  // Frees the memory for big texts.
  void release();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::size_t capacity_ = 0;
  Tokens tokens_;
};

}  // namespace flashflood::query
