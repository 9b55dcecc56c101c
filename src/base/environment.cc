#include "base/environment.h"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "base/stop.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class SystemClock final : public Clock {
 public:
  Timestamp wall_now() override {
    return Timestamp(std::chrono::floor<std::chrono::microseconds>(read_clock(CLOCK_REALTIME)));
  }
  std::chrono::nanoseconds steady_now() override { return read_clock(CLOCK_BOOTTIME); }
  void sleep_for(std::chrono::nanoseconds duration) override {
    const std::stop_token stop = current_stop();
    if (stop.stop_possible()) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait_for(lock, stop, duration, [] { return false; });
      throw_if_stopped();
    } else if (duration.count() > 0) {
      std::this_thread::sleep_for(duration);
    }
  }
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = ::getrandom(out.data(), out.size(), 0);
      if (got > 0) {
        out = out.subspan(static_cast<std::size_t>(got));
      } else if (errno != EINTR) {
        throw Error("the system gives no random bytes (getrandom failed)");
      }
    }
  }
};

class InlineExecutor final : public Executor {
 public:
  std::future<void> submit(std::function<void()> task) override {
    std::packaged_task<void()> run(std::move(task));
    std::future<void> done = run.get_future();
    run();
    return done;
  }
  std::size_t width() const override { return 1; }
};

// The state of one parallel_for. Helpers hold it together: one that begins after the call has
// returned finds nothing to claim and does not touch `fn`.
class Loop {
 public:
  Loop(std::size_t count, const std::function<void(std::size_t)>& fn) : count_(count), fn_(fn) {}

  // Works until there is nothing left to begin.
  void work() {
    std::unique_lock lock(mutex_);
    while (next_ < count_) {
      const std::size_t index = next_++;
      ++running_;
      lock.unlock();
      std::exception_ptr error;
      try {
        fn_(index);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error) {
        next_ = count_;
        if (index < error_index_) {
          error_index_ = index;
          error_ = std::move(error);
        }
      }
      if (--running_ == 0) idle_.notify_all();
    }
  }

  void wait_and_rethrow() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0; });
    // Moved out, so that a helper that begins late does not free what the caller is handling.
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& fn_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t next_ = 0;     // guarded by mutex_, as is all below
  std::size_t running_ = 0;  // calls of fn_ under way
  std::size_t error_index_ = std::numeric_limits<std::size_t>::max();
  std::exception_ptr error_;
};

}  // namespace

std::shared_ptr<Clock> make_system_clock() { return std::make_shared<SystemClock>(); }
std::shared_ptr<Random> make_system_random() { return std::make_shared<SystemRandom>(); }
std::shared_ptr<Executor> make_inline_executor() { return std::make_shared<InlineExecutor>(); }

Environment system_environment() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  // Requests mostly wait for the network, so there are more of them than cores.
  const std::size_t requests = std::clamp<std::size_t>(4 * cores, 32, 128);
  return {make_system_clock(), make_system_random(), make_thread_pool(cores),
          make_thread_pool(requests), Log()};
}

void parallel_for(Executor& executor, std::size_t count, std::size_t concurrency,
                  const std::function<void(std::size_t)>& fn) {
  if (count == 0) return;
  const auto loop = std::make_shared<Loop>(count, fn);
  const std::size_t workers =
      std::min({count, std::max<std::size_t>(concurrency, 1), executor.width() + 1});
  // The calling thread is one of the workers, so the loop ends even when every thread of the
  // executor is taken, for instance by the loop that this one runs inside of.
  try {
    for (std::size_t i = 1; i < workers; ++i) executor.submit([loop] { loop->work(); });
  } catch (...) {
    // Fewer helpers, then. Those that have begun use `fn`, so this call may not end before them.
  }
  loop->work();
  loop->wait_and_rethrow();
}

}  // namespace flashflood
