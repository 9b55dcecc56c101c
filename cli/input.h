// A file or standard input, decompressed on the way when it is gzip, Zstandard, bzip2 or xz, and
// converted to UTF-8 when it is UTF-16.
//
// What a file is shows in its first bytes, not in its name. Concatenated members and frames read as
// one. What holds something else than text (an archive, Parquet, gzip in gzip) is refused by name.
//
// Errors: Failure, which names the file, when it cannot be read, is damaged or ends too early.
//
// Threads: one thread at a time; consumed() may be called from others. Lifetime: closes what it
// opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "decode.h"

namespace flashflood::cli {

class Input {
 public:
  enum class Decode { never, detect };

  // `name`: a path, or "-" for standard input.
  explicit Input(const std::string& name, Decode decode = Decode::detect);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // For messages: the path, or "standard input".
  const std::string& name() const { return name_; }

  // Reads at least one byte; 0 only at the end, or when reading_stopped() (interrupt.h).
  std::size_t read(char* out, std::size_t size);

  // Whether read() would wait for somebody to write.
  bool would_wait() const;

  // Bytes taken from the file, before decompression.
  std::uint64_t consumed() const;

 private:
  class File;
  void look();

  std::string name_;
  std::unique_ptr<File> file_;
  std::unique_ptr<ByteSource> decompressed_;  // none: it is not compressed
  std::unique_ptr<ByteSource> converted_;     // none: it is not UTF-16
  ByteSource* top_;                           // of these the one to read from
  bool looked_;                               // at what it holds
};

// All of a file or of standard input. Throws Failure when it is longer than `bytes_max`.
std::string read_all(const std::string& name, std::size_t bytes_max);

// Standard input as it is: never decompressed.
std::string read_raw_input(std::size_t bytes_max);

}  // namespace flashflood::cli
