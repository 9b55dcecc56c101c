// The requests that each operation makes, counted, at several sizes of flood: on a handle that has
// been used, and after somebody else has committed. The bounds are those of the design: they hold
// at any size. A listing of fewer than 1,000 pending objects is one request.
#include <gtest/gtest.h>

#include "engine/journal/commit.h"
#include "engine/journal/compact.h"
#include "engine/journal/seal.h"
#include "engine/state/catalog_pages.h"
#include "engine/test_flood.h"

namespace flashflood::engine::testing {
namespace {

std::string id_of(std::size_t i) {
  std::string digits = std::to_string(i);
  return "event-" + std::string(8 - digits.size(), '0') + digits;
}

// A flood of `journals` sealed journals of a few events each, and a second handle on it.
class Costs : public ::testing::TestWithParam<std::size_t> {
 protected:
  static constexpr std::size_t events_each = 4;

  void SetUp() override {
    const TestFlood writer = flood_.another();
    for (std::size_t done = 0; done < GetParam();) {
      // Many journals with one commit: each takes the events of one date.
      std::vector<TestEvent> events;
      for (; done < GetParam() && events.size() < 1200; ++done)
        for (std::size_t i = 0; i < events_each; ++i)
          events.push_back({id_of(done * events_each + i), at(static_cast<std::int64_t>(done)),
                            "{\"n\": 12345678}"});
      writer.record(events);
      SealLimits limits;
      limits.journal_bytes = 100;  // four events have more, three less
      JournalReport report;
      ASSERT_EQ(seal_pending(*writer.context, survey(*writer.context), limits, report),
                SealOutcome::sealed_all);
    }
    while (merge_some_of_the_index(writer)) {
    }
    auto head = load_head(*writer.context);
    ASSERT_EQ(journals_between(*writer.context, *head.catalog, {}, {}).size(), GetParam());
    ASSERT_EQ(!head.catalog->pages.empty(), GetParam() > root_journals_max);
    warm();
  }
  static bool merge_some_of_the_index(const TestFlood& flood) {
    JournalReport report;
    return merge_index(*flood.context, survey(*flood.context), report) == MergeOutcome::merged;
  }

  // Uses the handle, as a process does that has run for a while.
  void warm() {
    flood_.flood.find(an_id());
    flood_.flood.find("unknown");
    flood_.flood.replay();
  }
  std::string an_id() const { return id_of(GetParam() * events_each / 2); }

  // Another process records and journals a few events.
  void commit_elsewhere() {
    const TestFlood other = flood_.another();
    std::vector<TestEvent> events;
    for (int i = 0; i < 3; ++i)
      events.push_back({"elsewhere-" + std::to_string(commits_) + "-" + std::to_string(i),
                        at(1'000'000 + commits_), "{}"});
    ++commits_;
    other.record(events);
    JournalReport report;
    ASSERT_EQ(seal_pending(*other.context, survey(*other.context), {}, report),
              SealOutcome::sealed_all);
  }

  template <typename Operation>
  RequestCounts count(const Operation& operation) {
    auto before = flood_.counting->counts();
    operation();
    return flood_.counting->counts() - before;
  }

  static void expect(const char* what, const RequestCounts& counts, std::uint64_t lists,
                     std::uint64_t gets_max, std::uint64_t puts) {
    EXPECT_EQ(counts.list, lists) << what;
    EXPECT_LE(counts.get, gets_max) << what;
    EXPECT_EQ(counts.put + counts.put_if_absent, puts) << what;
    EXPECT_EQ(counts.remove + counts.now, 0u) << what;
    std::printf("%-36s %llu LIST %llu GET %llu PUT\n", what,
                static_cast<unsigned long long>(counts.list),
                static_cast<unsigned long long>(counts.get),
                static_cast<unsigned long long>(counts.put + counts.put_if_absent));
  }

  MemoryFlood flood_;
  int commits_ = 0;
};

TEST_P(Costs, OnAWarmHandle) {
  const TestFlood& flood = flood_.flood;
  NewEvent without_id;
  without_id.data = "{}";
  expect("put, id made here", count([&] { put_event(*flood.context, without_id); }), 0, 0, 1);
  expect("get, sealed", count([&] { EXPECT_TRUE(flood.find(an_id())); }), 1, 2, 0);
  expect("get, from a block read before", count([&] { EXPECT_TRUE(flood.find(an_id())); }), 1, 1,
         0);
  expect("get, unknown", count([&] { EXPECT_FALSE(flood.find("unknown")); }), 1, 2, 0);
  expect("put, new id", count([&] { flood.put("new", at(5), "{}"); }), 1, 2, 1);
  expect("get, pending", count([&] { EXPECT_TRUE(flood.find("new")); }), 1, 2, 0);
  expect("put, id exists",
         count([&] { EXPECT_THROW(flood.put(an_id(), at(5), "{}"), EventExists); }), 1, 2, 0);
  expect("update, sealed", count([&] { flood.update(an_id(), "{\"n\": 1}"); }), 1, 2, 1);
  expect("update, pending", count([&] { flood.update(an_id(), "{\"n\": 2}"); }), 1, 2, 1);
  expect("delete, pending", count([&] { flood.erase(an_id()); }), 1, 2, 1);
  expect("delete, sealed", count([&] { flood.erase(id_of(0)); }), 1, 2, 1);
  expect("put again after delete", count([&] { flood.put(an_id(), at(6), "{}"); }), 1, 2, 1);
  expect("record", count([&] {
           flood.record({{"r1", at(1), "{}"}, {"r2", at(2), "{}"}});
         }),
         0, 0, 1);
}

TEST_P(Costs, OfIdsInPendingRecorderJournals) {
  const TestFlood& flood = flood_.flood;
  flood.record({{"r1", at(1), "{}"}, {"r2", at(2), "{}"}});
  flood.find("warm");  // the new journal's tail is read once
  expect("get, recorded and pending", count([&] { EXPECT_TRUE(flood.find("r1")); }), 1, 2, 0);
  expect("update, recorded and pending", count([&] { flood.update("r2", "{}"); }), 1, 2, 1);
}

TEST_P(Costs, AfterACommitBySomebodyElse) {
  const TestFlood& flood = flood_.flood;
  commit_elsewhere();
  // The new catalog and the tail of the new index run are read once more.
  expect("get, sealed, after a commit", count([&] { EXPECT_TRUE(flood.find(an_id())); }), 1, 4, 0);
  expect("get, sealed, once more", count([&] { EXPECT_TRUE(flood.find(an_id())); }), 1, 2, 0);
  commit_elsewhere();
  expect("put, new id, after a commit", count([&] { flood.put("new", at(5), "{}"); }), 1, 4, 1);
  expect("put, new id, once more", count([&] { flood.put("new2", at(5), "{}"); }), 1, 2, 1);
  commit_elsewhere();
  NewEvent without_id;
  without_id.data = "{}";
  expect("put, id made here, after a commit", count([&] { put_event(*flood.context, without_id); }),
         0, 0, 1);
  expect("record, after a commit", count([&] { flood.record({{"r1", at(1), "{}"}}); }), 0, 0, 1);
}

TEST_P(Costs, OfOpening) {
  // A new handle: settings, then the state with the first operation.
  expect("open", count([&] { TestFlood(flood_.counting, flood_.env); }), 0, 1, 0);
  expect("open and get", count([&] {
           TestFlood opened(flood_.counting, flood_.env);
           EXPECT_TRUE(opened.find(an_id()));
         }),
         // settings, catalog, pages of an index run, blocks of a journal; with pages one of them
         1, GetParam() > root_journals_max ? 5 : 4, 0);
  // Four requests in all, and with many journals five: the catalog repeats the settings.
  expect("get, opened by it", count([&] {
           const IdHash id = IdHash::of(an_id());
           Opening opening(flood_.counting, flood_.env, small_options());
           EXPECT_TRUE(look_up(*opening.context_to_look(an_id()), an_id(), id, true).live());
         }),
         1, GetParam() > root_journals_max ? 4 : 3, 0);
  expect("update, opened by it", count([&] {
           Opening opening(flood_.counting, flood_.env, small_options());
           update_event(*opening.context_to_look(an_id()), an_id(), "{}", {});
         }),
         1, GetParam() > root_journals_max ? 3 : 2, 1);
}

// One LIST, then one read for each run of blocks of each sealed journal of the range, and one for
// each pending journal.
TEST_P(Costs, OfReplays) {
  const TestFlood& flood = flood_.flood;
  ReplayOptions narrow;
  narrow.from = at(3);
  narrow.to = at(5);
  expect("replay, two journals",
         count([&] { EXPECT_EQ(flood.replay(narrow).size(), 2 * events_each); }), 1, 2, 0);
  expect("replay, all, for each journal 1",
         count([&] { EXPECT_EQ(flood.replay().size(), GetParam() * events_each); }), 1, GetParam(),
         0);
  flood.record({{"r1", at(4), "{}"}});
  flood.put("s1", at(4), "{}");
  expect("replay, and two pending journals",
         count([&] { EXPECT_EQ(flood.replay(narrow).size(), 2 * events_each + 2); }), 1, 4, 0);
  // A narrow range on a new handle: the catalog's root, one page of it, each journal whole.
  TestFlood fresh(flood_.counting, flood_.env);
  expect("replay, narrow, new handle", count([&] { fresh.replay(narrow); }), 1, 2 + 2 + 2, 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Costs, ::testing::Values(8, 200, 300, 3000));

// Each pending event is read once. Besides: the store's time, the leases, the head; an index run, a
// journal, the catalog, twice whether it is the newest, and once the catalog as it was stored.
TEST(JournalingCosts, ALittleMoreThanToReadWhatIsPending) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  const auto journal_some = [&](const std::string& name) {
    for (int i = 0; i < 50; ++i) flood.put(name + std::to_string(i), at(i), "{}");
    const auto before = memory.counting->counts();
    JournalOptions options;
    options.min_events = 50;
    EXPECT_EQ(flood.journal(options).sealed_events, 50u);
    return memory.counting->counts() - before;
  };
  const auto counts = journal_some("first-");
  EXPECT_EQ(counts.now, 1u);
  EXPECT_EQ(counts.list, 4u);
  EXPECT_EQ(counts.get, 50u + 1);
  EXPECT_EQ(counts.put, 2u);
  EXPECT_EQ(counts.put_if_absent, 1u);
  const auto nothing = memory.counting->counts();
  flood.journal();
  const auto idle = memory.counting->counts() - nothing;
  EXPECT_EQ(idle.now + idle.list + idle.get, 4u);
}

// A journal of 40 MiB is read in pieces of about 8 MiB.
TEST(ReplayCosts, OfOneLargeJournal) {
  MemoryFlood memory;
  OpenOptions options;
  options.compression = "none";
  const TestFlood flood(memory.counting, memory.env, options);
  std::mt19937_64 random(1);
  std::size_t total = 0;
  for (int journal = 0; journal < 10; ++journal) {
    std::vector<TestEvent> events;
    for (int i = 0; i < 4; ++i) {
      std::string data(1 << 20, 'x');
      total += data.size();
      events.push_back({id_of(static_cast<std::size_t>(journal * 4 + i)), at(i), data});
    }
    flood.record(events);
  }
  flood.journal();
  flood.replay();
  auto before = memory.counting->counts();
  EXPECT_EQ(flood.replay().size(), 40u);
  auto counts = memory.counting->counts() - before;
  EXPECT_EQ(counts.list, 1u);
  EXPECT_LE(counts.get, total / (std::size_t{7} << 20) + 1);
}

// However many journals there are, each is read in large pieces, and the first events come after a
// few requests.
TEST(ReplayCosts, OfManyLargeJournals) {
  MemoryFlood memory;
  OpenOptions options;
  options.compression = "none";
  const TestFlood flood(memory.counting, memory.env, options);
  constexpr std::int64_t journals = 32;
  for (std::int64_t journal = 0; journal < journals; ++journal) {
    std::vector<TestEvent> events;
    for (std::int64_t i = 0; i < 4; ++i)
      events.push_back({id_of(static_cast<std::size_t>(journal * 4 + i)), at(journal * 4 + i),
                        std::string(1 << 20, 'x')});
    flood.record(events);
    JournalReport report;
    seal_pending(*flood.context, survey(*flood.context), {}, report);
  }
  const TestFlood fresh(memory.counting, memory.env, options);
  auto before = memory.counting->counts();
  Replayer replayer(fresh.context, {});
  ASSERT_FALSE(replayer.next_batch().empty());
  // The listing and the catalog; the first journals.
  EXPECT_LE((memory.counting->counts() - before).get, 20u);
  std::size_t events = 1;
  for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
    events += batch.size();
  EXPECT_EQ(events, 4u * journals);
  // Each whole.
  EXPECT_LE((memory.counting->counts() - before).get, journals + 2u);
}

// The index tells an event's date, not its journal: a get looks through the journals that cover the
// date until it finds the event (docs/decisions/0002). Several writers record events of the same
// dates; each of `seals` commits seals what they recorded.
class GetCosts : public ::testing::Test {
 protected:
  static constexpr int writers = 8;
  static std::string name(int seal, int writer, int i) {
    return "id-" + std::to_string(seal) + "-" + std::to_string(writer) + "-" + std::to_string(i);
  }
  void record(int seal) const {
    for (int writer = 0; writer < writers; ++writer) {
      std::vector<TestEvent> events;
      for (int i = 0; i < 50; ++i)
        events.push_back({name(seal, writer, i), at(i * 1000 + seal * 10 + writer), "{}"});
      memory_.another().record(events);
    }
  }
  void seal(int count) const {
    for (int i = 0; i < count; ++i) {
      record(i);
      JournalReport report;
      const TestFlood journaler = memory_.another();
      ASSERT_EQ(seal_pending(*journaler.context, survey(*journaler.context), {}, report),
                SealOutcome::sealed_all);
    }
  }
  // The most reads of any get, of events of each seal and writer. Cold: each on a new handle, which
  // is opened; else on one that has opened all journals.
  enum class Handle { cold, warm };
  std::uint64_t most(int seals, const char* what, Handle handle) const {
    std::uint64_t most = 0, sum = 0, gets = 0;
    const TestFlood used(memory_.counting, memory_.env);
    used.find(name(0, 0, 0));
    used.find("unknown");
    used.replay();
    for (int seal = 0; seal < seals; ++seal) {
      for (int writer = 0; writer < writers; ++writer) {
        const std::string id = name(seal, writer, 25);
        const auto before = memory_.counting->counts();
        if (handle == Handle::warm) {
          used.context->block_cache = std::make_shared<LruCache>(0);
          EXPECT_TRUE(used.find(id));
        } else {
          EXPECT_TRUE(TestFlood(memory_.counting, memory_.env).find(id));
        }
        const auto counts = memory_.counting->counts() - before;
        EXPECT_EQ(counts.list, 1u);
        most = std::max(most, counts.get);
        sum += counts.get;
        ++gets;
      }
    }
    std::printf("%-36s 1 LIST %.1f GET, at most %llu\n", what,
                static_cast<double>(sum) / static_cast<double>(gets),
                static_cast<unsigned long long>(most));
    return most;
  }

  MemoryFlood memory_;
};

// Before journaling: a tail for each pending journal, once; then the block.
TEST_F(GetCosts, BeforeJournaling) {
  record(0);
  EXPECT_LE(most(1, "get, cold, 8 pending journals", Handle::cold), 1u + writers + 1);
  EXPECT_LE(most(1, "get, warm, 8 pending journals", Handle::warm), 2u);
}

// One journaling leaves one journal over a date, whoever recorded: the bound of the design.
TEST_F(GetCosts, AfterJournaling) {
  record(0);
  memory_.flood.journal();
  EXPECT_LE(most(1, "get, cold, journaled once", Handle::cold), 4u);
  EXPECT_LE(most(1, "get, warm, journaled once", Handle::warm), 2u);
}

// The same dates recorded and journaled again and again: up to eight journals may cover them.
class GetCostsOf : public GetCosts, public ::testing::WithParamInterface<int> {};
TEST_P(GetCostsOf, GrowWithTheJournalsThatCoverTheDate) {
  const auto covering = static_cast<std::uint64_t>(GetParam());
  seal(GetParam());
  // Settings, catalog; once each index run and each journal.
  const auto what = "of " + std::to_string(covering) + " journals over its date";
  EXPECT_LE(most(GetParam(), ("get, cold, " + what).c_str(), Handle::cold), 2 + 2 * covering);
  EXPECT_LE(most(GetParam(), ("get, warm, " + what).c_str(), Handle::warm), 1 + covering);
}
INSTANTIATE_TEST_SUITE_P(Journals, GetCostsOf, ::testing::Values(2, 4, 8));

}  // namespace
}  // namespace flashflood::engine::testing
