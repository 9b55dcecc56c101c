// How long splits live, what they cost, what is refused, and reading them at once.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "flashflood/replay.h"
#include "store/forwarding_store.h"
#include "store/http/test_server.h"
#include "test_splits.h"

namespace flashflood::engine::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// ---- how long they live ----

class Lifetime : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<TestEvent> events;
    for (int i = 0; i < 500; ++i)
      events.push_back({"e" + std::to_string(i), at(i), std::string(100, 'x')});
    signing_.flood.record(events);
    signing_.flood.put("single", at(77), "{}");
  }
  std::vector<std::string> make(bool presigned) {
    SplitOptions options;
    options.count = 4;
    if (presigned) options.presign = hours{10};
    options.valid_for = hours{10};
    return make_splits(*signing_.flood.context, options);
  }
  // Others journal and collect for a while.
  void pass(seconds time) {
    signing_.clock->sleep_for(time);
    for (int i = 0; i < 2; ++i) {
      signing_.flood.update("single", "{\"n\":" + std::to_string(++updates_) + "}");
      signing_.flood.journal();
      signing_.flood.collect();
      signing_.flood.collect();
    }
  }
  std::vector<Event> read_them(const std::vector<std::string>& splits, bool presigned) {
    return presigned ? signing_.read_presigned(splits) : read_all(signing_.flood.context, splits);
  }
  SigningFlood signing_;
  int updates_ = 0;
};

TEST_F(Lifetime, SplitsSurviveJournalingAndCollectingUntilTheyExpire) {
  for (const bool presigned : {false, true}) {
    const auto expected = signing_.flood.replay();
    auto splits = make(presigned);
    EXPECT_GT(splits.size(), 1u);
    pass(hours{1});
    pass(hours{8});
    expect_same(read_them(splits, presigned), expected);
    pass(hours{20});
    pass(hours{2});
    EXPECT_THROW(read_them(splits, presigned), SnapshotExpired) << presigned;
    EXPECT_THROW(refresh_splits(*signing_.flood.context, splits, {}), SnapshotExpired);
  }
}

TEST_F(Lifetime, RefreshedSplitsShowTheSameSnapshot) {
  for (const bool presigned : {false, true}) {
    const auto expected = signing_.flood.replay();
    auto splits = make(presigned);
    for (int i = 0; i < 5; ++i) {
      pass(hours{9});
      splits = refresh_splits(*signing_.flood.context, splits, {});
      EXPECT_EQ(format::decode_split(splits[0]).lease, format::decode_split(splits[1]).lease);
    }
    pass(hours{9});
    expect_same(read_them(splits, presigned), expected);
  }
}

TEST_F(Lifetime, RefreshRefusesWhatItCannotKeep) {
  auto splits = make(false);
  SigningFlood other(2);
  EXPECT_THROW(refresh_splits(*other.flood.context, splits, {}), InvalidArgument);
  EXPECT_THROW(refresh_splits(*signing_.flood.context, splits, seconds{0}), InvalidArgument);
  signing_.clock->sleep_for(hours{12});  // past three quarters of the lease's term
  const auto leases = signing_.flood.keys("leases/");
  EXPECT_THROW(refresh_splits(*signing_.flood.context, splits, {}), SnapshotExpired);
  EXPECT_EQ(signing_.flood.keys("leases/"), leases) << "no lease is left behind";
}

TEST_F(Lifetime, ARefreshThatIsRefusedInTheMiddleLeavesNoLease) {
  const auto old = make(false);
  signing_.clock->sleep_for(hours{12});
  const auto young = make(false);
  SigningFlood other(2);
  other.flood.put("a", at(1), "{}");
  const auto foreign = make_splits(*other.flood.context, SplitOptions{.count = 1});
  const auto leases = signing_.flood.keys("leases/");
  EXPECT_THROW(refresh_splits(*signing_.flood.context, std::vector{young[0], old[0]}, {}),
               SnapshotExpired);
  EXPECT_EQ(signing_.flood.keys("leases/"), leases);
  EXPECT_THROW(refresh_splits(*signing_.flood.context, std::vector{young[0], foreign.at(0)}, {}),
               InvalidArgument);
  EXPECT_EQ(signing_.flood.keys("leases/"), leases);
}

// Credentials that end before the splits are wanted to: the documents say so.
TEST_F(Lifetime, SplitsTellWhenTheyEnd) {
  const auto whole = make(true);
  const SplitTimes times = split_times(whole.at(0));
  EXPECT_EQ(times.expires - times.made, hours{10});
  class Session final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    std::optional<PresignedUrl> presign(std::string_view key, seconds duration) override {
      auto url = ForwardingStore::presign(key, duration);
      url->expires = std::min(url->expires, inner().now().date + hours{1});
      return url;
    }
  };
  const TestFlood session(std::make_shared<Session>(signing_.counting), signing_.env);
  SplitOptions options;
  options.presign = hours{10};
  for (const std::string& split : make_splits(*session.context, options)) {
    const SplitTimes early = split_times(split);
    EXPECT_GE(early.expires - early.made, hours{1});
    EXPECT_LT(early.expires - early.made, hours{1} + seconds{1});
  }
  EXPECT_THROW(split_times("{}"), InvalidArgument);
}

// ---- what they cost ----

TEST(SplitCosts, AReaderNeitherListsNorReadsACatalog) {
  SigningFlood signing;
  for (int j = 0; j < 5; ++j) {
    std::vector<TestEvent> events;
    for (int i = 0; i < 2000; ++i)
      events.push_back({"e" + std::to_string(j) + "-" + std::to_string(i), at(2000 * j + i),
                        std::string(100, 'x')});
    signing.flood.record(events);
    if (j < 4) signing.flood.journal();
  }
  signing.flood.put("single", at(3), "{}");
  SplitOptions options;
  options.count = 4;
  auto splits = make_splits(*signing.flood.context, options);
  ASSERT_EQ(splits.size(), 4u);
  for (const std::string& json : splits) {
    const TestFlood reader(signing.counting, signing.env);
    const auto split = format::decode_split(json);
    auto before = signing.counting->counts();
    EXPECT_FALSE(read(reader.context, json).empty());
    auto counts = signing.counting->counts() - before;
    EXPECT_EQ(counts.list + counts.put + counts.put_if_absent + counts.remove + counts.now, 0u);
    EXPECT_LE(counts.get, 2 * split.journals.size());
    // Even, and no more is read than that, but for the tails.
    EXPECT_NEAR(static_cast<double>(split.entries), 2500, 300);
  }
  options.presign = hours{1};
  auto presigned = make_splits(*signing.flood.context, options);
  for (const std::string& json : presigned) {
    const int before = signing.server->requests;
    EXPECT_FALSE(read(signing.context_of(json), json).empty());
    EXPECT_LE(signing.server->requests - before,
              2 * static_cast<int>(format::decode_split(json).journals.size()));
  }
}

TEST(SplitCosts, ALargeDateIsCutById) {
  SigningFlood signing;
  std::vector<TestEvent> events;
  for (int i = 0; i < 5000; ++i)
    events.push_back({"e" + std::to_string(i), at(7), std::string(100, 'x')});
  signing.flood.record(events);
  signing.flood.journal();
  SplitOptions options;
  options.count = 8;
  auto splits = make_splits(*signing.flood.context, options);
  ASSERT_EQ(splits.size(), 8u);
  for (const std::string& json : splits)
    EXPECT_NEAR(static_cast<double>(format::decode_split(json).entries), 625, 200);
  expect_same(read_all(signing.flood.context, splits), signing.flood.replay());
}

TEST(SplitCosts, ManyPendingOperationsAreSealedFirst) {
  SigningFlood signing;
  for (int i = 0; i < 10; ++i)
    signing.flood.put("e" + std::to_string(i), at(i), std::string(1 << 20, 'x'));
  auto splits = make_splits(*signing.flood.context, {});
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_LT(splits[0].size(), 10'000u);
  EXPECT_EQ(read_all(signing.flood.context, splits).size(), 10u);
}

TEST(SplitCosts, AnEmptyFloodHasNone) {
  SigningFlood signing;
  SplitOptions options;
  options.count = 8;
  EXPECT_TRUE(make_splits(*signing.flood.context, options).empty());
  options.presign = hours{1};
  EXPECT_TRUE(make_splits(*signing.flood.context, options).empty());
  EXPECT_TRUE(signing.flood.keys("leases/").empty());
}

// ---- what is refused ----

TEST(SplitErrors, Options) {
  SigningFlood signing;
  auto refused = [&](const std::function<void(SplitOptions&)>& change) {
    SplitOptions options;
    change(options);
    EXPECT_THROW(make_splits(*signing.flood.context, options), InvalidArgument);
  };
  refused([](SplitOptions& o) { o.count = 0; });
  refused([](SplitOptions& o) { o.count = 100'001; });
  refused([](SplitOptions& o) { o.valid_for = seconds{0}; });
  refused([](SplitOptions& o) { o.presign = hours{24 * 366}; });
  refused([](SplitOptions& o) { o.from = at(2), o.to = at(1); });
  refused([](SplitOptions& o) { o.where = "a["; });
  refused([](SplitOptions& o) { o.query = "a["; });
  MemoryFlood plain;
  SplitOptions options;
  options.presign = hours{1};
  EXPECT_THROW(make_splits(*plain.flood.context, options), StoreUnsuitable);
}

TEST(SplitErrors, DocumentsThatNameWhatIsNotThere) {
  SigningFlood signing;
  signing.flood.record({{"a", at(1), "{}"}, {"b", at(2), "{}"}});
  signing.flood.put("c", at(3), "{}");
  const auto split = format::decode_split(make_splits(*signing.flood.context, {}).at(0));
  auto fails = [&](const std::function<void(format::Split&)>& change) {
    auto changed = split;
    change(changed);
    EXPECT_THROW(read(signing.flood.context, format::encode_split(changed)), CorruptData);
  };
  fails([](format::Split& s) { s.journals[0].blocks = format::BlockRange{0, 1000}; });
  fails([](format::Split& s) { s.journals[0].entries += 1; });
  fails([](format::Split& s) { s.journals[0].object_bytes += 1; });
  fails([](format::Split& s) { s.pending[0][60] ^= 1; });
  fails([](format::Split& s) { s.pending.push_back(s.pending[0]); });
  fails([](format::Split& s) { s.pending[0] = "short"; });
  fails([](format::Split& s) {
    auto key = *format::parse_bulk_key(s.journals[0].key);
    key.number += 1;
    s.journals[0].key = format::bulk_key(key);
  });
}

// A late twin of a collected journal may be missing; when the snapshot is gone, that is an error.
TEST(SplitErrors, APendingJournalThatVanishes) {
  SigningFlood signing;
  signing.flood.record({{"a", at(1), "{}"}});
  auto split = format::decode_split(make_splits(*signing.flood.context, {}).at(0));
  split.catalog = split.fence = 5;
  split.lease = {};
  signing.flood.store->remove(std::vector<std::string>{split.journals[0].key});
  EXPECT_TRUE(read(signing.flood.context, format::encode_split(split)).empty());
  split.fence = 0;
  EXPECT_THROW(read(signing.flood.context, format::encode_split(split)), CorruptData);
}

// ---- at once ----

TEST(SplitThreads, AreReadAtOnceWhileOthersJournal) {
  auto clock = make_system_clock();
  auto memory = make_memory_store(clock);
  Environment env{clock, make_system_random(), make_thread_pool(2), make_thread_pool(4)};
  const TestFlood flood(memory, env);
  for (int j = 0; j < 6; ++j) {
    std::vector<TestEvent> events;
    for (int i = 0; i < 1000; ++i)
      events.push_back({"e" + std::to_string(1000 * j + i), at(i), std::string(50, 'x')});
    flood.record(events);
    if (j == 3) flood.journal();
  }
  const auto expected = flood.replay();
  SplitOptions options;
  options.count = 6;
  const auto splits = make_splits(*flood.context, options);
  ASSERT_EQ(splits.size(), 6u);
  std::vector<std::vector<Event>> parts(splits.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < splits.size(); ++i)
    threads.emplace_back([&, i] { parts[i] = read(flood.context, splits[i]); });
  flood.journal();
  flood.collect();
  for (std::thread& thread : threads) thread.join();
  std::vector<Event> together;
  for (auto& part : parts) together.insert(together.end(), part.begin(), part.end());
  expect_same(together, expected);
}

// ---- by plain HTTP, from the public interface ----

TEST(SplitHttp, APresignedSplitIsReadWithoutAnythingElse) {
  SigningFlood signing;
  std::vector<TestEvent> events;
  for (int i = 0; i < 3000; ++i)
    events.push_back({"e" + std::to_string(i), at(i), "{\"n\":" + std::to_string(i) + "}"});
  signing.flood.record(events);
  SplitOptions options;
  options.count = 3;
  options.presign = hours{1};
  options.where = "n > `10`";
  auto splits = make_splits(*signing.flood.context, options);
  ASSERT_EQ(splits.size(), 3u);
  int status = 206;
  TestServer server([&](const std::string& request) -> std::string {
    if (status != 206)
      return "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: 0\r\n\r\n";
    EXPECT_TRUE(request.starts_with("GET /flood/journals/")) << request;
    EXPECT_EQ(request.find("Authorization"), std::string::npos);
    const std::size_t key = request.find("journals/");
    HttpRequest inner;
    inner.url = std::string(flashflood::testing::presigned_origin) +
                request.substr(key, request.find(' ', key) - key);
    if (const std::size_t range = request.find("Range: "); range != std::string::npos)
      inner.headers.push_back(
          {"Range", request.substr(range + 7, request.find('\r', range) - range - 7)});
    HttpResponse answer = signing.server->send(inner);
    if (answer.status == 200) return TestServer::answer(answer.body);
    return "HTTP/1.1 206 Partial\r\nContent-Range: " +
           std::string(*answer.header("content-range")) +
           "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  });
  std::vector<std::string> served;
  for (const std::string& json : splits) {
    auto split = format::decode_split(json);
    for (auto& journal : split.journals)
      journal.url = server.url("/flood/" + journal.key + journal.url.substr(journal.url.find('?')));
    split.expires = timestamp_max;
    served.push_back(format::encode_split(split));
  }
  std::vector<Event> read_events;
  for (const std::string& json : served) {
    Replay replay = read_split(json);
    for (const EventView& event : replay) read_events.push_back(event.copy());
    EXPECT_EQ(replay.requests().lists, 0u);
    EXPECT_GT(replay.requests().gets, 0u);
  }
  expect_same(read_events, replay_of(signing, options));
  auto read_one = [&] {
    Replay replay = read_split(served[0]);
    for (auto batch = replay.next_batch(); !batch.empty(); batch = replay.next_batch()) {
    }
  };
  status = 403;
  EXPECT_THROW(read_one(), PermissionDenied);
  status = 404;
  EXPECT_THROW(read_one(), SnapshotExpired);
  status = 302;  // redirects are not followed
  EXPECT_THROW(read_one(), PermissionDenied);
}

}  // namespace
}  // namespace flashflood::engine::testing
