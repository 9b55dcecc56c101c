// Tasks that refer to members of their owner: none of them outlives the owner.
//
// A class that starts tasks which refer to its members (or to objects that its caller lent it) has
// a TaskGroup as its last member. However the owner ends, by an error, a limit or early, the
// group's destructor waits for its tasks before any other member is destroyed.
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

  // Executor::submit(). The task's captures are destroyed before the group considers it ended.
  std::future<void> start(Executor& executor, std::function<void()> task);
  // Returns when all tasks have ended.
  void wait() noexcept;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // shared with the tasks
};

}  // namespace flashflood
