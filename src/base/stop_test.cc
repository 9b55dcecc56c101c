#include "base/stop.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/environment.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;

TEST(Stop, ScopesNest) {
  EXPECT_FALSE(current_stop().stop_possible());
  std::stop_source outer;
  const StopScope scope(outer.get_token());
  outer.request_stop();
  {
    const StopScope shield{std::stop_token()};
    EXPECT_NO_THROW(throw_if_stopped());
  }
  EXPECT_THROW(throw_if_stopped(), Interrupted);
}

TEST(Stop, SleepEndsAtOnce) {
  const auto clock = make_system_clock();
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    source.request_stop();
  });
  const StopScope scope(source.get_token());
  const auto began = clock->steady_now();
  EXPECT_THROW(clock->sleep_for(1h), Interrupted);
  EXPECT_LT(clock->steady_now() - began, 10s);
}

TEST(Stop, TravelsWithTheTasksOfAPool) {
  const auto pool = make_thread_pool(1);
  std::stop_source source;
  source.request_stop();
  std::future<void> stopped;
  {
    const StopScope scope(source.get_token());
    stopped = pool->submit([] { throw_if_stopped(); });
  }
  EXPECT_THROW(stopped.get(), Interrupted);
  EXPECT_NO_THROW(pool->submit([] { throw_if_stopped(); }).get());
}

}  // namespace
}  // namespace flashflood
