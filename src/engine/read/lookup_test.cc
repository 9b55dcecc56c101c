// Look-ups on new handles and in long heads give what used handles and short heads give, with few
// requests.
#include "engine/read/lookup.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/test_flood.h"
#include "format/keys.h"

namespace flashflood::engine::testing {
namespace {

// Keeps nothing between calls: every look-up is the first one in every object.
OpenOptions forgetful() {
  OpenOptions options = small_options();
  options.cache_bytes = 0;
  options.block_cache_bytes = 0;
  options.compression = "none";
  return options;
}

std::string random_data(std::mt19937_64& random) {
  std::string data(50 + random() % 400, ' ');
  for (char& c : data) c = static_cast<char>('a' + random() % 26);
  return data;
}

using Events = std::map<std::string, TestEvent>;

// So many that journals have several posts; many events share a date.
Events record_many(const TestFlood& flood, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<TestEvent> events;
  Events by_id;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back({"id-" + std::to_string(seed) + "-" + std::to_string(i),
                      at(static_cast<std::int64_t>(random() % (count / 20))), random_data(random)});
    by_id[events.back().id] = events.back();
  }
  flood.record(events);
  return by_id;
}

TEST(LookUp, ANewHandleFindsEverythingWithOneReadOfIndexAndJournal) {
  MemoryFlood memory;
  Events events = record_many(memory.flood, 20'000, 1);
  OpenOptions plain;
  plain.compression = "none";
  plain.block_bytes = std::size_t{4} << 10;
  memory.another(plain).journal();
  const TestFlood cold(memory.counting, memory.env, forgetful());
  ASSERT_GT(load_head(*cold.context).catalog->journals.at(0).posts.posts.size(), 8u);
  std::size_t looked_up = 0;
  for (auto event = events.begin(); event != events.end();
       std::advance(event, std::min<std::ptrdiff_t>(37, std::distance(event, events.end())))) {
    const RequestCounts before = memory.counting->counts();
    const auto found = cold.find(event->first);
    const RequestCounts used = memory.counting->counts() - before;
    ASSERT_TRUE(found) << event->first;
    EXPECT_EQ(found->data, event->second.data);
    EXPECT_EQ(found->date, event->second.date);
    EXPECT_EQ(used.list, 1u);
    EXPECT_LE(used.get, 3u);  // catalog, index, journal
    EXPECT_LE(used.bytes_read, std::size_t{3} << 19);
    ++looked_up;
  }
  EXPECT_GT(looked_up, 500u);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(cold.find("unknown-" + std::to_string(i)));
}

TEST(LookUp, ANewHandleFindsAmongManyOfOneDate) {
  MemoryFlood memory;
  std::mt19937_64 random(3);
  std::vector<TestEvent> events;
  for (int i = 0; i < 25'000; ++i)  // more than one read of neighbouring blocks takes
    events.push_back({"id-" + std::to_string(i), at(7), random_data(random)});
  memory.flood.record(events);
  memory.another(forgetful()).journal();
  const TestFlood cold(memory.counting, memory.env, forgetful());
  for (std::size_t i = 0; i < events.size(); i += 997) {
    const auto found = cold.find(events[i].id);
    ASSERT_TRUE(found) << events[i].id;
    EXPECT_EQ(found->data, events[i].data);
  }
}

TEST(LookUp, PostsThatPointElsewhereAreNoticed) {
  MemoryFlood memory;
  const Events events = record_many(memory.flood, 20'000, 2);
  const TestFlood journaler = memory.another(forgetful());
  journaler.journal();
  format::Catalog catalog = *load_head(*journaler.context).catalog;
  ++catalog.number;
  for (auto& post : catalog.journals.at(0).posts.posts)
    if (post.offset > format::journal_header_bytes) ++post.offset;
  memory.memory->put(format::catalog_key(catalog.number), encode_catalog(catalog));
  const TestFlood cold = memory.another(forgetful());
  EXPECT_THROW(cold.find(events.rbegin()->first), CorruptData);
}

// What programs wrote that knew neither posts nor settings in catalogs.
TEST(LookUp, CatalogsWithoutPostsWillDo) {
  MemoryFlood memory;
  const Events events = record_many(memory.flood, 2000, 2);
  memory.flood.journal();
  format::Catalog catalog = *load_head(*memory.flood.context).catalog;
  ++catalog.number;
  catalog.settings.clear();
  for (auto& journal : catalog.journals) journal.posts = {};
  memory.memory->put(format::catalog_key(catalog.number), encode_catalog(catalog));
  Opening opening(memory.counting, memory.env, small_options());
  const std::string& id = events.begin()->first;
  const auto state = look_up(*opening.context_to_look(id), id, IdHash::of(id), true);
  EXPECT_EQ(state.data, events.begin()->second.data);
}

// A head of many pages: a look-up lists no more than three times, and finds what is there.
class LongHead : public ::testing::Test {
 protected:
  static constexpr std::size_t page = 10;
  LongHead() {
    for (int i = 0; i < 20; ++i)
      flood_.put("sealed-" + std::to_string(i), at(i), "sealed" + std::to_string(i));
    flood_.record({{"bulk-sealed", at(1), "bs"}});
    flood_.journal();
    for (int i = 0; i < 30; ++i)
      flood_.put("single-" + std::to_string(i), at(i), "single" + std::to_string(i));
    for (int i = 0; i < 10; ++i) flood_.update("sealed-" + std::to_string(i), "changed");
    for (int i = 10; i < 15; ++i) flood_.erase("sealed-" + std::to_string(i));
    flood_.record({{"bulk", at(1), "b"}, {"single-3", at(1), "loses"}});
  }
  static void check(const TestFlood& flood) {
    for (int i = 0; i < 30; ++i)
      EXPECT_EQ(flood.find("single-" + std::to_string(i))->data, "single" + std::to_string(i));
    for (int i = 0; i < 20; ++i) {
      const auto found = flood.find("sealed-" + std::to_string(i));
      ASSERT_EQ(found.has_value(), i < 10 || i >= 15) << i;
      if (found) {
        EXPECT_EQ(found->data, i < 10 ? "changed" : "sealed" + std::to_string(i));
      }
    }
    EXPECT_EQ(flood.find("bulk")->data, "b");
    EXPECT_EQ(flood.find("bulk-sealed")->data, "bs");
    EXPECT_FALSE(flood.find("unknown"));
  }
  std::uint64_t lists_of_a_get(const TestFlood& flood) const {
    const auto before = counting_->counts();
    EXPECT_TRUE(flood.find("single-7"));
    return (counting_->counts() - before).list;
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::shared_ptr<CountingStore> counting_ =
      std::make_shared<CountingStore>(make_memory_store(clock_, page));
  Environment env_ = inline_environment(clock_, 1);
  TestFlood flood_{counting_, env_};
};

TEST_F(LongHead, LookUpsFindWhatIsThere) {
  check(flood_);
  check(TestFlood(counting_, env_));
  EXPECT_EQ(flood_.update("single-5", "once more"), 2u);
  EXPECT_THROW(flood_.put("bulk", at(1), "x"), EventExists);
  EXPECT_EQ(flood_.find("single-5")->revision, 2u);
}

TEST_F(LongHead, IsListedThreeTimesByALookUp) {
  EXPECT_EQ(lists_of_a_get(TestFlood(counting_, env_)), 3u);
  EXPECT_EQ(lists_of_a_get(flood_), 3u);
}

TEST_F(LongHead, IsListedOnceAsSoonAsItIsShort) {
  flood_.find("unknown");
  flood_.journal();
  clock_->sleep_for(std::chrono::hours{2});
  flood_.journal();
  flood_.collect();
  clock_->sleep_for(std::chrono::hours{2});
  flood_.collect();
  ASSERT_LT(flood_.keys("head/").size(), page);
  flood_.find("unknown");
  EXPECT_EQ(lists_of_a_get(flood_), 1u);
  check(flood_);
}

// Every state that an id can have, sealed and pending.
TEST(LookUp, ManyAtOnceGiveWhatEachByItselfGives) {
  MemoryFlood memory;
  const TestFlood& flood = memory.flood;
  Events events = record_many(flood, 2'000, 3);
  flood.erase("id-3-1");
  flood.update("id-3-2", "sealed update");
  flood.journal();
  flood.erase("id-3-3");
  flood.update("id-3-4", "pending update");
  flood.put("single", at(1), "a put");
  flood.record({{"bulk", at(2), "in bulk"}, {"id-3-5", at(3), "too late"}});
  std::vector<std::string> ids;
  for (int i = 0; i < 2'000; ++i) ids.push_back("id-3-" + std::to_string(i));
  for (const char* id : {"single", "bulk", "unknown", "id-3-7", "unknown"}) ids.emplace_back(id);
  const std::vector<std::string_view> views(ids.begin(), ids.end());

  const RequestCounts before = memory.counting->counts();
  const auto states = look_up_many(*flood.context, views);
  const RequestCounts used = memory.counting->counts() - before;
  ASSERT_EQ(states.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const IdState alone = look_up(*flood.context, ids[i], IdHash::of(ids[i]), true);
    EXPECT_EQ(std::tie(states[i].known, states[i].kind, states[i].date, states[i].revision,
                       states[i].data),
              std::tie(alone.known, alone.kind, alone.date, alone.revision, alone.data))
        << ids[i];
  }
  EXPECT_EQ(used.list, 1u);
  EXPECT_LE(used.get, 200u);  // blocks, and not one or more for each id
  EXPECT_TRUE(look_up_many(*flood.context, {}).empty());
}

// The head may have been listed before the look-up began, while the flood was opened. What has been
// collected since then counts from there.
TEST(LookUp, AHeadThatWasListedTooLongAgoIsListedAgain) {
  MemoryFlood memory;
  memory.flood.put("x", at(1), "1");
  const auto look_up_after = [&](std::chrono::nanoseconds pause) {
    Context context = *memory.flood.context;
    context.first_head = std::make_shared<FirstHead>(FirstHead{load_head(context)});
    memory.pass(pause);
    const RequestCounts before = memory.counting->counts();
    EXPECT_EQ(look_up(context, "x", IdHash::of("x"), true).data, "1");
    return (memory.counting->counts() - before).list;
  };
  EXPECT_EQ(look_up_after(std::chrono::seconds(1)), 0u);
  const auto patience = memory.flood.context->patience();
  EXPECT_EQ(look_up_after(patience / 2 + std::chrono::seconds(1)), 1u);
}

}  // namespace
}  // namespace flashflood::engine::testing
