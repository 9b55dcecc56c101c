// Listings that come damaged, or without what is there.
#include <gtest/gtest.h>

#include <functional>

#include "engine/test_flood.h"
#include "store/forwarding_store.h"

namespace flashflood::engine::testing {
namespace {

// A server whose listings something changes on their way.
class ChangingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  // Changes the objects of the next `times` listings that it has an effect on.
  void change(int times, std::function<bool(std::vector<ObjectInfo>&)> how) {
    times_ = times;
    how_ = std::move(how);
  }
  StoreTraits traits() const override { return {.needs_probe = true}; }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    ListPage page = ForwardingStore::list(prefix, start_after, limit);
    if (times_ > 0 && how_(page.objects)) --times_;
    return page;
  }

 private:
  int times_ = 0;
  std::function<bool(std::vector<ObjectInfo>&)> how_;
};

constexpr int always = 1'000'000;

struct Listings : ::testing::Test {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ChangingStore> changing =
      std::make_shared<ChangingStore>(make_memory_store(clock));
  std::shared_ptr<CountingStore> counting = std::make_shared<CountingStore>(changing);
  TestFlood flood{counting, inline_environment(clock, 1)};

  void SetUp() override {
    flood.put("x", at(1), "single");
    flood.record({{"y", at(2), "bulk"}});
  }
  // One letter of each key with `from` in it.
  void damage(int times, const std::string& from, const std::string& to) const {
    changing->change(times, [=](std::vector<ObjectInfo>& objects) {
      bool changed = false;
      for (ObjectInfo& object : objects) {
        const std::size_t at = object.key.find(from);
        if (at == std::string::npos) continue;
        object.key.replace(at, from.size(), to);
        changed = true;
      }
      return changed;
    });
  }
};

TEST_F(Listings, DamagedOnceAreReadOnceMore) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"head/e-", "head/d-"}, {"head/e-", "head/e,"}, {"head/j-", "head/i-"}}) {
    const std::string letters = from + " " + to;
    damage(1, from, to);
    EXPECT_TRUE(flood.find("x")) << letters;
    damage(1, from, to);
    EXPECT_TRUE(flood.find("y")) << letters;
    damage(1, from, to);
    EXPECT_EQ(flood.replay().size(), 2u) << letters;
    damage(1, from, to);
    EXPECT_THROW(flood.put("x", at(1), "again"), EventExists) << letters;
  }
  EXPECT_EQ(*flood.context->rereads, 12u);
}

TEST_F(Listings, DamagedForGoodAreAnError) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"head/e-", "head/d-"}, {"head/e-", "head/e,"}, {"head/j-", "head/i-"}}) {
    damage(always, from, to);
    EXPECT_THROW(flood.find("x"), CorruptData) << to;
    EXPECT_THROW(flood.find("y"), CorruptData) << to;
    EXPECT_THROW(flood.replay(), CorruptData) << to;
    EXPECT_THROW(flood.journal(), CorruptData) << to;
    EXPECT_THROW(flood.put("x", at(1), "again"), CorruptData) << to;
  }
  damage(0, "", "");
  EXPECT_EQ(flood.replay().size(), 2u);
}

TEST_F(Listings, ADamagedCatalogIsNoOlderOne) {
  flood.journal();
  damage(1, "head/c-", "head/b-");
  EXPECT_TRUE(flood.find("x"));
  damage(always, "head/c-", "head/b-");
  EXPECT_THROW(flood.find("x"), CorruptData);
  EXPECT_THROW(load_newest_catalog(*flood.context), CorruptData);
}

// A name that is taken and not listed: nobody may go round for ever.
TEST_F(Listings, WritesEndWhereTheStoreHidesWhatItHolds) {
  const auto hide = [&](int times) {
    changing->change(times, [](std::vector<ObjectInfo>& objects) {
      return std::erase_if(objects, [](const ObjectInfo& object) {
               return object.key.starts_with("head/e-");
             }) > 0;
    });
  };
  const RequestCounts before = counting->counts();
  const auto began = clock->steady_now();
  hide(always);
  try {
    flood.put("x", at(1), "again");
    FAIL();
  } catch (const CorruptData& error) {
    EXPECT_NE(std::string(error.what()).find("head/e-"), std::string::npos) << error.what();
  }
  EXPECT_LE((counting->counts() - before).list, 10u);
  EXPECT_LE((counting->counts() - before).put_if_absent, 10u);
  EXPECT_GE(clock->steady_now() - began, std::chrono::seconds(1)) << "with pauses";
  // For a while only: the write goes on when it is seen again.
  hide(3);
  EXPECT_THROW(flood.put("x", at(1), "again"), EventExists);
  flood.update("x", "two");
  EXPECT_EQ(flood.find("x")->data, "two");
  EXPECT_EQ(flood.find("x")->revision, 2u);
}

// Every new name is taken, by something else.
class TakenStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    if (!key.starts_with("head/e-")) return ForwardingStore::get(key, range);
    return ObjectPart{"else", 4};
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    if (!key.starts_with("head/e-")) return ForwardingStore::put_if_absent(key, bytes);
    return PutOutcome::exists;
  }
};

TEST_F(Listings, PutsWithoutAnIdEndWhereEveryNameIsTaken) {
  const TestFlood other(std::make_shared<TakenStore>(changing), flood.context->env);
  EXPECT_THROW(put_event(*other.context, {.data = "{}"}), StoreUnsuitable);
}

// Other programs leave files in folders.
TEST(FolderListings, NamesThatAreNoneAreLeftAlone) {
  const MemoryFlood memory;
  memory.flood.put("x", at(1), "1");
  memory.memory->put("head/.DS_Store", "?");
  memory.memory->put("head/Thumbs.db", "?");
  EXPECT_TRUE(memory.flood.find("x"));
  EXPECT_EQ(memory.flood.replay().size(), 1u);
}

}  // namespace
}  // namespace flashflood::engine::testing
