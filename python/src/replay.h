// Replays for Python: iterators of light events.
//
// Threads: with the GIL held; it is released while the library works. Several Python threads may
// read one replay: each event goes to one of them.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stop_token>

#include "bindings.h"
#include "waiting.h"

namespace flashflood::python {

class ReplayHandle {
 public:
  // `credentials` is what keeps the function that gives them (s3.h).
  ReplayHandle(Replay replay, bool follows, nb::object credentials)
      : follows_(follows),
        credentials_(std::move(credentials)),
        replay_("replay", std::move(replay)) {
    progress_ = replay_.get()->progress();  // how much there is to read
  }
  ~ReplayHandle();
  ReplayHandle(const ReplayHandle&) = delete;
  ReplayHandle& operator=(const ReplayHandle&) = delete;

  // The next event; nothing at the end. Throws what the library throws, again and again when the
  // replay has failed; Interrupted when it is closed.
  const EventView* next() {
    if (position_ == end_ && !advance()) return nullptr;
    return position_++;
  }
  // Keeps the event that next() gave last. Borrowed.
  PyObject* keeper() const { return keeper_; }

  // Whether next() gives an event without waiting; reads until it does, false at the end.
  bool has_next() const { return position_ != end_; }
  bool read_ahead() { return has_next() || advance(); }

  // What is left of the batch that is being read, or the next one; empty at the end.
  EventBatch next_batch();

  bool follows() const { return follows_; }
  const ReplayProgress& progress() const { return progress_; }
  const RequestReport& requests() const { return requests_; }
  // Ends what the replay has under way, which gets Interrupted.
  const std::stop_source& stop() const { return stop_; }
  // Ends the replay, also for a thread that waits for it: whoever reads on gets Interrupted. Events
  // stay valid.
  void close();
  // The same without waiting for the thread that reads.
  void stop_reading();
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  void check_open() const;
  bool advance();
  bool read(std::uint64_t before);
  void take(EventBatch batch);

  const bool follows_;
  const nb::object credentials_;
  std::stop_source stop_;
  const StoppedAtExit stopped_at_exit_{stop_};
  // Guards replay_; never waited for with the GIL held.
  std::mutex reading_;
  Held<Replay> replay_;         // nothing when it is over
  std::exception_ptr failure_;  // what it failed with; guarded by reading_ too
  // These are changed with the lock and the GIL held, and read with one of them.
  std::uint64_t batches_ = 0;
  ReplayProgress progress_;
  RequestReport requests_;
  // These are the GIL's.
  bool is_closed_ = false;
  EventBatch batch_;
  PyObject* keeper_ = nullptr;
  const EventView* position_ = nullptr;
  const EventView* end_ = nullptr;
};

}  // namespace flashflood::python
