// Sealed journals that a merge has not come to yet: opened a little ahead of it, so that a replay
// of any number of journals holds few of them at once.
//
// Threads: one thread at a time. Lifetime: the context outlives the queue.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "engine/context.h"
#include "engine/run.h"
#include "format/catalog.h"

namespace flashflood::engine {

class RunQueue {
 public:
  // Opens one journal, on any thread.
  using Open = std::function<std::unique_ptr<Run>(const format::SealedJournal&)>;

  RunQueue(const Context& context, std::vector<format::SealedJournal> journals, Open open);
  ~RunQueue();  // waits for what is being opened
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  // The date before which the next journal has no entry; nothing when none is left.
  std::optional<Timestamp> next_from() const;
  // The next journal, opened; begins with the ones after it. Throws what opening it threw.
  std::unique_ptr<Run> take();

 private:
  struct Opening {
    std::future<std::unique_ptr<Run>> run;
    std::uint64_t bytes = 0;
  };
  void open_ahead();

  const Context& context_;
  const std::vector<format::SealedJournal> journals_;  // in order of their first dates
  const std::shared_ptr<const Open> open_;
  std::size_t next_ = 0;  // the first that is not being opened
  std::deque<Opening> opening_;
  std::uint64_t opening_bytes_ = 0;
};

}  // namespace flashflood::engine
