#include "engine/write/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>

#include "engine/test_flood.h"
#include "store/forwarding_store.h"
#include "store/testing/fault_store.h"

namespace flashflood::engine::testing {
namespace {

// Holds writes back until it is told to let them through.
class GatedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void open_gate(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  // Waits until so many writes stand at the gate.
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  int waiting() {
    std::lock_guard lock(mutex_);
    return waiting_;
  }

  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return open_; });
      --waiting_;
    }
    return inner().put_if_absent(key, bytes);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;  // guarded by mutex_
  int waiting_ = 0;   // guarded by mutex_
};

struct RecorderTest : ::testing::Test {
  std::shared_ptr<GatedStore> gate =
      std::make_shared<GatedStore>(make_memory_store(make_system_clock()));
  TestFlood flood{gate, system_environment()};
  RecorderOptions options;

  std::size_t journals() const { return flood.keys("head/j-").size(); }
  static std::string id_of(int i) { return "id-" + std::to_string(i); }
};

TEST_F(RecorderTest, WritesAtOnceAndGathersWhileAWriteIsUnderWay) {
  gate->open_gate(false);
  BulkRecorder recorder(flood.context, options);
  recorder.put(id_of(0), at(0), "{}");
  gate->await_waiting(1);
  for (int i = 1; i < 50; ++i) recorder.put(id_of(i), at(i), "{}");
  EXPECT_EQ(gate->waiting(), 1);
  EXPECT_EQ(recorder.progress().taken, 50u);
  EXPECT_EQ(recorder.progress().durable, 0u);
  gate->open_gate(true);
  recorder.flush();
  EXPECT_EQ(journals(), 2u);
  EXPECT_EQ(recorder.progress().durable, 50u);
  EXPECT_EQ(recorder.progress().journals, 2u);
  EXPECT_EQ(flood.replay().size(), 50u);
}

TEST_F(RecorderTest, ThatIsNotEagerWritesFullBatchesOnly) {
  options.eager = false;
  options.batch_bytes = 64 << 10;
  BulkRecorder recorder(flood.context, options);
  for (int i = 0; i < 100; ++i) recorder.put(id_of(i), at(i), std::string(1024, 'x'));
  recorder.flush();
  EXPECT_EQ(journals(), 2u);
  recorder.flush();
  EXPECT_EQ(journals(), 2u) << "a flush of nothing writes nothing";
}

TEST_F(RecorderTest, WaitsWhileSoManyJournalsAreUnderWay) {
  gate->open_gate(false);
  options.eager = false;
  options.batch_bytes = 64 << 10;
  options.in_flight = 2;
  BulkRecorder recorder(flood.context, options);
  std::atomic<int> taken{0};
  std::thread producer([&] {
    for (int i = 0; i < 10; ++i) {
      recorder.put(id_of(i), at(i), std::string(64 << 10, 'x'));
      ++taken;
    }
  });
  gate->await_waiting(2);
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  EXPECT_EQ(gate->waiting(), 2);
  EXPECT_LE(taken.load(), 3);
  gate->open_gate(true);
  producer.join();
  recorder.flush();
  EXPECT_EQ(flood.replay().size(), 10u);
}

// Tells how many tasks it was given, and returns to who gave it the second one when it is told to.
class LateExecutor final : public Executor {
 public:
  explicit LateExecutor(std::shared_ptr<Executor> inner) : inner_(std::move(inner)) {}
  std::future<void> submit(std::function<void()> task) override {
    std::future<void> done = inner_->submit(std::move(task));
    if (++given_ == 2) {
      second_.set_value();
      return_.get_future().wait();
    }
    return done;
  }
  std::size_t width() const override { return inner_->width(); }
  void await_second() { second_.get_future().wait(); }
  void return_now() { return_.set_value(); }

 private:
  const std::shared_ptr<Executor> inner_;
  std::atomic<int> given_{0};
  std::promise<void> second_;
  std::promise<void> return_;
};

// The end of a write begins the next batch; that may end, and the recorder with it, before the
// beginning has returned. (What touches the recorder then is for AddressSanitizer to see.)
TEST_F(RecorderTest, MayGoBeforeTheBeginningOfItsLastBatchHasReturned) {
  Environment env = system_environment();
  const auto late = std::make_shared<LateExecutor>(env.compute);
  env.compute = late;
  const TestFlood slow(gate, env);
  gate->open_gate(false);
  auto recorder = std::make_unique<BulkRecorder>(slow.context, options);
  recorder->put(id_of(0), at(0), "{}");
  gate->await_waiting(1);
  recorder->put(id_of(1), at(1), "{}");
  gate->open_gate(true);
  late->await_second();
  while (recorder->progress().durable < 2) std::this_thread::yield();
  recorder.reset();
  late->return_now();
  EXPECT_EQ(journals(), 2u);
}

TEST_F(RecorderTest, TryPutTakesNothingWhereItWouldWait) {
  gate->open_gate(false);
  options.eager = false;
  options.batch_bytes = 64 << 10;
  options.in_flight = 1;
  BulkRecorder recorder(flood.context, options);
  const std::string data(40 << 10, 'x');
  int taken = 0;
  while (recorder.try_put(id_of(taken), at(taken), data)) ++taken;
  EXPECT_EQ(taken, 3);  // two fill a batch, which is under way; one gathers
  EXPECT_EQ(recorder.progress().taken, 3u);
  EXPECT_TRUE(recorder.try_put("small", at(9), "{}"));
  gate->open_gate(true);
  recorder.flush();
  EXPECT_TRUE(recorder.try_put(id_of(taken), at(taken), data));
  recorder.flush();
  EXPECT_EQ(flood.replay().size(), 5u);
}

TEST_F(RecorderTest, ACallerThatStopsWaitingLeavesTheRestAlone) {
  gate->open_gate(false);
  BulkRecorder recorder(flood.context, options);
  recorder.put("a", at(1), "{}");
  gate->await_waiting(1);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    stop.request_stop();
  });
  {
    const StopScope scope(stop.get_token());
    EXPECT_THROW(recorder.flush(), Interrupted);
  }
  gate->open_gate(true);
  recorder.flush();
  EXPECT_EQ(flood.replay().size(), 1u);
}

TEST(BatchTest, HasNothingOfAnEventThatDidNotFit) {
  Batch batch;
  batch.add("a", at(1), "1");
  const std::string_view endless("{", std::string::npos / 2);  // longer than a string can be
  EXPECT_THROW(batch.add("b", at(2), endless), std::length_error);
  batch.add("c", at(3), "3");
  EXPECT_EQ(batch.size(), 2u);
  const auto entries = batch.sorted_entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].id, "a");
  EXPECT_EQ(entries[1].id, "c");
  EXPECT_EQ(entries[1].data, "3");
}

TEST_F(RecorderTest, OfOneIdInABatchTheFirstCounts) {
  flood.record({{"a", at(2), "first"}, {"b", at(1), "b"}, {"a", at(1), "second"}});
  EXPECT_EQ(flood.find("a")->data, "first");
  EXPECT_EQ(flood.replay().size(), 2u);
}

TEST_F(RecorderTest, LeavesEventsThatExistAsTheyAre) {
  flood.put("a", at(1), "single");
  flood.record({{"a", at(1), "bulk"}, {"b", at(1), "earlier"}});
  flood.record({{"b", at(1), "later"}});
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(flood.find("a")->data, "single");
    EXPECT_EQ(flood.find("b")->data, "earlier");
    EXPECT_EQ(flood.replay().size(), 2u);
    flood.journal();
  }
}

TEST_F(RecorderTest, RefusesWhatIsOutOfBoundsAndGoesOn) {
  BulkRecorder recorder(flood.context, options);
  EXPECT_THROW(recorder.put("", at(1), ""), InvalidArgument);
  EXPECT_THROW(recorder.put(std::string(1025, 'x'), at(1), ""), InvalidArgument);
  EXPECT_THROW(recorder.put("\xFF", at(1), ""), InvalidArgument);
  EXPECT_THROW(recorder.put("a", timestamp_max + std::chrono::microseconds{1}, ""),
               InvalidArgument);
  recorder.put("a", timestamp_max, "");
  recorder.flush();
  EXPECT_EQ(recorder.progress().taken, 1u);
  EXPECT_EQ(flood.replay().size(), 1u);
  options.in_flight = 0;
  EXPECT_THROW(BulkRecorder(flood.context, options), InvalidArgument);
  options = {};
  options.batch_bytes = 1;
  EXPECT_THROW(BulkRecorder(flood.context, options), InvalidArgument);
}

TEST_F(RecorderTest, AnErrorStaysUntilThereIsANewRecorder) {
  std::atomic<bool> full{true};
  auto faulty = std::make_shared<FaultStore>(gate, [&](const Request& request) {
    return request.kind == Request::Kind::put_if_absent && full ? Fault::store_full : Fault::none;
  });
  flood.keys();
  TestFlood failing(faulty, system_environment());
  BulkRecorder recorder(failing.context, options);
  recorder.put("a", at(1), "{}");
  EXPECT_THROW(recorder.flush(), StoreFull);
  full = false;
  EXPECT_THROW(recorder.put("b", at(1), "{}"), StoreFull);
  EXPECT_THROW(recorder.flush(), StoreFull);
  EXPECT_EQ(recorder.progress().durable, 0u);
  BulkRecorder again(failing.context, options);
  again.put("a", at(1), "{}");
  again.flush();
  EXPECT_EQ(flood.replay().size(), 1u);
}

TEST_F(RecorderTest, EndsWhenATaskCannotBegin) {
  for (const bool io : {false, true}) {
    int failed = 0;
    for (int tasks = 0; tasks < 6; ++tasks) {
      Environment env = system_environment();
      (io ? env.io : env.compute) = std::make_shared<ForgetfulExecutor>(tasks);
      const TestFlood forgetful(make_memory_store(make_system_clock()), env);
      BulkRecorder recorder(forgetful.context, options);
      try {
        for (int i = 0; i < 4; ++i) {
          recorder.put(id_of(2 * i), at(i), "{}");
          recorder.put(id_of(2 * i + 1), at(i), "{}");
          recorder.flush();
        }
        EXPECT_EQ(recorder.progress().durable, 8u);
      } catch (const std::bad_alloc&) {
        ++failed;
        EXPECT_LT(recorder.progress().durable, 8u);
        EXPECT_THROW(recorder.put("later", at(9), "{}"), std::bad_alloc);
        EXPECT_THROW(recorder.flush(), std::bad_alloc);
      }
    }
    EXPECT_GE(failed, 4);
  }
}

TEST_F(RecorderTest, WhoWaitsHearsThatAnothersBatchCannotBegin) {
  Environment env = system_environment();
  env.compute = std::make_shared<ForgetfulExecutor>(1);
  const TestFlood forgetful(gate, env);
  BulkRecorder recorder(forgetful.context, options);
  gate->open_gate(false);
  recorder.put("a", at(1), "{}");
  gate->await_waiting(1);
  auto flushed = std::async(std::launch::async, [&] { recorder.flush(); });
  recorder.put("b", at(2), "{}");
  EXPECT_THROW(recorder.flush(), std::bad_alloc);
  EXPECT_THROW(flushed.get(), std::bad_alloc);
  gate->open_gate(true);
}

TEST_F(RecorderTest, WhoWaitsHearsThatTheBatchBehindAWriteCannotBegin) {
  Environment env = system_environment();
  env.compute = std::make_shared<ForgetfulExecutor>(1);
  const TestFlood forgetful(gate, env);
  options.in_flight = 1;
  BulkRecorder recorder(forgetful.context, options);
  gate->open_gate(false);
  recorder.put("a", at(1), "{}");
  gate->await_waiting(1);
  recorder.put("b", at(2), "{}");
  auto flushed = std::async(std::launch::async, [&] { recorder.flush(); });
  gate->open_gate(true);
  EXPECT_THROW(flushed.get(), std::bad_alloc);
  EXPECT_EQ(recorder.progress().durable, 1u);
}

TEST_F(RecorderTest, ALostAnswerDoublesNothing) {
  std::atomic<int> left{3};
  auto faulty = std::make_shared<FaultStore>(gate, [&](const Request& request) {
    if (request.kind != Request::Kind::put_if_absent) return Fault::none;
    return left-- > 0 ? Fault::answer_lost : Fault::none;
  });
  TestFlood unlucky(faulty, system_environment());
  left = 3;
  unlucky.record({{"a", at(1), "{}"}});
  EXPECT_EQ(journals(), 1u);
  left = 1;
  unlucky.put("b", at(1), "{}");
  left = 1;
  NewEvent event;
  put_event(*unlucky.context, event);
  EXPECT_EQ(flood.replay().size(), 3u);
}

TEST_F(RecorderTest, DropsWhatWasNotFlushed) {
  options.eager = false;
  { BulkRecorder(flood.context, options).put("a", at(1), "{}"); }
  EXPECT_EQ(journals(), 0u);
}

TEST_F(RecorderTest, ServesManyThreads) {
  options.batch_bytes = 64 << 10;
  BulkRecorder recorder(flood.context, options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        recorder.put(id_of(t * 1000 + i), at(i), std::string(300, 'x'));
        if (i % 70 != 0) continue;
        recorder.flush();
        EXPECT_TRUE(flood.find(id_of(t * 1000 + i))) << "flushed, and not there";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  recorder.flush();
  EXPECT_EQ(recorder.progress().durable, 1200u);
  EXPECT_EQ(flood.replay().size(), 1200u);
}

TEST(BulkRecorder, MakesDatesThatAscendStrictlyAlsoWhenTheClockStepsBack) {
  MemoryFlood memory;
  BulkRecorder recorder(memory.flood.context, {});
  Timestamp last = timestamp_min;
  for (int i = 0; i < 1000; ++i) {
    if (i % 100 == 50) memory.pass(-std::chrono::seconds(1));
    const Timestamp next = recorder.next_date();
    ASSERT_LT(last, next);
    last = next;
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
