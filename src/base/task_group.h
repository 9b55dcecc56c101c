// Tasks that refer to what their owner holds: none of them outlives the owner.
//
// Whoever starts work that refers to its own members (or to what its caller lent it) makes a
// TaskGroup the last of its members. However the owner ends, by an error, a limit or early, the
// group's destructor waits for what was started, before anything else of the owner goes.
//
// Threads: start() and wait() may be called from several threads at once, but not by a task of the
// group.
#pragma once

#include <functional>
#include <future>
#include <memory>

#include "base/environment.h"

namespace flashflood {

class TaskGroup {
 public:
  TaskGroup();
  ~TaskGroup() { wait(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Executor::submit(). What the task captures is destroyed before the group takes it for ended.
  std::future<void> start(Executor& executor, std::function<void()> task);
  // Returns when everything that was started has ended.
  void wait() noexcept;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // shared with the tasks
};

}  // namespace flashflood
