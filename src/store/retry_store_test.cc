// What is repeated, for how long, and with which pauses.
#include "store/retry_store.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "flashflood/error.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/request_failed.h"
#include "store/test_store.h"
#include "store/testing/fault_store.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

// Time that passes only by sleeping.
class TestClock final : public Clock {
 public:
  Timestamp wall_now() override {
    return Timestamp(std::chrono::floor<std::chrono::microseconds>(now_));
  }
  std::chrono::nanoseconds steady_now() override { return now_; }
  void sleep_for(std::chrono::nanoseconds duration) override {
    now_ += duration;
    sleeps.push_back(duration);
  }

  std::vector<std::chrono::nanoseconds> sleeps;

 private:
  std::chrono::nanoseconds now_{};
};

// Every request fails `failures` times before it succeeds.
struct Flaky {
  int failures = 0;
  int tries = 0;
  std::shared_ptr<TestClock> clock = std::make_shared<TestClock>();
  std::shared_ptr<ObjectStore> inner = memory();

  std::shared_ptr<ObjectStore> retrying(const RetryOptions& options = {},
                                        Fault fault = Fault::request_lost) {
    Environment environment;
    environment.clock = clock;
    environment.random = std::make_shared<TestRandom>(7);
    auto faults = std::make_shared<FaultStore>(
        inner, [this, fault](const Request&) { return tries++ < failures ? fault : Fault::none; });
    return make_retry_store(faults, environment, options);
  }
};

TEST(RetryStore, RepeatsWhatChangesNothing) {
  const auto check = [](const std::function<void(ObjectStore&)>& request) {
    for (const Fault fault : {Fault::request_lost, Fault::answer_lost}) {
      Flaky flaky;
      flaky.failures = 3;
      request(*flaky.retrying({}, fault));
      EXPECT_EQ(flaky.tries, 4);
      EXPECT_EQ(flaky.clock->sleeps.size(), 3U);
    }
  };
  check([](ObjectStore& store) { store.get("a", ByteRange::whole()); });
  check([](ObjectStore& store) { store.put("a", "1"); });
  check([](ObjectStore& store) { store.list("", "", 0); });
  check([](ObjectStore& store) { store.remove(Keys{"a"}); });
  check([](ObjectStore& store) { store.now(); });
}

TEST(RetryStore, PassesPutIfAbsentOnOnce) {
  Flaky flaky;
  flaky.failures = 1;
  const auto store = flaky.retrying({}, Fault::answer_lost);
  EXPECT_THROW(static_cast<void>(store->put_if_absent("a", "1")), StoreUnavailable);
  EXPECT_EQ(flaky.tries, 1);
  EXPECT_EQ(read(*flaky.inner, "a"), "1");
}

TEST(RetryStore, GivesUpAfterItsTries) {
  Flaky flaky;
  flaky.failures = 1000;
  EXPECT_THROW(flaky.retrying({.tries_max = 6})->get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_EQ(flaky.tries, 6);
}

// However fast each try fails.
TEST(RetryStore, GoesOnForAMinute) {
  Flaky flaky;
  flaky.failures = 1000;
  EXPECT_THROW(flaky.retrying()->get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_LE(flaky.clock->steady_now(), 60s);
  EXPECT_GE(flaky.clock->steady_now(), 50s);
  EXPECT_LE(flaky.tries, 60);
}

TEST(RetryOptions, SayHowLong) {
  EXPECT_EQ(retry_options().time_max, 60s);
  EXPECT_EQ(retry_options(250ms).time_max, 250ms);
  EXPECT_THROW(retry_options(-1ms), InvalidArgument);
  EXPECT_THROW(retry_options(25h), InvalidArgument);
  constexpr const char* name = "FLASHFLOOD_RETRY_FOR";
  for (const auto& [text, wanted] :
       std::vector<std::pair<const char*, std::chrono::milliseconds>>{{"", 60s},
                                                                      {"0", 0s},
                                                                      {"7", 7s},
                                                                      {"30s", 30s},
                                                                      {"500ms", 500ms},
                                                                      {"2m", 2min},
                                                                      {"24h", 24h}}) {
    ::setenv(name, text, 1);
    EXPECT_EQ(retry_options().time_max, wanted) << text;
  }
  EXPECT_EQ(retry_options(5s).time_max, 5s);
  for (const char* text : {"-1", "s", "1d", "1 s", "25h", "99999999999999999999", "1.5s", "soon"}) {
    ::setenv(name, text, 1);
    try {
      static_cast<void>(retry_options());
      FAIL() << text;
    } catch (const InvalidArgument& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
    }
  }
  ::unsetenv(name);
}

TEST(RetryStore, DoesNotRepeatWhereThatIsNotWanted) {
  Flaky flaky;
  flaky.failures = 1;
  EXPECT_THROW(flaky.retrying(retry_options(0ms))->get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_EQ(flaky.tries, 1);
}

TEST(RetryStore, GivesUpWhenItsTimeIsOver) {
  Flaky flaky;
  flaky.failures = 100'000;
  RetryOptions options;
  options.time_max = 20s;
  EXPECT_THROW(flaky.retrying(options)->get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_LE(flaky.clock->steady_now(), 20s);
  EXPECT_GE(flaky.clock->steady_now(), 14s);
}

TEST(RetryStore, PausesGrowToABound) {
  std::array<std::chrono::nanoseconds, 12> longest{};
  for (int run = 0; run < 200; ++run) {
    Flaky flaky;
    flaky.failures = 12;
    Environment environment;
    environment.clock = flaky.clock;
    environment.random = std::make_shared<TestRandom>(run);
    RetryOptions options;
    options.pause_first = 100ms;
    options.pause_max = 2s;
    make_retry_store(
        std::make_shared<FaultStore>(
            flaky.inner,
            [&](const Request&) { return flaky.tries++ < 12 ? Fault::request_lost : Fault::none; }),
        environment, options)
        ->list("", "", 0);
    ASSERT_EQ(flaky.clock->sleeps.size(), 12U);
    for (std::size_t i = 0; i < 12; ++i) longest[i] = std::max(longest[i], flaky.clock->sleeps[i]);
  }
  for (std::size_t i = 0; i < 12; ++i) {
    const std::chrono::nanoseconds bound = std::min<std::chrono::nanoseconds>(100ms * (1 << i), 2s);
    EXPECT_LE(longest[i], bound) << i;
    EXPECT_GE(longest[i], bound * 9 / 10) << i;
  }
}

TEST(RetryStore, OtherErrorsAreNotRepeated) {
  Flaky flaky;
  flaky.failures = 5;
  const auto store = flaky.retrying({}, Fault::permission_denied);
  EXPECT_THROW(store->list("", "", 0), PermissionDenied);
  EXPECT_EQ(flaky.tries, 1);
}

// Declines everything `failures` times, and says how long it wants to be left alone.
class BusyStore final : public ForwardingStore {
 public:
  BusyStore() : ForwardingStore(memory()) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    decline();
    return inner().get(key, range);
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    decline();
    return inner().put_if_absent(key, bytes);
  }
  std::string describe() const override { return "busy"; }

  int tries = 0;
  int failures = 0;
  RequestFailed::Effect effect = RequestFailed::Effect::none;

 private:
  void decline() {
    if (tries++ < failures) throw RequestFailed("slow down", effect, 3s);
  }
};

struct Busy {
  std::shared_ptr<BusyStore> inner = std::make_shared<BusyStore>();
  std::shared_ptr<TestClock> clock = std::make_shared<TestClock>();
  std::shared_ptr<ObjectStore> retrying(const RetryOptions& options = {}) const {
    Environment environment;
    environment.clock = clock;
    environment.random = std::make_shared<TestRandom>(7);
    return make_retry_store(inner, environment, options);
  }
};

TEST(RetryStore, RepeatsPutIfAbsentWhenNothingWasDone) {
  Busy busy;
  busy.inner->failures = 2;
  EXPECT_EQ(busy.retrying()->put_if_absent("a", "1"), PutOutcome::created);
  EXPECT_EQ(busy.inner->tries, 3);
  busy.inner->tries = 0;
  busy.inner->effect = RequestFailed::Effect::unknown;
  EXPECT_THROW(static_cast<void>(busy.retrying()->put_if_absent("b", "1")), StoreUnavailable);
  EXPECT_EQ(busy.inner->tries, 1);
}

TEST(RetryStore, LeavesTheStoreAloneAsLongAsItAsks) {
  Busy busy;
  busy.inner->failures = 2;
  busy.retrying()->get("a", ByteRange::whole());
  ASSERT_EQ(busy.clock->sleeps.size(), 2U);
  for (const auto pause : busy.clock->sleeps) EXPECT_GE(pause, 3s);
  EXPECT_NE(busy.clock->sleeps[0], busy.clock->sleeps[1]);  // not all come back at once
}

TEST(RetryStore, RepetitionsAreAPartOfAllRequests) {
  Busy busy;
  RetryOptions options;
  options.budget = 10;
  options.budget_per_success = 0.5;
  const auto store = busy.retrying(options);
  const auto fail = [&] { EXPECT_THROW(store->get("a", ByteRange::whole()), StoreUnavailable); };
  busy.inner->failures = 1'000'000;
  for (int i = 0; i < 100; ++i) fail();
  EXPECT_EQ(busy.inner->tries, 110);
  busy.inner->failures = 0;
  for (int i = 0; i < 6; ++i) store->get("a", ByteRange::whole());
  busy.inner->failures = 1'000'000;
  busy.inner->tries = 0;
  for (int i = 0; i < 100; ++i) fail();
  EXPECT_EQ(busy.inner->tries, 103);
}

}  // namespace
}  // namespace flashflood
