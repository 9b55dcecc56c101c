// Reading what is exported, as a consumer of the Arrow C interface does: by its rules alone.
//
// Threads: one thread at a time. Lifetime: each object releases what it holds.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "flashflood/arrow.h"
#include "flashflood/event.h"

namespace flashflood::arrow_export::testing {

// Takes over a schema, an array or a stream; moving the structure is copying it.
template <typename T>
class Held {
 public:
  Held() = default;
  explicit Held(T taken) : value_(taken) {}
  Held(Held&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  Held& operator=(Held&& other) noexcept {
    reset();
    value_ = std::exchange(other.value_, T{});
    return *this;
  }
  ~Held() { reset(); }
  void reset() {
    if (value_.release == nullptr) return;
    value_.release(&value_);
    EXPECT_EQ(value_.release, nullptr) << "a released structure says so";
  }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }
  bool released() const { return value_.release == nullptr; }

 private:
  T value_{};
};

using HeldSchema = Held<ArrowSchema>;
using HeldArray = Held<ArrowArray>;
using HeldStream = Held<ArrowArrayStream>;

template <typename T>
T value_at(const ArrowArray& column, std::int64_t row) {
  return static_cast<const T*>(column.buffers[1])[row];
}

inline std::string_view text_at(const ArrowArray& column, std::int64_t row) {
  const auto begin = value_at<std::int32_t>(column, row);
  const auto end = value_at<std::int32_t>(column, row + 1);
  return {static_cast<const char*>(column.buffers[2]) + begin,
          static_cast<std::size_t>(end - begin)};
}

inline std::vector<Event> events_of(const ArrowArray& batch) {
  std::vector<Event> events;
  for (std::int64_t row = 0; row < batch.length; ++row) {
    Event event;
    event.id = text_at(*batch.children[0], row);
    event.date =
        Timestamp{std::chrono::microseconds{value_at<std::int64_t>(*batch.children[1], row)}};
    event.revision = static_cast<std::uint64_t>(value_at<std::int64_t>(*batch.children[2], row));
    event.data = text_at(*batch.children[3], row);
    events.push_back(std::move(event));
  }
  return events;
}

inline bool same(const Event& a, const Event& b) {
  return a.id == b.id && a.date == b.date && a.revision == b.revision && a.data == b.data;
}

}  // namespace flashflood::arrow_export::testing
