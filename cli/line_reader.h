// Lines of many files, in chunks that workers look at side by side and that come back in order.
//
//   one thread reads and decompresses -> N workers call `work` -> next(), in the order of the files
//
// Threads: next() and recycle() belong to one thread; `work` is called on the workers, each of
// which has a number. Lifetime: the destructor ends reading and joins the threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "document_scanner.h"
#include "flashflood/event.h"
#include "input.h"

namespace flashflood::cli {

struct Chunk {
  // Filled by the reader. Whole lines (or documents: document_scanner.h) of one file; the last may
  // lack its line break.
  std::size_t file = 0;
  bool first_of_file = false;
  bool last_of_file = false;             // perhaps with no bytes
  JsonPlace place = JsonPlace::outside;  // of JSON: where it begins
  bool too_long = false;                 // stands for one line that is too long to be kept
  std::vector<char> bytes;
  std::size_t size = 0;

  std::string_view text() const { return {bytes.data(), size}; }

  // Filled by the workers.
  struct Line {
    std::uint64_t number = 0;  // from 1, within the chunk
    std::string_view data;
    std::size_t id_begin = 0;  // in `texts`
    std::size_t id_size = 0;
    std::optional<std::size_t> decoded_begin{};  // in `texts`: the data, instead of `data`
    std::size_t decoded_size = 0;
    Timestamp date{};
    std::string problem{};  // empty: a good line
  };
  std::vector<Line> lines;
  std::string texts;
  std::uint64_t lines_total = 0;

  std::string_view id_of(const Line& line) const {
    return std::string_view(texts).substr(line.id_begin, line.id_size);
  }
  std::string_view data_of(const Line& line) const {
    return line.decoded_begin
               ? std::string_view(texts).substr(*line.decoded_begin, line.decoded_size)
               : line.data;
  }

  void clear();
};

class LineReader {
 public:
  using Work = std::function<void(Chunk& chunk, std::size_t worker)>;

  // A line of more than `line_bytes_max` bytes (without its line break) is too long.
  LineReader(std::vector<std::string> files, Shape shape, std::size_t line_bytes_max,
             std::size_t workers, Work work);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next chunk; none at the end of the last file, or when reading_stopped(). Throws what
  // reading or `work` threw, after the chunks before it were given out.
  std::unique_ptr<Chunk> next();
  // Gives a chunk's memory back for another.
  void recycle(std::unique_ptr<Chunk> chunk);

  // Bytes taken from the files so far, before decompression.
  std::uint64_t consumed() const { return consumed_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::unique_ptr<Chunk> chunk;
    std::exception_ptr error;
    bool ready = false;
  };

  void read_files();
  void read_file(std::size_t index);
  std::optional<std::size_t> end_of_documents(const Chunk& chunk, std::size_t seen);
  void skip_line(Input& input, Chunk& chunk);
  void run_worker(std::size_t worker);
  // False when the reader shall stop.
  bool emit(std::unique_ptr<Chunk> chunk, std::exception_ptr error = {});
  std::unique_ptr<Chunk> new_chunk();

  const std::vector<std::string> files_;
  const Shape shape_;
  const std::size_t line_bytes_max_;
  const std::size_t slots_max_;
  const Work work_;
  std::atomic<std::uint64_t> consumed_{0};
  std::string carry_;    // the reader's: the beginning of a line that goes on
  JsonScanner scanner_;  // the reader's: has seen what it has read of the file

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_room_, changed_work_, changed_ready_;
  std::deque<std::shared_ptr<Slot>> ordered_;
  std::deque<std::shared_ptr<Slot>> todo_;
  std::vector<std::unique_ptr<Chunk>> spare_;
  bool read_all_ = false;
  bool stop_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace flashflood::cli
