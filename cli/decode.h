// Bytes that come in pieces, and what turns them into others: decompressors, and from UTF-16 to
// UTF-8.
//
// Errors: Failure with the reason alone.
//
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "content.h"

namespace flashflood::cli {

// Where bytes come from, with a look ahead.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads at least one byte; 0 only at the end, or when reading_stopped() (interrupt.h).
  std::size_t read(char* out, std::size_t size);
  // What comes next, at least `least` bytes; fewer only at the end, or when reading_stopped(). At
  // most 64 KiB may be asked for. Valid until the next call.
  std::string_view peek(std::size_t least);
  // Passes over the first bytes of what peek() has shown.
  void consume(std::size_t size) { begin_ += size; }
  // Whether bytes have been read that nobody has taken.
  bool has_buffered() const { return begin_ != end_; }

 protected:
  // As read().
  virtual std::size_t fetch(char* out, std::size_t size) = 0;

 private:
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// What `raw` holds, which must outlive this: compressed data, or UTF-16.
std::unique_ptr<ByteSource> make_decoder(Content::Kind kind, ByteSource& raw);

// What begins there. Waits for as many bytes as that takes.
Content look_at_content(ByteSource& source);

}  // namespace flashflood::cli
