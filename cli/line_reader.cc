#include "line_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "failure.h"
#include "interrupt.h"
#include "text.h"

namespace flashflood::cli {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

// Position behind the last line break of the text; 0 when there is none.
std::size_t end_of_lines(std::string_view text) {
  if (text.empty()) return 0;
  const auto* const last = static_cast<const char*>(memrchr(text.data(), '\n', text.size()));
  return last == nullptr ? 0 : static_cast<std::size_t>(last - text.data()) + 1;
}

}  // namespace

void Chunk::clear() {
  first_of_file = false;
  last_of_file = false;
  place = JsonPlace::outside;
  too_long = false;
  size = 0;
  lines.clear();
  texts.clear();
  lines_total = 0;
}

LineReader::LineReader(std::vector<std::string> files, Shape shape, std::size_t line_bytes_max,
                       std::size_t workers, Work work)
    : files_(std::move(files)),
      shape_(shape),
      line_bytes_max_(line_bytes_max),
      slots_max_(2 * workers + 2),
      work_(std::move(work)) {
  threads_.emplace_back([this] { read_files(); });
  for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this, i] { run_worker(i); });
}

LineReader::~LineReader() {
  bool unfinished = false;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    unfinished = !read_all_;
  }
  if (unfinished) stop_reading();
  changed_room_.notify_all();
  changed_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<Chunk> LineReader::next() {
  std::shared_ptr<Slot> slot;
  {
    std::unique_lock lock(mutex_);
    changed_ready_.wait(lock,
                        [&] { return ordered_.empty() ? read_all_ : ordered_.front()->ready; });
    if (ordered_.empty()) return nullptr;
    slot = std::move(ordered_.front());
    ordered_.pop_front();
  }
  changed_room_.notify_one();
  if (slot->error) std::rethrow_exception(slot->error);
  return std::move(slot->chunk);
}

void LineReader::recycle(std::unique_ptr<Chunk> chunk) {
  // Room that one long line needed is not kept.
  if (chunk->bytes.size() > 4 * chunk_bytes) return;
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(chunk));
}

std::unique_ptr<Chunk> LineReader::new_chunk() {
  std::unique_ptr<Chunk> chunk;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      chunk = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (!chunk) chunk = std::make_unique<Chunk>();
  chunk->clear();
  return chunk;
}

bool LineReader::emit(std::unique_ptr<Chunk> chunk, std::exception_ptr error) {
  auto slot = std::make_shared<Slot>();
  slot->chunk = std::move(chunk);
  slot->error = error;
  slot->ready = error != nullptr;
  {
    std::unique_lock lock(mutex_);
    changed_room_.wait(lock, [&] { return stop_ || ordered_.size() < slots_max_; });
    if (stop_) return false;
    ordered_.push_back(slot);
    if (!error) todo_.push_back(slot);
  }
  if (error) {
    changed_ready_.notify_one();
  } else {
    changed_work_.notify_one();
  }
  return true;
}

void LineReader::read_files() {
  try {
    for (std::size_t i = 0; i < files_.size() && !reading_stopped(); ++i) read_file(i);
  } catch (...) {
    emit(nullptr, std::current_exception());
  }
  {
    const std::lock_guard lock(mutex_);
    read_all_ = true;
  }
  changed_ready_.notify_all();
  changed_work_.notify_all();
}

// Position behind the last line or document that ends in the chunk, of which the first `seen` bytes
// were looked at before; nothing when no other one ends.
std::optional<std::size_t> LineReader::end_of_documents(const Chunk& chunk, std::size_t seen) {
  const auto behind = [](std::size_t begin, std::size_t end) {
    return end == 0 ? std::nullopt : std::optional(begin + end);
  };
  if (shape_ == Shape::lines) return behind(seen, end_of_lines(chunk.text().substr(seen)));
  if (shape_ == Shape::json) {
    const auto end = scanner_.scan(chunk.text().substr(seen));
    return end ? std::optional(seen + *end) : std::nullopt;
  }
  // The blank line may have begun before.
  const std::size_t begin = seen - std::min<std::size_t>(seen, 2);
  return behind(begin, end_of_sse_events(chunk.text().substr(begin)));
}

void LineReader::read_file(std::size_t index) {
  Input input(files_[index]);
  scanner_ = {};
  JsonPlace place = JsonPlace::outside;
  std::uint64_t counted = 0;
  bool first = true;
  bool more = true;
  carry_.clear();
  while (more) {
    auto chunk = new_chunk();
    chunk->file = index;
    chunk->first_of_file = first;
    chunk->place = place;
    if (chunk->bytes.size() < carry_.size() + chunk_bytes) {
      chunk->bytes.resize(carry_.size() + chunk_bytes);
    }
    std::copy(carry_.begin(), carry_.end(), chunk->bytes.begin());
    chunk->size = carry_.size();
    carry_.clear();
    // Behind a line that was too long more lines may have been read. Of JSON the scanner has seen
    // it.
    std::size_t lines_end = shape_ == Shape::json ? 0 : end_of_documents(*chunk, 0).value_or(0);
    while (true) {
      if (chunk->size == chunk->bytes.size()) {
        // One line that is longer than the room so far. (A carriage return may follow the data.)
        if (chunk->size > line_bytes_max_ + 1) {
          if (shape_ != Shape::lines) {
            throw Failure(fmt::format("{}: a document is longer than {}", input.name(),
                                      human_bytes(line_bytes_max_)));
          }
          skip_line(input, *chunk);
          break;
        }
        chunk->bytes.resize(std::min(chunk->size * 2, line_bytes_max_ + 2));
      }
      std::size_t got = 0;
      try {
        got = input.read(chunk->bytes.data() + chunk->size, chunk->bytes.size() - chunk->size);
      } catch (...) {
        // The lines before what cannot be read are good.
        chunk->size = lines_end;
        if (lines_end != 0) emit(std::move(chunk));
        throw;
      }
      const std::size_t seen = chunk->size;
      chunk->size += got;
      if (const auto end = end_of_documents(*chunk, seen)) lines_end = *end;
      if (got == 0) {
        more = false;
        // A line whose end was not seen is not recorded half.
        if (reading_stopped()) chunk->size = lines_end;
        break;
      }
      // Whoever writes slowly shall not wait until a chunk is full.
      if (lines_end != 0 && (chunk->size >= chunk_bytes || input.would_wait())) {
        carry_.assign(chunk->bytes.data() + lines_end, chunk->size - lines_end);
        chunk->size = lines_end;
        place = scanner_.place();
        break;
      }
    }
    consumed_.fetch_add(input.consumed() - counted, std::memory_order_relaxed);
    counted = input.consumed();
    // Whether an array was closed shows at the end.
    chunk->last_of_file = !more && !reading_stopped();
    const bool tells = shape_ == Shape::json && chunk->last_of_file;
    if (chunk->size == 0 && !chunk->too_long && !tells) continue;
    first = false;
    if (!emit(std::move(chunk))) return;
  }
}

// The rest of a line that is too long is read and dropped.
void LineReader::skip_line(Input& input, Chunk& chunk) {
  chunk.too_long = true;
  chunk.size = 0;
  while (const std::size_t got = input.read(chunk.bytes.data(), chunk.bytes.size())) {
    const auto* const end = static_cast<const char*>(std::memchr(chunk.bytes.data(), '\n', got));
    if (end == nullptr) continue;
    carry_.assign(end + 1, static_cast<std::size_t>(chunk.bytes.data() + got - (end + 1)));
    return;
  }
}

void LineReader::run_worker(std::size_t worker) {
  while (true) {
    std::shared_ptr<Slot> slot;
    {
      std::unique_lock lock(mutex_);
      changed_work_.wait(lock, [&] { return stop_ || !todo_.empty() || read_all_; });
      if (stop_ || todo_.empty()) return;
      slot = std::move(todo_.front());
      todo_.pop_front();
    }
    try {
      work_(*slot->chunk, worker);
    } catch (...) {
      slot->error = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      slot->ready = true;
    }
    changed_ready_.notify_one();
  }
}

}  // namespace flashflood::cli
