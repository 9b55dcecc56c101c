#include "base/environment.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace flashflood {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, RunsForward) {
  const auto clock = make_system_clock();
  const auto wall = clock->wall_now();
  const auto steady = clock->steady_now();
  clock->sleep_for(3ms);
  EXPECT_GE(clock->steady_now() - steady, 3ms);
  EXPECT_GT(wall, parse_timestamp("2020-01-01T00:00:00Z"));
  clock->sleep_for(-5s);  // returns at once
}

TEST(SystemRandom, FillsAnyLengthWithDifferentBytes) {
  const auto random = make_system_random();
  std::set<std::array<std::byte, 16>> seen;
  for (int i = 0; i < 100; ++i) {
    std::array<std::byte, 16> bytes{};
    random->fill(bytes);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 100U);
  random->fill({});
  std::vector<std::byte> many(100'000);
  random->fill(many);
  EXPECT_NE(std::vector<std::byte>(many.end() - 1000, many.end()), std::vector<std::byte>(1000));
}

TEST(SystemEnvironment, HasEverything) {
  const Environment environment = system_environment();
  ASSERT_TRUE(environment.clock && environment.random && environment.compute && environment.io);
  EXPECT_GE(environment.compute->width(), 1U);
  EXPECT_GE(environment.io->width(), environment.compute->width());
}

TEST(InlineExecutor, RunsAtOnceAndKeepsErrors) {
  const auto executor = make_inline_executor();
  int runs = 0;
  executor->submit([&] { ++runs; });
  EXPECT_EQ(runs, 1);
  auto failed = executor->submit([] { throw std::runtime_error("no"); });
  EXPECT_THROW(failed.get(), std::runtime_error);
}

TEST(ThreadPool, RunsTasksBesideEachOther) {
  const auto pool = make_thread_pool(3);
  EXPECT_EQ(pool->width(), 3U);
  std::atomic<int> arrived = 0;
  std::vector<std::future<void>> done;
  for (int i = 0; i < 3; ++i) {
    done.push_back(pool->submit([&] {
      ++arrived;
      while (arrived < 3) std::this_thread::yield();  // ends only if all three run at once
    }));
  }
  for (auto& future : done) future.get();
}

TEST(ThreadPool, NeverRunsMoreThanItsWidth) {
  const auto pool = make_thread_pool(2);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::vector<std::future<void>> done;
  for (int i = 0; i < 50; ++i) {
    done.push_back(pool->submit([&] {
      const int now = ++running;
      int before = most;
      while (before < now && !most.compare_exchange_weak(before, now)) {
      }
      std::this_thread::sleep_for(100us);
      --running;
    }));
  }
  for (auto& future : done) future.get();
  EXPECT_LE(most, 2);
}

TEST(ThreadPool, TheDestructorDropsNothing) {
  std::atomic<int> runs = 0;
  {
    const auto pool = make_thread_pool(2);
    for (int i = 0; i < 200; ++i) pool->submit([&] { ++runs; });
  }
  EXPECT_EQ(runs, 200);
}

TEST(ThreadPool, ATaskMayHoldTheLastOwner) {
  std::promise<void> ended;
  {
    auto pool = make_thread_pool(2);
    pool->submit([pool, &ended]() mutable {
      std::this_thread::sleep_for(5ms);
      pool.reset();
      ended.set_value();
    });
  }
  EXPECT_EQ(ended.get_future().wait_for(10s), std::future_status::ready);
}

TEST(ThreadPool, KeepsErrorsInTheFuture) {
  const auto pool = make_thread_pool(1);
  auto failed = pool->submit([] { throw std::runtime_error("no"); });
  EXPECT_THROW(failed.get(), std::runtime_error);
  pool->submit([] {}).get();  // the thread lives on
}

TEST(ParallelFor, CallsEachIndexOnce) {
  for (const auto& executor : {make_inline_executor(), make_thread_pool(4)}) {
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<std::atomic<int>> calls(count);
      parallel_for(*executor, count, 4, [&](std::size_t i) { ++calls[i]; });
      for (const auto& call : calls) EXPECT_EQ(call, 1);
    }
  }
}

TEST(ParallelFor, KeepsToItsConcurrency) {
  const auto pool = make_thread_pool(8);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  parallel_for(*pool, 100, 3, [&](std::size_t) {
    const int now = ++running;
    int before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
    std::this_thread::sleep_for(100us);
    --running;
  });
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 2);
}

TEST(ParallelFor, RethrowsTheFirstErrorByIndexAfterAllHaveEnded) {
  const auto pool = make_thread_pool(4);
  std::atomic<int> running = 0;
  std::atomic<int> begun = 0;
  try {
    parallel_for(*pool, 1000, 4, [&](std::size_t i) {
      ++running;
      ++begun;
      std::this_thread::sleep_for(i == 0 ? 20ms : 1ms);
      --running;
      if (i < 4) throw std::runtime_error(std::to_string(i));
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), "0");
  }
  EXPECT_EQ(running, 0);
  EXPECT_LT(begun, 1000);
}

// Loops inside loops end even when the outer one has taken every thread.
// A pool that takes one task and has no memory for another.
class ShortExecutor final : public Executor {
 public:
  std::future<void> submit(std::function<void()> task) override {
    if (taken_) throw std::bad_alloc();
    taken_ = true;
    return pool_->submit(std::move(task));
  }
  std::size_t width() const override { return 4; }

 private:
  const std::shared_ptr<Executor> pool_ = make_thread_pool(1);
  bool taken_ = false;
};

TEST(ParallelFor, GoesOnWithTheHelpersThatItGets) {
  ShortExecutor executor;
  std::atomic<int> calls = 0;
  parallel_for(executor, 100, 4, [&](std::size_t) { ++calls; });
  EXPECT_EQ(calls, 100);
}

TEST(ParallelFor, MayBeNested) {
  const auto pool = make_thread_pool(2);
  std::atomic<int> calls = 0;
  parallel_for(*pool, 4, 4,
               [&](std::size_t) { parallel_for(*pool, 10, 4, [&](std::size_t) { ++calls; }); });
  EXPECT_EQ(calls, 40);
}

}  // namespace
}  // namespace flashflood
