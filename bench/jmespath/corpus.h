// The events that contenders are asked about, in memory.
//
// Threads: plain values; not changed once they are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashflood::bench {

// Documents as a replay meets them: back to back in blocks of about 256 KiB.
struct DocumentBlock {
  std::string_view bytes;
  std::vector<std::uint32_t> ends;  // where each document ends in `bytes`
  std::vector<std::string_view> documents;
};

class Corpus {
 public:
  // Readable bytes behind the last document, which fast readers of JSON want.
  static constexpr std::size_t padding = 128;

  // `lines`: NDJSON, the last line with its end.
  Corpus(std::string name, std::string lines);
  Corpus(Corpus&&) = delete;

  const std::string& name() const { return name_; }
  // The same documents as lines, for those who read streams of them.
  std::string_view lines() const { return {lines_.data(), lines_bytes_}; }
  std::span<const DocumentBlock> blocks() const { return blocks_; }
  // Bytes from the start of a document on that may be read.
  std::size_t readable(std::string_view document) const {
    return static_cast<std::size_t>(packed_.data() + packed_.size() - document.data());
  }
  std::size_t events() const { return events_; }
  std::size_t bytes() const { return bytes_; }  // of all documents

 private:
  void fill_blocks();

  std::string name_;
  std::string lines_, packed_;
  std::size_t lines_bytes_ = 0;
  std::vector<DocumentBlock> blocks_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
};

// The first `events_max` lines of a file, decompressed where it is zstd.
std::string read_events(const std::string& path, std::size_t events_max);

// Orders of a shop, nested, about 400 bytes each: the same for the same count.
std::string make_orders(std::size_t events);

}  // namespace flashflood::bench
