// Stopping what waits, and keeping what was read.
#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "flashflood/flashflood.h"
#include "store/http/test_server.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Runs `call` in a scope that is stopped meanwhile; how long it took from then to its end.
template <typename Call>
Clock::duration stopped(Call call) {
  std::stop_source stop;
  Clock::time_point asked;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    asked = Clock::now();
    stop.request_stop();
  });
  {
    const StopScope scope(stop.get_token());
    EXPECT_THROW(call(), Interrupted);
  }
  stopper.join();
  return Clock::now() - asked;
}

Flood flood_of(int events, const std::string& name) {
  OpenOptions options;
  options.block_bytes = 4096;
  auto flood = Flood::open("memory://" + name, options);
  auto recorder = flood.recorder();
  for (int i = 0; i < events; ++i)
    recorder.put(std::to_string(i), Timestamp(std::chrono::seconds(i)), std::to_string(i));
  recorder.flush();
  return flood;
}

TEST(StopScope, EndsAReplayThatFollows) {
  Flood flood = flood_of(1, "stop-follow");
  ReplayOptions options;
  options.follow = true;
  options.poll = 1h;
  Replay replay = flood.replay(options);
  EXPECT_EQ(replay.next_batch().size(), 1u);
  EXPECT_LT(stopped([&] { replay.next_batch(); }), 1s);
  EXPECT_TRUE(replay.next_batch().empty()) << "it is over";
  EXPECT_EQ(flood.get("0").data, "0") << "the flood is not";
}

TEST(StopScope, EndsARequestThatIsNotAnswered) {
  TestServer server([](const std::string&) {
    std::this_thread::sleep_for(2s);
    return std::string();
  });
  OpenOptions options;
  options.s3.endpoint = server.url("");
  options.s3.region = "us-east-1";
  options.s3.anonymous = true;
  EXPECT_LT(stopped([&] { Flood::open("s3://bucket/flood", options); }), 1s);
}

TEST(StopScope, EndsTheNextRequestOfWhatDoesNotWait) {
  Flood flood = flood_of(10, "stop-request");
  std::stop_source stop;
  stop.request_stop();
  const StopScope scope(stop.get_token());
  EXPECT_THROW(flood.get("1"), Interrupted);
  EXPECT_THROW(flood.journal(), Interrupted);
  EXPECT_THROW(flood.verify(), Interrupted);
  EXPECT_THROW(flood.replay(), Interrupted);
  const StopScope shield{std::stop_token()};
  EXPECT_EQ(flood.get("1").data, "1");
}

TEST(OwnedBatches, OutliveTheReplay) {
  std::vector<EventBatch> batches;
  {
    Flood flood = flood_of(20'000, "owned-batches");
    flood.journal();
    ReplayOptions options;
    options.query = "@";
    Replay replay = flood.replay(options);
    for (auto batch = replay.next_owned_batch(); !batch.events.empty();
         batch = replay.next_owned_batch())
      batches.push_back(std::move(batch));
  }
  int next = 0;
  for (const EventBatch& batch : batches) {
    for (const EventView& event : batch.events) {
      EXPECT_EQ(event.id, std::to_string(next));
      EXPECT_EQ(event.data, std::to_string(next));
      ++next;
    }
  }
  EXPECT_EQ(next, 20'000);
  EXPECT_GT(batches.size(), 1u);
}

}  // namespace
}  // namespace flashflood
