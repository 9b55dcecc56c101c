#include "engine/read/read_ahead.h"

#include <algorithm>

namespace flashflood::engine {

ReadAhead::ReadAhead(std::size_t bytes_max) : bytes_max_(std::max(bytes_max, 2 * window_bytes)) {
  state_->room = 2 * window_bytes;
}

ReadAhead::Room& ReadAhead::Room::operator=(Room&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  state_ = std::move(other.state_);
  bytes_ = other.bytes_;
  return *this;
}

void ReadAhead::Room::give_back() {
  if (!state_) return;
  std::lock_guard lock(state_->mutex);
  state_->taken -= bytes_;
}

std::optional<ReadAhead::Room> ReadAhead::reserve(std::size_t bytes) {
  std::lock_guard lock(state_->mutex);
  if (state_->taken + bytes > state_->room) return std::nullopt;
  state_->taken += bytes;
  return Room(state_, bytes);
}

ReadAhead::Room ReadAhead::take(std::size_t bytes) {
  std::lock_guard lock(state_->mutex);
  state_->taken += bytes;
  return {state_, bytes};
}

void ReadAhead::came_too_late() {
  std::lock_guard lock(state_->mutex);
  state_->room = std::min(2 * state_->room, bytes_max_);
}

}  // namespace flashflood::engine
