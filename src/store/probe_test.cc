#include "store/probe.h"

#include <gtest/gtest.h>

#include <mutex>
#include <random>

#include "flashflood/error.h"
#include "store/counting_store.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/testing/fault_store.h"

namespace flashflood {
namespace {

std::shared_ptr<ObjectStore> memory() { return make_memory_store(make_system_clock()); }

// A server that lacks a promise.
class Lacking final : public ForwardingStore {
 public:
  enum class What { put_if_absent, listing };
  explicit Lacking(What what) : ForwardingStore(memory()), what_(what) {}

  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    if (what_ != What::put_if_absent) return inner().put_if_absent(key, bytes);
    inner().put(key, bytes);
    return PutOutcome::created;
  }
  ListPage list(std::string_view prefix, std::string_view after, std::size_t limit) override {
    return what_ == What::listing ? ListPage() : inner().list(prefix, after, limit);
  }
  std::string server() const override { return "Lax/1.0 at http://lax"; }
  std::string describe() const override { return "s3://lax"; }
  bool is_empty() const { return list_all(inner(), "").empty(); }

 private:
  const What what_;
};

// With threads, as on a server.
Environment threaded() {
  return {make_system_clock(), make_system_random(), make_inline_executor(), make_thread_pool(8)};
}

std::shared_ptr<Retrier> retrier() {
  return std::make_shared<Retrier>(threaded(),
                                   RetryOptions{.pause_first = std::chrono::microseconds(10)});
}

TEST(Probe, TakesStoresThatKeepThePromises) {
  const auto store = std::make_shared<CountingStore>(memory());
  store->put("trials/of-another", "1");
  try_store(*store, threaded(), *retrier(), "trials/");
  EXPECT_EQ(store->counts().put_if_absent, trial_rounds * trial_writers);
  EXPECT_EQ(store->counts().list, 1U);
  EXPECT_EQ(store->counts().remove, 1U);
  EXPECT_EQ(list_all(*store, "").size(), 1U);  // what is not of this trial
}

TEST(Probe, RefusesStoresThatDoNot) {
  for (const auto what : {Lacking::What::put_if_absent, Lacking::What::listing}) {
    Lacking store(what);
    try {
      try_store(store, threaded(), *retrier(), "a-");
      FAIL();
    } catch (const StoreUnsuitable& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("Lax/1.0"), std::string::npos) << message;
      EXPECT_NE(message.find("If-None-Match"), std::string::npos) << message;
    }
    EXPECT_TRUE(store.is_empty());  // nothing is left behind
  }
}

TEST(Probe, ResolvesLostAnswers) {
  std::atomic<int> requests = 0;
  FaultStore store(
      memory(), [&](const Request&) { return requests++ < 3 ? Fault::answer_lost : Fault::none; });
  // One of the lost answers said that it was created: that everybody now sees it there is right.
  try_store(store, threaded(), *retrier(), "a-");
}

// Who may not delete leaves the objects of the trial, which is no failure.
TEST(Probe, PassesWhereNothingMayBeDeleted) {
  FaultStore store(memory(), [&](const Request& request) {
    return request.kind == Request::Kind::remove ? Fault::permission_denied : Fault::none;
  });
  try_store(store, threaded(), *retrier(), "a-");
  EXPECT_EQ(list_all(store, "a-").size(), trial_rounds);
}

// A server that looks whether the object is there, and stores it a little later. Whether a call
// falls into that window, and so wins beside another, is drawn from a seed: with a chance that is
// the same for all, or that load makes very small in some rounds.
class Racy final : public ForwardingStore {
 public:
  Racy(std::uint64_t seed, double chance, double quiet_rounds)
      : ForwardingStore(memory()), random_(seed), chance_(chance), quiet_rounds_(quiet_rounds) {}

  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    const std::lock_guard lock(mutex_);
    if (inner().put_if_absent(key, bytes) == PutOutcome::created) {
      quiet_ = draw() < quiet_rounds_;
      return PutOutcome::created;
    }
    return !quiet_ && draw() < chance_ ? PutOutcome::created : PutOutcome::exists;
  }

 private:
  double draw() { return std::uniform_real_distribution<>(0, 1)(random_); }
  std::mutex mutex_;
  std::mt19937_64 random_;  // guarded by mutex_, as is all below
  const double chance_;
  const double quiet_rounds_;
  bool quiet_ = false;
};

int accepted(double chance, double quiet_rounds) {
  const Environment env = threaded();
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Racy store(seed, chance, quiet_rounds);
    try {
      try_store(store, env, *retrier(), "a-");
      ++accepted;
    } catch (const StoreUnsuitable&) {
    }
  }
  return accepted;
}

// 3 to 9 of 16 writers win where a call falls into the window with a chance of 0.13 to 0.53; one of
// four trials with four writers, which passed on such servers, is 0.37.
TEST(Probe, RefusesServersThatLetSeveralWin) {
  EXPECT_EQ(accepted(0, 0), 1000);
  EXPECT_LE(accepted(0.13, 0), 10);
  EXPECT_LE(accepted(0.37, 0), 1);
  EXPECT_LE(accepted(0.53, 0), 1);
  EXPECT_LE(accepted(0.37, 1.0 / 3), 10);  // and every third round by luck shows nothing
}

TEST(ProbingStore, TriesOnceBeforeTheFirstWrite) {
  const auto counting = std::make_shared<CountingStore>(memory());
  counting->put("settings", "1");
  const RequestCounts before = counting->counts();
  const auto store = make_probing_store(counting, retrier(), "settings", "1");
  store->get("settings", ByteRange::whole());
  store->list("", "", 0);
  EXPECT_EQ((counting->counts() - before).put_if_absent, 0U);  // reading costs nothing more
  store->put("a", "1");
  static_cast<void>(store->put_if_absent("b", "1"));
  store->put("c", "1");
  EXPECT_EQ((counting->counts() - before).put_if_absent, 2U);
}

TEST(ProbingStore, RefusesToWriteToAStoreThatReplaces) {
  const auto lacking = std::make_shared<Lacking>(Lacking::What::put_if_absent);
  lacking->put("settings", "1");
  const auto store = make_probing_store(lacking, retrier(), "settings", "1");
  EXPECT_THROW(store->put("a", "1"), StoreUnsuitable);
  EXPECT_THROW(static_cast<void>(store->put_if_absent("a", "1")), StoreUnsuitable);
  EXPECT_FALSE(store->get("a", ByteRange::whole()));
  EXPECT_EQ(store->get("settings", ByteRange::whole())->bytes, "1");
}

}  // namespace
}  // namespace flashflood
