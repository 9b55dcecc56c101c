// Columns of a record batch while it is filled from events: each text is copied once.
//
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include "flashflood/arrow.h"
#include "flashflood/event.h"

namespace flashflood::arrow_export {

// Bytes that grow, aligned as Arrow recommends.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept = delete;
  ~Buffer() = default;

  const char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  // Room for `size` bytes in all.
  void reserve(std::size_t size);
  // Makes it larger by `count` bytes, which are not set, and gives their place.
  char* extend(std::size_t count);
  // Makes it smaller.
  void truncate(std::size_t size) { size_ = size; }
  // Gives back memory where much of it is not used.
  void trim();

 private:
  static constexpr std::align_val_t alignment{64};
  struct Delete {
    void operator()(char* bytes) const { ::operator delete(bytes, alignment); }
  };
  void move_to(std::size_t capacity);

  std::unique_ptr<char, Delete> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// The texts of a column, back to back, and where each begins and ends.
struct TextColumn {
  Buffer offsets;
  Buffer bytes;

  void append(std::span<const EventView> events, std::string_view EventView::*field);
  std::string_view text(std::size_t row) const;
  // The first row from `row` on whose text is not UTF-8; `rows`, how many there are, if all are.
  std::size_t find_not_utf8(std::size_t row, std::size_t rows) const;
  void truncate(std::size_t rows);
};

// A batch that is filled and given out, then the next one: memory is taken for as much as the one
// before had. At most 1 GiB of texts, or one event, goes into one.
class Batch {
 public:
  std::size_t rows() const { return rows_; }
  // Of ids and data.
  std::size_t bytes() const { return ids_.bytes.size() + data_.bytes.size(); }

  // Throws InvalidArgument for an event whose data should be a string and is not UTF-8, CorruptData
  // for an id that is not or a revision beyond all; the events before it are appended.
  void append(std::span<const EventView> events, ArrowOptions::Data data);

  // Moves the batch into `out`, a struct of the columns, and begins the next one.
  void give(ArrowArray* out);

 private:
  void begin();
  void check(std::span<const EventView> events, std::uint64_t all_revisions,
             ArrowOptions::Data data);
  void truncate(std::size_t rows);

  Buffer dates_;
  Buffer revisions_;
  TextColumn ids_;
  TextColumn data_;
  std::size_t rows_ = 0;
  struct {
    std::size_t rows = 0;
    std::size_t id_bytes = 0;
    std::size_t data_bytes = 0;
  } before_;
};

}  // namespace flashflood::arrow_export
