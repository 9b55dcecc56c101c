#include "store/probe.h"

#include <gtest/gtest.h>

#include "flashflood/error.h"
#include "store/counting_store.h"
#include "store/fault_store.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"

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

 private:
  const What what_;
};

TEST(Probe, TakesStoresThatKeepThePromises) {
  const auto io = make_thread_pool(4);
  const auto store = std::make_shared<CountingStore>(memory());
  EXPECT_EQ(create_probing(*store, *io, "a", "1"), PutOutcome::created);
  EXPECT_EQ(store->counts().put_if_absent, 4U);
  EXPECT_EQ(store->counts().list, 1U);
  EXPECT_EQ(create_probing(*store, *io, "a", "2"), PutOutcome::exists);
  EXPECT_EQ(store->get("a", ByteRange::whole())->bytes, "1");
}

TEST(Probe, RefusesStoresThatDoNot) {
  const auto io = make_thread_pool(4);
  for (const auto what : {Lacking::What::put_if_absent, Lacking::What::listing}) {
    Lacking store(what);
    try {
      create_probing(store, *io, "a", "1");
      FAIL();
    } catch (const StoreUnsuitable& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("Lax/1.0"), std::string::npos) << message;
      EXPECT_NE(message.find("If-None-Match"), std::string::npos) << message;
    }
    EXPECT_FALSE(store.get("a", ByteRange::whole()));  // nothing is left behind
  }
}

TEST(Probe, ResolvesLostAnswers) {
  const auto io = make_thread_pool(4);
  std::atomic<int> requests = 0;
  FaultStore store(
      memory(), [&](const Request&) { return requests++ < 3 ? Fault::answer_lost : Fault::none; });
  // One of the lost answers said that it was created: that everybody now sees it there is right.
  create_probing(store, *io, "a", "1");
  EXPECT_EQ(store.get("a", ByteRange::whole())->bytes, "1");
}

TEST(ProbingStore, TriesOnceBeforeTheFirstWrite) {
  const auto counting = std::make_shared<CountingStore>(memory());
  counting->put("settings", "1");
  const RequestCounts before = counting->counts();
  const auto store = make_probing_store(counting, "settings", "1");
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
  const auto store = make_probing_store(lacking, "settings", "1");
  EXPECT_THROW(store->put("a", "1"), StoreUnsuitable);
  EXPECT_THROW(static_cast<void>(store->put_if_absent("a", "1")), StoreUnsuitable);
  EXPECT_FALSE(store->get("a", ByteRange::whole()));
  EXPECT_EQ(store->get("settings", ByteRange::whole())->bytes, "1");
}

}  // namespace
}  // namespace flashflood
