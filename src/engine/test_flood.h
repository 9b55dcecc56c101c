// What the tests of the engine share: a clock that is set by hand, randomness from a seed, threads
// that refuse a task, floods on any store, and shorthands for their operations.
//
// Threads: ManualClock, SeededRandom and ForgetfulExecutor may be used from several threads; so may
// a TestFlood where its Environment has threads.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/journal/journaling.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/state/context.h"
#include "engine/state/head.h"
#include "engine/state/open.h"
#include "engine/upkeep/collector.h"
#include "engine/upkeep/verifier.h"
#include "engine/write/recorder.h"
#include "engine/write/single.h"
#include "flashflood/error.h"
#include "store/counting_store.h"
#include "store/memory_store.h"

namespace flashflood::engine::testing {

// Both its times go on by a microsecond with each look at them, and by sleep_for.
class ManualClock final : public Clock {
 public:
  Timestamp wall_now() override { return Timestamp{std::chrono::microseconds{tick()}}; }
  std::chrono::nanoseconds steady_now() override { return std::chrono::microseconds{tick()}; }
  void sleep_for(std::chrono::nanoseconds duration) override {
    std::lock_guard lock(mutex_);
    now_us_ += std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  }

 private:
  std::int64_t tick() {
    std::lock_guard lock(mutex_);
    return ++now_us_;
  }
  std::mutex mutex_;
  std::int64_t now_us_ = 1'700'000'000'000'000;  // guarded by mutex_
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::byte> out) override {
    std::lock_guard lock(mutex_);
    for (std::byte& byte : out) byte = static_cast<std::byte>(engine_());
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;  // guarded by mutex_
};

// Everything runs inside the call that asks for it.
inline Environment inline_environment(std::shared_ptr<Clock> clock, std::uint64_t seed) {
  auto executor = make_inline_executor();
  return {std::move(clock), std::make_shared<SeededRandom>(seed), executor, executor};
}

// Two threads, and no memory for one task: the one behind the first `tasks`.
class ForgetfulExecutor final : public Executor {
 public:
  explicit ForgetfulExecutor(int tasks) : tasks_(tasks) {}
  std::future<void> submit(std::function<void()> task) override {
    if (tasks_-- == 0) throw std::bad_alloc();
    return pool_->submit(std::move(task));
  }
  std::size_t width() const override { return pool_->width(); }

 private:
  const std::shared_ptr<Executor> pool_ = make_thread_pool(2);
  std::atomic<int> tasks_;
};

inline Timestamp at(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

struct TestEvent {
  std::string id;
  Timestamp date{};
  std::string data;
};

inline bool operator==(const TestEvent& a, const TestEvent& b) {
  return std::tie(a.id, a.date, a.data) == std::tie(b.id, b.date, b.data);
}

inline OpenOptions small_options() {
  OpenOptions options;
  options.block_bytes = std::size_t{4} << 10;
  return options;
}

// A handle on a flood.
struct TestFlood {
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<Context> context;

  TestFlood(std::shared_ptr<ObjectStore> on, const Environment& env,
            const OpenOptions& options = small_options())
      : store(std::move(on)), context(open_context(store, env, options)) {}

  std::string put(std::string id, Timestamp date, std::string data) const {
    NewEvent event;
    event.id = std::move(id);
    event.date = date;
    event.data = std::move(data);
    return put_event(*context, event);
  }
  // In one pending journal, as long as the events are small.
  void record(const std::vector<TestEvent>& events) const {
    RecorderOptions options;
    options.eager = false;
    BulkRecorder recorder(context, options);
    for (const TestEvent& event : events) recorder.put(event.id, event.date, event.data);
    recorder.flush();
  }
  std::optional<Event> find(const std::string& id) const {
    auto state = look_up(*context, id, IdHash::of(id), true);
    if (!state.live()) return std::nullopt;
    return Event{id, state.date, state.data, state.revision};
  }
  std::uint64_t update(const std::string& id, std::string_view data) const {
    return update_event(*context, id, data, std::nullopt);
  }
  void erase(const std::string& id) const { erase_event(*context, id, std::nullopt); }
  std::vector<Event> replay(const ReplayOptions& options = {}) const {
    Replayer replayer(context, options);
    std::vector<Event> events;
    for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
      for (const EventView& event : batch) events.push_back(event.copy());
    return events;
  }
  JournalReport journal(const JournalOptions& options = {}) const {
    return engine::journal(*context, options);
  }
  CollectReport collect(const CollectOptions& options = {}) const {
    return collect_garbage(*context, options);
  }
  std::vector<VerifyReport::Problem> problems() const { return verify(*context, {}).problems; }
  std::vector<std::string> keys(std::string_view prefix = {}) const {
    std::vector<std::string> found;
    for (const ObjectInfo& object : list_all(*store, prefix)) found.push_back(object.key);
    return found;
  }
};

// A flood in memory on a clock that is set by hand, with everything inline.
struct MemoryFlood {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> memory = make_memory_store(clock);
  std::shared_ptr<CountingStore> counting = std::make_shared<CountingStore>(memory);
  Environment env = inline_environment(clock, 1);
  TestFlood flood{counting, env};

  TestFlood another(const OpenOptions& options = small_options()) const {
    return TestFlood(memory, env, options);
  }
  void pass(std::chrono::nanoseconds duration) const { clock->sleep_for(duration); }
};

}  // namespace flashflood::engine::testing
