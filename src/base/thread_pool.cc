#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/stop.h"

namespace flashflood {
namespace {

struct Task {
  std::packaged_task<void()> work;
  std::stop_token stop;  // of the work that it is a part of

  void operator()() {
    const StopScope scope(stop);
    work();
  }
};

// What the pool and its threads share. Threads keep it alive themselves, because the pool may be
// destroyed by one of its own tasks.
struct Queue {
  std::mutex mutex;
  std::condition_variable work;
  std::deque<Task> tasks;  // guarded by mutex, as is all below
  std::size_t idle = 0;    // threads that wait for work
  bool stopping = false;

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      work.wait(lock, [this] { return stopping || !tasks.empty(); });
      --idle;
      if (tasks.empty()) return;
      Task task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = Task();  // what the task owned is let go of before the lock is taken
      lock.lock();
    }
  }
};

class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(std::size_t threads) : width_(std::max<std::size_t>(threads, 1)) {}

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  ~ThreadPool() override {
    {
      std::lock_guard lock(queue_->mutex);
      queue_->stopping = true;
    }
    queue_->work.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.get_id() == std::this_thread::get_id()) {
        thread.detach();  // destroyed by its own task: this thread ends with what is queued
      } else {
        thread.join();
      }
    }
  }

  std::future<void> submit(std::function<void()> function) override {
    Task task{std::packaged_task<void()>(std::move(function)), current_stop()};
    std::future<void> done = task.work.get_future();
    {
      std::lock_guard lock(queue_->mutex);
      // A thread that was woken but has not run yet still counts as idle: compare with the queue.
      const bool short_of_threads = queue_->idle <= queue_->tasks.size();
      if (short_of_threads && threads_.size() < width_) start_thread();
      if (!threads_.empty()) {
        queue_->tasks.push_back(std::move(task));
        queue_->work.notify_one();
        return done;
      }
    }
    task();  // the machine gives no thread at all
    return done;
  }

  std::size_t width() const override { return width_; }

 private:
  void start_thread() {
    try {
      threads_.emplace_back([queue = queue_] { queue->serve(); });
    } catch (const std::system_error&) {
      // The machine has no more threads for us; those that run do the work.
    }
  }

  const std::size_t width_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::vector<std::thread> threads_;  // guarded by queue_->mutex until the destructor
};

}  // namespace

std::shared_ptr<Executor> make_thread_pool(std::size_t threads) {
  return std::make_shared<ThreadPool>(threads);
}

}  // namespace flashflood
