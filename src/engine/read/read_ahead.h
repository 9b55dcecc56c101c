// How much of its journals a replay reads ahead: as little as keeps it from waiting, within the
// memory that it may use.
//
// The room grows whenever the replay has to wait for bytes that were read ahead. On a disk two
// windows are enough; with a distant store it grows until as many requests are in flight as the
// memory allows. A replay that needs only the first events reads little more than these.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace flashflood::engine {

class ReadAhead {
  struct State {
    std::mutex mutex;
    std::size_t room = 0;   // guarded by mutex
    std::size_t taken = 0;  // guarded by mutex
  };

 public:
  // The most bytes of one read; the room begins with two of these.
  static constexpr std::size_t window_bytes = std::size_t{8} << 20;

  explicit ReadAhead(std::size_t bytes_max);

  // Memory that is taken for as long as this lives.
  class Room {
   public:
    Room() = default;
    Room(Room&&) noexcept = default;
    Room& operator=(Room&& other) noexcept;
    ~Room() { give_back(); }

   private:
    friend class ReadAhead;
    Room(std::shared_ptr<State> state, std::size_t bytes)
        : state_(std::move(state)), bytes_(bytes) {}
    void give_back();
    std::shared_ptr<State> state_;
    std::size_t bytes_ = 0;
  };
  // Room for this many bytes, or nothing if there is less.
  std::optional<Room> reserve(std::size_t bytes);
  // The same for bytes that are needed in any case: it may exceed the room.
  Room take(std::size_t bytes);

  // To be called when the replay waits for bytes that were read ahead: the room grows.
  void came_too_late();

 private:
  const std::size_t bytes_max_;
  const std::shared_ptr<State> state_ =
      std::make_shared<State>();  // lives as long as what is taken
};

}  // namespace flashflood::engine
