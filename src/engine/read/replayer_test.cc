#include "engine/read/replayer.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/test_flood.h"
#include "engine/upkeep/inventory.h"

namespace flashflood::engine::testing {
namespace {

struct ReplayTest : ::testing::Test {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;

  void SetUp() override {
    flood.record({{"a", at(1), "{\"n\": 1, \"tags\": []}"},
                  {"b", at(2), "{\"n\": 2, \"tags\": [\"x\"]}"},
                  {"c", at(3), "not JSON"},
                  {"d", at(4), ""},
                  {"e", at(5), "{\"n\": \"three\"}"}});
    flood.journal();
    flood.put("f", at(6), "{\"n\": 4}");
    flood.update("f", "{\"n\": 5}");
  }

  struct Result {
    std::string ids;
    std::vector<Event> events;
    ReplayProgress progress;
  };
  Result replay(const ReplayOptions& options) const {
    Replayer replayer(flood.context, options);
    Result result;
    EXPECT_FALSE(replayer.ended());
    for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
      for (const EventView& event : batch) {
        result.events.push_back(event.copy());
        result.ids += event.id;
      }
    EXPECT_TRUE(replayer.ended());
    EXPECT_TRUE(replayer.next_batch().empty()) << "over is over";
    result.progress = replayer.progress();
    return result;
  }
  Result replay_where(const std::string& where, const std::string& query = {}) const {
    ReplayOptions options;
    options.where = where;
    options.query = query;
    return replay(options);
  }
};

TEST_F(ReplayTest, EndsWhenATaskCannotBegin) {
  int failed = 0;
  for (int tasks = 0; tasks < 12; ++tasks) {
    for (const bool io : {false, true}) {
      Environment env = memory.env;
      (io ? env.io : env.compute) = std::make_shared<ForgetfulExecutor>(tasks);
      const TestFlood reader(memory.memory, env);
      try {
        EXPECT_EQ(reader.replay().size(), 6u);
      } catch (const std::bad_alloc&) {
        ++failed;
      }
    }
  }
  EXPECT_GT(failed, 0);
}

TEST_F(ReplayTest, RangesAreOpenBelowAndClosedAbove) {
  ReplayOptions options;
  EXPECT_EQ(replay(options).ids, "abcdef");
  options.from = at(2);
  EXPECT_EQ(replay(options).ids, "cdef");
  options.to = at(4);
  EXPECT_EQ(replay(options).ids, "cd");
  options.to = at(2);
  EXPECT_EQ(replay(options).ids, "");
  options.to = at(1);
  EXPECT_THROW(replay(options), InvalidArgument);
  for (const bool read_pending : {false, true})
    EXPECT_THROW(list_journals(*flood.context, at(2), at(1), read_pending), InvalidArgument);
  EXPECT_EQ(list_journals(*flood.context, at(1), at(2), true).size(), 1u);
  options = {};
  options.from = timestamp_max;
  EXPECT_EQ(replay(options).ids, "");
  options = {};
  options.to = timestamp_min;
  EXPECT_EQ(replay(options).ids, "");
}

TEST_F(ReplayTest, WhereKeepsWhatIsTrue) {
  auto result = replay_where("n > `1`");
  EXPECT_EQ(result.ids, "bf");
  EXPECT_EQ(result.progress.not_json, 2u);
  EXPECT_EQ(result.progress.events, 2u);
  EXPECT_EQ(result.events[1].data, "{\"n\": 5}") << "data goes out as it came in";
  EXPECT_EQ(result.events[1].revision, 2u);
  EXPECT_EQ(replay_where("tags").ids, "b");
  EXPECT_EQ(replay_where("`true`").ids, "abef");
  EXPECT_EQ(replay_where("`false`").ids, "");
}

TEST_F(ReplayTest, QueryTakesThePlaceOfTheData) {
  auto result = replay_where("", "tags");
  ASSERT_EQ(result.ids, "ab");
  EXPECT_EQ(result.events[0].data, "[]");
  EXPECT_EQ(result.events[1].data, "[\"x\"]");
  EXPECT_EQ(result.progress.filtered, 2u);
  result = replay_where("n > `1`", "{twice: n}");
  ASSERT_EQ(result.ids, "bf");
  EXPECT_EQ(result.events[1].data, "{\"twice\":5}");
}

TEST_F(ReplayTest, SkipsWhatCannotMatchWithoutLosingAnything) {
  // Of 400 events few match; some spell what is searched in other bytes, hold it elsewhere, or are
  // deleted; half of the journals overlap, so that entries are merged.
  std::vector<TestEvent> events[2];
  for (int i = 0; i < 400; ++i) {
    std::string data = "{\"country\":\"EIRE\",\"n\":1}";
    if (i % 40 == 7) data = "{\"country\":\"France\",\"n\":1}";
    if (i % 40 == 11) data = "{\"c\\u006funtry\":\"Fr\\u0061nce\",\"n\":1}";
    if (i % 40 == 13) data = "{\"town\":\"France\",\"France\":2,\"n\":\"\\n\"}";
    if (i % 40 == 17) data = "\"Fra";
    if (i % 40 == 18) data = "nce\"";
    events[i >= 200 && i % 2 == 0].push_back({"e" + std::to_string(i), at(100 + i), data});
  }
  flood.record(events[0]);
  flood.journal();
  flood.record(events[1]);
  flood.erase("e47");
  ReplayOptions options;
  options.where = "country == 'France'";
  options.from = at(110);
  auto result = replay(options);
  EXPECT_EQ(result.ids, "e11e51e87e91e127e131e167e171e207e211e247e251e287e291e327e331e367e371");
  EXPECT_EQ(result.progress.not_json, 20u) << "they do not look like it";
  EXPECT_EQ(result.progress.filtered, 389u - 1 - 18 - 20);
  options.where = "`true`";
  options.query = "country == 'France' && n || `null`";
  EXPECT_EQ(replay(options).ids, result.ids);
}

TEST_F(ReplayTest, ErrorsOnAValueAreCountedOrThrown) {
  auto result = replay_where("abs(n) > `0`");
  EXPECT_EQ(result.ids, "abf");
  EXPECT_EQ(result.progress.query_errors, 1u);
  ReplayOptions options;
  options.strict = true;
  EXPECT_EQ(replay(options).ids, "abcdef") << "nothing was asked of the data";
  options.where = "abs(n) > `0`";
  EXPECT_THROW(replay(options), QueryError);
  options.from = at(4);
  EXPECT_THROW(replay(options), QueryError);
  options.from = at(5);
  EXPECT_EQ(replay(options).ids, "f");
  options.where = "n >";
  EXPECT_THROW(replay(options), QueryError);
}

TEST_F(ReplayTest, StopsAtTheLimit) {
  ReplayOptions options;
  for (std::uint64_t limit = 0; limit < 8; ++limit) {
    options.limit = limit;
    EXPECT_EQ(replay(options).ids, std::string("abcdef").substr(0, limit));
  }
  options.limit = 1;
  options.where = "n > `1`";
  EXPECT_EQ(replay(options).ids, "b");
}

TEST_F(ReplayTest, DeletedEventsAreNotThere) {
  flood.erase("b");
  flood.erase("f");
  EXPECT_EQ(replay({}).ids, "acde");
  flood.journal();
  EXPECT_EQ(replay({}).ids, "acde");
  flood.put("b", at(9), "{}");
  auto result = replay({});
  EXPECT_EQ(result.ids, "acdeb");
  EXPECT_EQ(result.events.back().revision, 3u);
}

TEST_F(ReplayTest, SeesWhatWasThereWhenItBegan) {
  ReplayOptions options;
  options.read_ahead_bytes = 0;
  Replayer replayer(flood.context, options);
  flood.put("0", at(0), "{}");
  flood.erase("a");
  flood.journal();
  std::string ids;
  for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
    for (const EventView& event : batch) ids += event.id;
  EXPECT_EQ(ids, "abcdef");
}

TEST_F(ReplayTest, CanBeLeftAtAnyTime) {
  for (int i = 0; i < 50; ++i)
    flood.record({{"x" + std::to_string(i), at(i), std::string(9000, 'x')}});
  for (int batches = 0; batches < 5; ++batches) {
    Replayer replayer(flood.context, {});
    for (int i = 0; i < batches; ++i) replayer.next_batch();
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
