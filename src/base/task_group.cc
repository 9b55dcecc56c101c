#include "base/task_group.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace flashflood {

struct TaskGroup::State {
  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;  // guarded by mutex

  void begin() {
    std::lock_guard lock(mutex);
    ++running;
  }
  void end() {
    std::lock_guard lock(mutex);
    if (--running == 0) idle.notify_all();
  }
};

TaskGroup::TaskGroup() : state_(std::make_shared<State>()) {}

std::future<void> TaskGroup::start(Executor& executor, std::function<void()> task) {
  // Counts the task from now until it has ended, or could not be submitted.
  struct Counted {
    explicit Counted(std::shared_ptr<State> of) : state(std::move(of)) { state->begin(); }
    ~Counted() {
      task = nullptr;
      state->end();
    }
    const std::shared_ptr<State> state;
    std::function<void()> task{};
  };
  auto counted = std::make_shared<Counted>(state_);
  counted->task = std::move(task);
  return executor.submit([counted = std::move(counted)]() mutable {
    const auto running = std::move(counted);  // gone when this returns, whoever keeps the closure
    running->task();
  });
}

void TaskGroup::wait() noexcept {
  std::unique_lock lock(state_->mutex);
  state_->idle.wait(lock, [this] { return state_->running == 0; });
}

}  // namespace flashflood
