// Sealed journals that a merge has not come to yet: opened a little ahead of it, so that a replay
// of any number of journals holds few of them at once.
//
// Threads: one thread at a time. Lifetime: the context outlives the queue.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "base/task_group.h"
#include "engine/read/read_ahead.h"
#include "engine/read/run.h"
#include "engine/state/context.h"
#include "format/catalog.h"

namespace flashflood::engine {

class RunQueue {
 public:
  // Opens one journal, on any thread.
  using Open = std::function<std::unique_ptr<Run>(const format::SealedJournal&)>;

  // What is opened ahead takes its room from `reading`.
  RunQueue(const Context& context, std::vector<format::SealedJournal> journals, Open open,
           std::shared_ptr<ReadAhead> reading);
  // The destructor waits for what is being opened.
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  // The date before which the next journal has no entry; nothing when none is left.
  std::optional<Timestamp> next_from() const;
  // The next journal, opened and begun; opens what comes after it. Throws what opening it threw.
  std::unique_ptr<Run> take();
  // Opens and reads what there is room for, in order. For when nothing that comes before has use
  // for the room.
  void read_ahead();

 private:
  struct Opening {
    std::future<std::unique_ptr<Run>> opened;  // not valid any more when it has been looked at
    bool has_room = false;                     // for all that is to be read
    std::unique_ptr<Run> run{};
    std::exception_ptr problem{};

    bool is_here() const;
    void look();  // waits until it is opened
  };
  // Opens the next one in any case, and more where there is room: small ones, one large one.
  enum class Large { wait, open };
  void open_ahead(Large large);
  void open(ReadAhead::Room room, bool has_room);

  const Context& context_;
  const std::vector<format::SealedJournal> journals_;  // in order of their first dates
  const std::shared_ptr<const Open> open_;
  const std::shared_ptr<ReadAhead> reading_;
  std::size_t next_ = 0;  // the first that is not being opened
  std::deque<Opening> opening_;
  TaskGroup opens_;  // refer to the context and to what `open` refers to
};

}  // namespace flashflood::engine
