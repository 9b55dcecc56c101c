#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>

#include "flashflood/error.h"
#include "store/counting_store.h"
#include "store/forwarding_store.h"
#include "store/memory_store.h"
#include "store/test_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/prefix_store.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<std::string>;

TEST(CountingStore, CountsRequestsAndBytes) {
  CountingStore store(memory());
  store.put("a", "123");
  static_cast<void>(store.put_if_absent("b", "12345"));
  static_cast<void>(store.put_if_absent("b", "12345"));
  store.get("a", ByteRange::last(2));
  store.get("none", ByteRange::whole());
  store.list("", "", 1);
  store.list("", "a", 1);
  store.remove(Keys{"a", "b", "c"});
  store.now();
  RequestCounts expected;
  expected.put = 1;
  expected.put_if_absent = 2;
  expected.get = 2;
  expected.list = 2;
  expected.remove = 1;
  expected.keys_removed = 3;
  expected.now = 1;
  expected.bytes_read = 2;
  expected.bytes_written = 13;
  EXPECT_EQ(store.counts(), expected);
  EXPECT_EQ(store.counts().requests(), 9U);

  const RequestCounts before = store.counts();
  store.list("", "", 0);
  EXPECT_EQ((store.counts() - before).requests(), 1U);
  EXPECT_EQ((store.counts() - before).list, 1U);
}

TEST(CountingStore, CountsWhatFails) {
  CountingStore store(
      std::make_shared<FaultStore>(memory(), [](const Request&) { return Fault::request_lost; }));
  EXPECT_THROW(store.get("a", ByteRange::whole()), StoreUnavailable);
  EXPECT_EQ(store.counts().get, 1U);
}

// A store whose requests meet the given fault.
struct Faulty {
  std::shared_ptr<ObjectStore> inner = memory();
  Fault next = Fault::none;
  std::vector<Request::Kind> kinds;
  std::shared_ptr<FaultStore> store =
      std::make_shared<FaultStore>(inner, [this](const Request& request) {
        kinds.push_back(request.kind);
        return std::exchange(next, Fault::none);
      });
};

TEST(FaultStore, ALostRequestDoesNothing) {
  Faulty faulty;
  faulty.next = Fault::request_lost;
  EXPECT_THROW(faulty.store->put("a", "1"), StoreUnavailable);
  EXPECT_EQ(read(*faulty.inner, "a"), "(absent)");
  faulty.next = Fault::request_lost;
  EXPECT_THROW(faulty.store->list("", "", 0), StoreUnavailable);
  faulty.next = Fault::request_lost;
  EXPECT_THROW(faulty.store->now(), StoreUnavailable);
}

TEST(FaultStore, ALostAnswerComesAfterTheDeed) {
  Faulty faulty;
  faulty.next = Fault::answer_lost;
  EXPECT_THROW(static_cast<void>(faulty.store->put_if_absent("a", "1")), StoreUnavailable);
  EXPECT_EQ(read(*faulty.inner, "a"), "1");
  faulty.next = Fault::answer_lost;
  EXPECT_THROW(faulty.store->remove(Keys{"a"}), StoreUnavailable);
  EXPECT_EQ(read(*faulty.inner, "a"), "(absent)");
}

TEST(FaultStore, LateChangesArriveWhenDelivered) {
  Faulty faulty;
  faulty.next = Fault::request_late;
  EXPECT_THROW(faulty.store->put("a", "late"), StoreUnavailable);
  faulty.next = Fault::request_late;
  EXPECT_THROW(static_cast<void>(faulty.store->put_if_absent("b", "late")), StoreUnavailable);
  EXPECT_EQ(read(*faulty.inner, "a"), "(absent)");
  EXPECT_EQ(faulty.store->put_if_absent("b", "in time"), PutOutcome::created);
  EXPECT_EQ(faulty.store->deliver_late(), 2U);
  EXPECT_EQ(read(*faulty.inner, "a"), "late");
  EXPECT_EQ(read(*faulty.inner, "b"), "in time");
  faulty.next = Fault::request_late;
  EXPECT_THROW(faulty.store->remove(Keys{"a"}), StoreUnavailable);
  EXPECT_EQ(faulty.store->deliver_late(), 1U);
  EXPECT_EQ(read(*faulty.inner, "a"), "(absent)");
  EXPECT_EQ(faulty.store->deliver_late(), 0U);
}

TEST(FaultStore, DamagesBodies) {
  Faulty faulty;
  const Bytes body = "0123456789";
  faulty.store->put("a", body);

  faulty.next = Fault::truncated_body;
  auto part = faulty.store->get("a", ByteRange::whole());
  EXPECT_EQ(part->bytes, "01234");
  EXPECT_EQ(part->object_size, 5U);
  faulty.next = Fault::truncated_body;
  EXPECT_EQ(faulty.store->get("a", ByteRange::last(2))->bytes, "34");

  faulty.next = Fault::short_range;
  part = faulty.store->get("a", ByteRange::at(2, 6));
  EXPECT_EQ(part->bytes, "234");
  EXPECT_EQ(part->object_size, 10U);

  faulty.next = Fault::flipped_bit;
  part = faulty.store->get("a", ByteRange::whole());
  ASSERT_EQ(part->bytes.size(), body.size());
  int bits = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    bits += __builtin_popcount(static_cast<unsigned char>(part->bytes[i] ^ body[i]));
  }
  EXPECT_EQ(bits, 1);
  EXPECT_EQ(read(*faulty.store, "a"), body);
}

TEST(FaultStore, StopsRemovalsHalfWay) {
  Faulty faulty;
  const Keys keys = {"a", "b", "c", "d"};
  for (const std::string& key : keys) faulty.store->put(key, key);
  faulty.next = Fault::partial_remove;
  EXPECT_THROW(faulty.store->remove(keys), StoreUnavailable);
  EXPECT_EQ(list_all(*faulty.inner, "").size(), 2U);
}

TEST(FaultStore, RefusesAndRunsFull) {
  Faulty faulty;
  faulty.next = Fault::store_full;
  EXPECT_THROW(faulty.store->put("a", "1"), StoreFull);
  faulty.next = Fault::store_full;
  EXPECT_NO_THROW(faulty.store->list("", "", 0));  // makes no sense there
  faulty.next = Fault::permission_denied;
  EXPECT_THROW(faulty.store->list("", "", 0), PermissionDenied);
  EXPECT_EQ(read(*faulty.inner, "a"), "(absent)");
}

TEST(FaultStore, TellsTheScriptWhatIsRequested) {
  std::vector<std::string> seen;
  FaultStore store(memory(), [&](const Request& request) {
    seen.push_back(std::to_string(request.number) + ':' + std::string(request.key) + ':' +
                   std::to_string(request.bytes));
    return Fault::none;
  });
  store.put("a", "123");
  store.list("pre", "", 0);
  store.remove(Keys{"x", "y"});
  store.remove({});
  EXPECT_EQ(seen, (Keys{"0:a:3", "1:pre:0", "2:x:0", "3::0"}));
}

TEST(RandomFaults, ComeAsOftenAsAskedForAndTheSameForTheSameSeed) {
  FaultRates rates;
  rates.request_lost = 0.1;
  rates.answer_lost = 0.2;
  rates.flipped_bit = 0.3;
  const auto run = [&](std::uint64_t seed, Request::Kind kind) {
    const FaultScript script = random_faults(std::make_shared<TestRandom>(seed), rates);
    std::vector<Fault> faults;
    for (int i = 0; i < 10'000; ++i) faults.push_back(script({kind, "a"}));
    return faults;
  };
  const auto faults = run(1, Request::Kind::get);
  EXPECT_EQ(faults, run(1, Request::Kind::get));
  EXPECT_NE(faults, run(2, Request::Kind::get));
  std::map<Fault, int> counts;
  for (const Fault fault : faults) ++counts[fault];
  EXPECT_NEAR(counts[Fault::request_lost], 1000, 150);
  EXPECT_NEAR(counts[Fault::answer_lost], 2000, 200);
  EXPECT_NEAR(counts[Fault::flipped_bit], 3000, 250);
  for (const Fault fault : run(1, Request::Kind::put)) EXPECT_NE(fault, Fault::flipped_bit);
}

TEST(PrefixStore, StaysBelowItsPrefix) {
  const auto inner = memory();
  for (const char* key : {"p", "p-x", "p/a", "p/b/c", "p0", "q/a"}) inner->put(key, key);
  const auto store = make_prefix_store(inner, "p");
  std::vector<ObjectInfo> all = list_all(*store, "");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].key, "a");
  EXPECT_EQ(all[1].key, "b/c");
  EXPECT_EQ(read(*store, "a"), "p/a");
  store->remove(Keys{"a", "p0"});
  EXPECT_EQ(list_all(*inner, "").size(), 5U);
  EXPECT_EQ(store->describe(), inner->describe() + "/p");
}

TEST(PrefixStore, TakesAKeyAsPrefix) {
  const auto inner = memory();
  EXPECT_EQ(make_prefix_store(inner, ""), inner);
  make_prefix_store(inner, "a/b/")->put("c", "1");
  EXPECT_EQ(read(*inner, "a/b/c"), "1");
  for (const char* prefix : {"/", "/a", "a//", "..", "a b"}) {
    EXPECT_THROW(make_prefix_store(inner, prefix), InvalidArgument) << prefix;
  }
  EXPECT_THROW(make_prefix_store(inner, "a")->get("../b", ByteRange::whole()), InvalidArgument);
}

}  // namespace
}  // namespace flashflood
