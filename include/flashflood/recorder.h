// Recorder: recording in bulk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "flashflood/event.h"

namespace flashflood {

struct RecorderOptions {
  // A pending journal is written when this many bytes of ids and data have gathered (64 KiB to 64
  // MiB), or as soon as none is under way.
  std::size_t batch_bytes = std::size_t{8} << 20;
  // Pending journals under way at once (1 to 64). put() waits while so many are; the recorder holds
  // at most about (in_flight + 2) * batch_bytes, and one event more.
  std::size_t in_flight = 4;
  // Write as soon as nothing is under way, so that a trickle of events is durable at once. Off:
  // always gather batch_bytes (or until flush), for the fewest requests.
  bool eager = true;
};

// Collects events and writes them as sorted pending journals, several under way at once. Recording
// is idempotent: an event whose id exists already is left as it was, whatever the recorder brings.
//
// What put() took is durable when the next flush() returns. The destructor drops what was not
// flushed: call flush(), and see its errors.
//
// Errors: after a failed write every later call throws the same error; what had been flushed before
// is durable, the rest may or may not be. Make a new recorder and send again what was not flushed.
//
// Threads: put() and flush() may be called from several threads. Lifetime: keeps its flood alive.
class Recorder {
 public:
  Recorder(Recorder&&) noexcept;
  Recorder& operator=(Recorder&&) noexcept;
  ~Recorder();

  // Takes an event. Without an id one is made, without a date it is dated now. Throws
  // InvalidArgument, and takes nothing, when id, date or data are out of bounds (event.h).
  void put(NewEvent event);
  // The same from borrowed bytes.
  void put(std::string_view id, Timestamp date, std::string_view data);

  // The same for callers that must not wait: takes nothing, and returns false, when put() would
  // wait for a write to end. Without an id or a date as above.
  [[nodiscard]] bool try_put(std::optional<std::string_view> id, std::optional<Timestamp> date,
                             std::string_view data);

  // Returns when everything taken before is durable, and in every later get and replay.
  void flush();

  struct Progress {
    std::uint64_t taken = 0;         // events taken by put
    std::uint64_t durable = 0;       // events durable so far
    std::uint64_t data_bytes = 0;    // of ids and data taken
    std::uint64_t journals = 0;      // written
    std::uint64_t stored_bytes = 0;  // of the journals written
  };
  Progress progress() const;

 private:
  friend class Flood;
  class Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace flashflood
