// How much of its journals a replay reads before it comes to them: as little as keeps it from
// waiting, and never more than it may.
//
// The room grows while what was read ahead comes too late: on a disk two windows are enough, on a
// store that is far away as many requests are under way as the memory allows. Whoever needs only
// the first events reads little more than these.
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
  // How much is read at once, at the most; the room begins with two of them.
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
  // Room for so many bytes, or nothing when there is not so much left.
  std::optional<Room> reserve(std::size_t bytes);
  // The same for what cannot be done without: it may exceed what there is.
  Room take(std::size_t bytes);

  // Somebody waits for bytes that were read ahead.
  void came_too_late();

 private:
  const std::size_t bytes_max_;
  const std::shared_ptr<State> state_ =
      std::make_shared<State>();  // lives as long as what is taken
};

}  // namespace flashflood::engine
