#include "store/aws/credentials_refresh.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "base/stop.h"
#include "store/aws/credentials_static.h"
#include "store/aws/test_credentials.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Gives keys "1", "2", ... that last for `lifetime`, or fails.
class TestProvider final : public CredentialProvider {
 public:
  explicit TestProvider(std::shared_ptr<ManualClock> clock) : clock_(std::move(clock)) {}

  FetchedCredentials fetch() override {
    EXPECT_EQ(++inside_, 1) << "two fetches at once";
    const int number = ++fetches;
    {
      std::unique_lock lock(mutex_);
      open_.wait(lock, [this] { return !closed_; });
    }
    --inside_;
    if (failing) throw StoreUnavailable("the test gives none");
    FetchedCredentials fetched;
    fetched.credentials = {same ? "same" : std::to_string(number), "SECRET", "SECRETT"};
    if (lifetime.load() != 0s) {
      fetched.credentials.expires =
          std::chrono::floor<std::chrono::seconds>(clock_->wall_now()) + lifetime.load() + ahead;
      if (ahead != 0s) {
        fetched.given = std::chrono::floor<std::chrono::seconds>(clock_->wall_now()) + ahead;
      }
    }
    return fetched;
  }
  std::string describe() const override { return "the test"; }

  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void open() {
    std::lock_guard lock(mutex_);
    closed_ = false;
    open_.notify_all();
  }

  std::atomic<int> fetches{0};
  std::atomic<bool> failing{false};
  std::atomic<bool> same{false};  // the same each time
  std::atomic<std::chrono::seconds> lifetime{1h};
  std::chrono::seconds ahead{0};  // of the service's clock to this one

 private:
  const std::shared_ptr<ManualClock> clock_;
  std::atomic<int> inside_{0};
  std::mutex mutex_;
  std::condition_variable open_;
  bool closed_ = false;  // guarded by mutex_
};

class Refreshing : public testing::Test {
 protected:
  std::string key() { return source->get()->access_key_id; }

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<TestProvider> provider = std::make_shared<TestProvider>(clock);
  std::shared_ptr<CredentialSource> source = make_refreshing_source(
      provider, {clock, make_system_random(), make_inline_executor(), make_inline_executor()});
};

TEST_F(Refreshing, FetchesOnceAndBeforeTheEnd) {
  EXPECT_EQ(provider->fetches, 0);
  EXPECT_EQ(key(), "1");
  clock->advance(44min);
  EXPECT_EQ(key(), "1");
  clock->advance(2min);  // 14 are left
  EXPECT_EQ(key(), "2");
  for (int hours = 0; hours < 48; ++hours) {
    clock->advance(30min);
    key();
  }
  EXPECT_LE(provider->fetches, 30);
}

TEST_F(Refreshing, KeepsForeverWhatDoesNotExpire) {
  provider->lifetime = 0s;
  EXPECT_EQ(key(), "1");
  clock->advance(24h * 1000);
  EXPECT_EQ(key(), "1");
}

TEST_F(Refreshing, DoesNotFetchShortLivedOnesAllTheTime) {
  provider->lifetime = 15min;
  for (int minute = 0; minute < 60; ++minute) {
    key();
    clock->advance(1min);
  }
  EXPECT_LE(provider->fetches, 9);
}

TEST_F(Refreshing, UsesOldOnesWhileTheyLastWhenNewOnesFail) {
  key();
  provider->failing = true;
  clock->advance(46min);
  EXPECT_EQ(key(), "1");
  clock->advance(13min);  // one is left
  EXPECT_EQ(key(), "1");
  clock->advance(2min);
  EXPECT_THAT(failure<StoreUnavailable>([&] { key(); }), HasSubstr("the test gives none"));
  provider->failing = false;
  clock->advance(61s);
  EXPECT_NE(key(), "1");
}

TEST_F(Refreshing, BacksOffWhileItFails) {
  key();
  provider->failing = true;
  clock->advance(46min);
  for (int second = 0; second < 600; ++second) {
    key();
    clock->advance(1s);
  }
  EXPECT_LE(provider->fetches, 1 + 6 + 600 / 30 + 1);
  EXPECT_GE(provider->fetches, 1 + 600 / 60);
}

TEST_F(Refreshing, RepeatsTheFailureUntilTheNextTry) {
  provider->failing = true;
  for (int i = 0; i < 100; ++i) failure<StoreUnavailable>([&] { key(); });
  try {
    key();
  } catch (const RequestFailed& error) {
    EXPECT_EQ(error.effect(), RequestFailed::Effect::none);  // a put can be repeated
  }
  EXPECT_EQ(provider->fetches, 1);
  provider->failing = false;
  clock->advance(2s);
  EXPECT_EQ(key(), "2");
}

TEST_F(Refreshing, AFailureOfItsOwnKeepsNobodyWaiting) {
  class NoRandom final : public Random {
   public:
    void fill(std::span<std::byte> /*out*/) override { throw Error("no random bytes"); }
  };
  provider->failing = true;
  source = make_refreshing_source(provider, {clock, std::make_shared<NoRandom>(),
                                             make_inline_executor(), make_inline_executor()});
  EXPECT_THROW(source->get(), Error);
  provider->failing = false;
  std::stop_source stop;  // so that it ends, whatever happens
  std::jthread stopper([&](const std::stop_token& ended) {
    for (int i = 0; i < 50 && !ended.stop_requested(); ++i) std::this_thread::sleep_for(100ms);
    stop.request_stop();
  });
  const StopScope scope(stop.get_token());
  EXPECT_EQ(key(), "2");
}

TEST_F(Refreshing, TakesAnyDate) {
  for (const auto expires : {std::chrono::sys_seconds::max(), std::chrono::sys_seconds::min()}) {
    const auto given = make_explicit_provider([expires] {
      return Credentials{"A", "SECRET", "", expires};
    });
    source = make_refreshing_source(
        given, {clock, make_system_random(), make_inline_executor(), make_inline_executor()});
    if (expires > std::chrono::sys_seconds{}) {
      EXPECT_EQ(key(), "A");
    } else {
      EXPECT_THROW(key(), PermissionDenied);
    }
  }
}

TEST_F(Refreshing, RefusesWhatHasExpired) {
  provider->lifetime = -5s;
  EXPECT_THAT(failure<PermissionDenied>([&] { key(); }),
              HasSubstr("the test gave credentials that expired 2025-12-31T23:59:55"));
}

TEST_F(Refreshing, AWrongClockOfThisMachineDoesNotMatter) {
  for (const auto ahead : {240h, -240h}) {
    provider->ahead = std::chrono::duration_cast<std::chrono::seconds>(ahead);
    provider->fetches = 0;
    source = make_refreshing_source(provider, {clock, make_system_random(), nullptr, nullptr});
    EXPECT_EQ(key(), "1");
    clock->advance(44min);
    EXPECT_EQ(key(), "1");
    clock->set_wall(parse_timestamp("2036-01-01T00:00:00Z"));  // somebody sets it
    EXPECT_EQ(key(), "1");
    clock->advance(2min);
    EXPECT_EQ(key(), "2");
  }
}

// Returns when `count` fetches have begun.
void await(const TestProvider& provider, int count) {
  while (provider.fetches < count) std::this_thread::yield();
}

TEST_F(Refreshing, OneThreadFetchesForAllThatWait) {
  provider->close();
  std::vector<std::thread> threads;
  std::atomic<int> got{0};
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(source->get()->access_key_id, "1");
      ++got;
    });
  }
  await(*provider, 1);
  EXPECT_EQ(got, 0);
  provider->open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(provider->fetches, 1);
}

TEST_F(Refreshing, AllThatWaitGetTheFailure) {
  provider->failing = true;
  provider->close();
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      try {
        source->get();
      } catch (const StoreUnavailable&) {
        ++failed;
      }
    });
  }
  await(*provider, 1);
  provider->open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 16);
  EXPECT_EQ(provider->fetches, 1);
}

TEST_F(Refreshing, OthersGoOnWithTheOldOnesWhileThereIsTime) {
  key();
  clock->advance(46min);
  provider->close();
  std::thread refreshing([&] { EXPECT_EQ(source->get()->access_key_id, "2"); });
  await(*provider, 2);
  EXPECT_EQ(key(), "1");  // would wait for ever if it waited
  provider->open();
  refreshing.join();
  EXPECT_EQ(key(), "2");
}

TEST_F(Refreshing, OthersWaitWhenLittleTimeIsLeft) {
  key();
  clock->advance(51min);
  provider->close();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(source->get()->access_key_id, "2"); });
  }
  await(*provider, 2);
  provider->open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(provider->fetches, 2);
}

TEST_F(Refreshing, ManyThreadsAndAMovingClock) {
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  std::array<std::atomic<int>, 4> gets{};
  for (std::atomic<int>& count : gets) {
    threads.emplace_back([&] {
      for (; !stop; ++count) EXPECT_FALSE(source->get()->access_key_id.empty());
    });
  }
  for (int minute = 0; minute < 600; ++minute) {
    clock->advance(1min);
    std::this_thread::yield();
    if (minute % 10 != 0) continue;
    // No thread sleeps through the hour for which what it was given is good.
    for (std::atomic<int>& count : gets) {
      for (const int before = count; count == before;) std::this_thread::yield();
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(provider->fetches, 1 + 600 / 30);
}

TEST_F(Refreshing, AsksForOthersThanThoseThatTheStoreRefuses) {
  const Credentials first = source->get().value();
  EXPECT_TRUE(source->renew(first));
  EXPECT_EQ(key(), "2");
  EXPECT_TRUE(source->renew(first));  // whoever comes later with the old ones finds the new ones
  EXPECT_EQ(provider->fetches, 2);
}

TEST_F(Refreshing, DoesNotAskAgainAndAgainForThoseThatAreRefused) {
  provider->same = true;
  const Credentials first = source->get().value();
  EXPECT_FALSE(source->renew(first));
  EXPECT_FALSE(source->renew(first));
  EXPECT_EQ(provider->fetches, 2);
  EXPECT_EQ(key(), first.access_key_id);  // the store may yet think again
  clock->advance(61s);
  provider->same = false;
  EXPECT_TRUE(source->renew(first));
}

TEST_F(Refreshing, SaysWhyThereAreNoOthers) {
  const Credentials first = source->get().value();
  provider->failing = true;
  EXPECT_THAT(failure<StoreUnavailable>([&] { source->renew(first); }), HasSubstr("the test"));
  EXPECT_THAT(failure<StoreUnavailable>([&] { source->renew(first); }), HasSubstr("the test"));
  EXPECT_EQ(provider->fetches, 2);
  EXPECT_EQ(key(), "1");
}

TEST_F(Refreshing, OneOfManyAsksForOthers) {
  const Credentials first = source->get().value();
  provider->close();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_TRUE(source->renew(first)); });
  while (provider->fetches < 2) std::this_thread::yield();
  provider->open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(provider->fetches, 2);
  EXPECT_EQ(key(), "2");
}

}  // namespace
}  // namespace flashflood
