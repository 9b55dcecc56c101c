// A file or standard input, decompressed on the way when it is gzip or Zstandard.
//
// What a file is shows in its first bytes, not in its name. Concatenated gzip members and Zstandard
// frames read as one.
//
// Errors: Failure, which names the file, when it cannot be read, is damaged or ends too early.
//
// Threads: one thread at a time; consumed() may be called from others. Lifetime: closes what it
// opened.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flashflood::cli {

class Input {
 public:
  enum class Decode { never, detect };

  // `name`: a path, or "-" for standard input.
  explicit Input(std::string name, Decode decode = Decode::detect);
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
  std::uint64_t consumed() const { return consumed_.load(std::memory_order_relaxed); }
  // Size of the file, when it is an ordinary one.
  std::optional<std::uint64_t> size() const { return size_; }

 private:
  class Decoder;
  class GzipDecoder;
  class ZstdDecoder;

  // Reads more raw bytes behind those that are left; false at the end.
  bool fill();
  void detect();

  std::string name_;
  int fd_ = -1;
  bool owned_ = false;
  bool ended_ = false;  // no more raw bytes
  bool detected_ = false;
  std::optional<std::uint64_t> size_{};
  std::vector<char> raw_;
  std::size_t raw_begin_ = 0;
  std::size_t raw_end_ = 0;
  std::atomic<std::uint64_t> consumed_{0};
  std::unique_ptr<Decoder> decoder_;  // none: the bytes are taken as they are
};

// All of a file or of standard input. Throws Failure when it is longer than `bytes_max`.
std::string read_all(const std::string& name, std::size_t bytes_max);

// Standard input as it is: never decompressed.
std::string read_raw_input(std::size_t bytes_max);

}  // namespace flashflood::cli
