// Creating an object under a name that the store arbitrates, whatever becomes of requests and
// answers.
#include "engine/state/context.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "engine/test_flood.h"
#include "store/forwarding_store.h"
#include "store/request_failed.h"

namespace flashflood::engine::testing {
namespace {

using namespace std::chrono_literals;
using Effect = RequestFailed::Effect;

// Does to each conditional PUT, by its number from 1, what the test says; a silent server takes ten
// seconds.
class Moody final : public ForwardingStore {
 public:
  enum class Mood { good, busy, answer_lost, silent };
  Moody(std::shared_ptr<ObjectStore> inner, std::shared_ptr<Clock> clock)
      : ForwardingStore(std::move(inner)), clock_(std::move(clock)) {}

  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    switch (mood(++tries)) {
      case Mood::good:
        break;
      case Mood::busy:
        throw RequestFailed("503", Effect::none, {});
      case Mood::answer_lost:
        static_cast<void>(inner().put_if_absent(key, bytes));
        throw RequestFailed("no answer", Effect::unknown, {});
      case Mood::silent:
        clock_->sleep_for(10s);
        throw RequestFailed("silence", Effect::unknown, {});
    }
    return inner().put_if_absent(key, bytes);
  }

  int tries = 0;
  std::function<Mood(int)> mood;

 private:
  const std::shared_ptr<Clock> clock_;
};

struct Create : ::testing::Test {
  using Mood = Moody::Mood;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<Moody> store = std::make_shared<Moody>(make_memory_store(clock), clock);

  Context context(std::chrono::seconds retry_for = 60s) const {
    Context made;
    made.store = store;
    made.env = inline_environment(clock, 1);
    RetryOptions options;
    options.time_max = retry_for;
    made.retrier = std::make_shared<Retrier>(made.env, options);
    return made;
  }
  Creation create(std::chrono::seconds retry_for, std::function<Mood(int)> mood) {
    store->mood = std::move(mood);
    store->tries = 0;
    return create_object(context(retry_for), "a", "mine");
  }
};

TEST_F(Create, RepeatsUntilTheStoreSays) {
  EXPECT_EQ(create(60s, [](int n) { return n < 4 ? Mood::busy : Mood::good; }), Creation::ours);
  EXPECT_EQ(store->tries, 4);
}

TEST_F(Create, KnowsItsOwnObject) {
  EXPECT_EQ(create(60s, [](int n) { return n < 4 ? Mood::answer_lost : Mood::good; }),
            Creation::ours);
  EXPECT_EQ(store->tries, 4);
}

TEST_F(Create, KnowsAnothersObject) {
  store->put("a", "theirs");
  EXPECT_EQ(create(60s, [](int n) { return n < 2 ? Mood::busy : Mood::good; }), Creation::foreign);
}

TEST_F(Create, TriesOnceWhereNothingIsRepeated) {
  EXPECT_EQ(create(0s, [](int) { return Mood::silent; }), Creation::unknown);
  EXPECT_EQ(store->tries, 1);
  EXPECT_THROW(create(0s, [](int) { return Mood::busy; }), StoreUnavailable);
  EXPECT_EQ(store->tries, 1);
}

// Failures of both kinds in turn count against one and the same time.
TEST_F(Create, GivesUpWhenTheTimeIsOver) {
  const auto turns = [](int n) { return n % 2 == 0 ? Mood::silent : Mood::busy; };
  const auto began = clock->steady_now();
  EXPECT_EQ(create(60s, turns), Creation::unknown);
  EXPECT_LE(clock->steady_now() - began, 70s);
  EXPECT_GE(clock->steady_now() - began, 50s);
}

}  // namespace
}  // namespace flashflood::engine::testing
