#include "arrow/columns.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "arrow/schema.h"
#include "base/bytes.h"
#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood::arrow_export {
namespace {

using Offset = std::int32_t;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

Offset offset(const TextColumn& column, std::size_t row) {
  return load<Offset>(column.offsets.data() + sizeof(Offset) * row);
}

// What a column's structure refers to.
struct ColumnMemory {
  Buffer first;   // values or offsets
  Buffer second;  // bytes of texts
  std::array<const void*, 3> buffers{};
};

struct Children {
  std::array<ArrowArray, column_count> arrays{};
  std::array<ArrowArray*, column_count> pointers{};
  const void* no_validity = nullptr;
};

void release_column(ArrowArray* array) {
  delete static_cast<ColumnMemory*>(array->private_data);
  array->release = nullptr;
}

void release_whole(ArrowArray* array) {
  std::unique_ptr<Children> children(static_cast<Children*>(array->private_data));
  for (ArrowArray& child : children->arrays)
    if (child.release != nullptr) child.release(&child);
  array->release = nullptr;
}

ArrowArray column(std::size_t rows, std::int64_t buffer_count,
                  std::unique_ptr<ColumnMemory> memory) {
  // There are no nulls, so there is no bitmap of them.
  memory->buffers = {nullptr, memory->first.data(), memory->second.data()};
  ArrowArray array{};
  array.length = static_cast<std::int64_t>(rows);
  array.n_buffers = buffer_count;
  array.buffers = memory->buffers.data();
  array.release = release_column;
  array.private_data = memory.release();
  return array;
}

std::unique_ptr<ColumnMemory> memory_of(Buffer first, Buffer second = {}) {
  first.trim();
  second.trim();
  return std::make_unique<ColumnMemory>(ColumnMemory{std::move(first), std::move(second), {}});
}

bool is_revision(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

void Buffer::move_to(std::size_t capacity) {
  auto* place = static_cast<char*>(::operator new(capacity, alignment));
  std::unique_ptr<char, Delete> bytes(place);
  if (size_ > 0) std::memcpy(place, bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

void Buffer::reserve(std::size_t size) {
  if (size > capacity_) move_to(size);
}

char* Buffer::extend(std::size_t count) {
  if (count > capacity_ - size_) move_to(std::max(size_ + count, 2 * capacity_));
  return bytes_.get() + std::exchange(size_, size_ + count);
}

void Buffer::trim() {
  constexpr std::size_t worth_copying = 4096;
  if (capacity_ > 2 * size_ + worth_copying) move_to(std::max<std::size_t>(size_, 1));
}

void TextColumn::append(std::span<const EventView> events, std::string_view EventView::*field) {
  if (offsets.size() == 0) store(offsets.extend(sizeof(Offset)), Offset{0});
  auto end = static_cast<Offset>(bytes.size());
  char* ends = offsets.extend(sizeof(Offset) * events.size());
  // Most texts lie back to back already: what does is copied at once.
  std::string_view run;
  const auto copy_run = [&] {
    if (!run.empty()) std::memcpy(bytes.extend(run.size()), run.data(), run.size());
  };
  for (const EventView& event : events) {
    const std::string_view text = event.*field;
    if (text.data() == run.data() + run.size()) {
      run = {run.data(), run.size() + text.size()};
    } else {
      copy_run();
      run = text;
    }
    end += static_cast<Offset>(text.size());
    store(ends, end);
    ends += sizeof(Offset);
  }
  copy_run();
}

std::string_view TextColumn::text(std::size_t row) const {
  const auto begin = static_cast<std::size_t>(offset(*this, row));
  return {bytes.data() + begin, static_cast<std::size_t>(offset(*this, row + 1)) - begin};
}

std::size_t TextColumn::find_not_utf8(std::size_t row, std::size_t rows) const {
  // Texts are valid when they are it as one and none begins inside of a character.
  const auto begin = static_cast<std::size_t>(offset(*this, row));
  bool valid = simdjson::validate_utf8(bytes.data() + begin, bytes.size() - begin);
  for (std::size_t i = row; i < rows && valid; ++i) {
    const std::string_view text = this->text(i);
    valid = text.empty() || !continues(text.front());
  }
  if (valid) return rows;
  while (row < rows && is_valid_utf8(text(row))) ++row;
  return row;
}

void TextColumn::truncate(std::size_t rows) {
  bytes.truncate(static_cast<std::size_t>(offset(*this, rows)));
  offsets.truncate(sizeof(Offset) * (rows + 1));
}

void Batch::begin() {
  dates_.reserve(sizeof(std::int64_t) * before_.rows);
  revisions_.reserve(sizeof(std::int64_t) * before_.rows);
  ids_.offsets.reserve(sizeof(Offset) * (before_.rows + 1));
  ids_.bytes.reserve(before_.id_bytes + 1);  // not even a column of empty texts lacks its buffer
  data_.offsets.reserve(sizeof(Offset) * (before_.rows + 1));
  data_.bytes.reserve(before_.data_bytes + 1);
}

void Batch::append(std::span<const EventView> events, ArrowOptions::Data data) {
  if (rows_ == 0) begin();
  char* dates = dates_.extend(sizeof(std::int64_t) * events.size());
  char* revisions = revisions_.extend(sizeof(std::int64_t) * events.size());
  std::uint64_t all_revisions = 0;
  for (const EventView& event : events) {
    store(dates, static_cast<std::int64_t>(event.date.time_since_epoch().count()));
    store(revisions, event.revision);
    all_revisions |= event.revision;
    dates += sizeof(std::int64_t);
    revisions += sizeof(std::int64_t);
  }
  ids_.append(events, &EventView::id);
  data_.append(events, &EventView::data);
  rows_ += events.size();
  check(events, all_revisions, data);
}

void Batch::check(std::span<const EventView> events, std::uint64_t all_revisions,
                  ArrowOptions::Data data) {
  const std::size_t first = rows_ - events.size();
  const std::size_t bad_id = ids_.find_not_utf8(first, rows_);
  const std::size_t bad_data =
      data == ArrowOptions::Data::string ? data_.find_not_utf8(first, rows_) : rows_;
  std::size_t bad_revision = rows_;
  if (!is_revision(all_revisions))
    for (std::size_t i = rows_; i-- > first;)
      if (!is_revision(events[i - first].revision)) bad_revision = i;
  const std::size_t bad = std::min({bad_id, bad_data, bad_revision});
  if (bad == rows_) return;
  truncate(bad);
  const std::string id = quote(events[bad - first].id);
  if (bad == bad_id) throw CorruptData(fmt::format("the id {} is not valid UTF-8", id));
  if (bad == bad_revision)
    throw CorruptData(fmt::format("event {} has a revision that no event can have", id));
  throw InvalidArgument(
      fmt::format("the data of event {} is not valid UTF-8, so it cannot be a string: ask for data "
                  "as binary",
                  id));
}

void Batch::truncate(std::size_t rows) {
  dates_.truncate(sizeof(std::int64_t) * rows);
  revisions_.truncate(sizeof(std::int64_t) * rows);
  ids_.truncate(rows);
  data_.truncate(rows);
  rows_ = rows;
}

void Batch::give(ArrowArray* out) {
  before_ = {rows_, ids_.bytes.size(), data_.bytes.size()};
  auto children = std::make_unique<Children>();
  auto ids = memory_of(std::move(ids_.offsets), std::move(ids_.bytes));
  auto dates = memory_of(std::move(dates_));
  auto revisions = memory_of(std::move(revisions_));
  auto data = memory_of(std::move(data_.offsets), std::move(data_.bytes));
  children->arrays = {column(rows_, 3, std::move(ids)), column(rows_, 2, std::move(dates)),
                      column(rows_, 2, std::move(revisions)), column(rows_, 3, std::move(data))};
  for (std::size_t i = 0; i < column_count; ++i) children->pointers[i] = &children->arrays[i];
  *out = ArrowArray{};
  out->length = static_cast<std::int64_t>(std::exchange(rows_, 0));
  out->n_buffers = 1;
  out->n_children = column_count;
  out->buffers = &children->no_validity;
  out->children = children->pointers.data();
  out->release = release_whole;
  out->private_data = children.release();
}

}  // namespace flashflood::arrow_export
