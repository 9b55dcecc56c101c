#include "base/task_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace flashflood {
namespace {

TEST(TaskGroup, EndsAfterItsTasksAndWhatTheyCaptured) {
  const auto pool = make_thread_pool(2);
  std::atomic<int> ended = 0;
  struct Captured {
    explicit Captured(std::atomic<int>* counter) : ended(counter) {}
    std::atomic<int>* ended;
    ~Captured() {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++*ended;
    }
  };
  {
    TaskGroup group;
    for (int i = 0; i < 4; ++i) {
      group.start(*pool, [captured = std::make_shared<Captured>(&ended)] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      });
    }
  }
  EXPECT_EQ(ended, 4);
}

TEST(TaskGroup, HandsErrorsOnAndGoesOn) {
  const auto pool = make_thread_pool(1);
  TaskGroup group;
  auto failing = group.start(*pool, [] { throw std::runtime_error("no"); });
  group.wait();
  EXPECT_THROW(failing.get(), std::runtime_error);
  std::atomic<bool> ran = false;
  group.start(*pool, [&] { ran = true; });
  group.wait();
  EXPECT_TRUE(ran);
}

class Refusing final : public Executor {
 public:
  std::future<void> submit(std::function<void()>) override { throw std::bad_alloc(); }
  std::size_t width() const override { return 1; }
};

TEST(TaskGroup, DoesNotWaitForWhatNeverBegan) {
  Refusing executor;
  TaskGroup group;
  EXPECT_THROW(group.start(executor, [] {}), std::bad_alloc);
  group.wait();
}

TEST(TaskGroup, WorksInline) {
  const auto executor = make_inline_executor();
  int ran = 0;
  TaskGroup group;
  group.start(*executor, [&] { ++ran; });
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace flashflood
