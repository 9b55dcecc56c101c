#include "engine/state/open.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/test_flood.h"
#include "flashflood/flashflood.h"
#include "format/keys.h"
#include "store/folder/folder_store.h"
#include "store/folder/test_folder.h"
#include "store/forwarding_store.h"
#include "store/probe.h"

namespace flashflood::engine::testing {
namespace {

struct OpenTest : ::testing::Test {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> store = make_memory_store(clock);
  Environment env = inline_environment(clock, 1);
  std::shared_ptr<Context> open(const OpenOptions& options = {}) {
    return open_context(store, env, options);
  }
};

// A store of which only a trial shows what it can do.
struct UntriedStore final : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  StoreTraits traits() const override { return {.needs_probe = true}; }
};

// Writers race for objects of their own before the first flood is created; whoever finds a flood
// tries once. Reading tries nothing.
TEST_F(OpenTest, TriesAStoreOnceBeforeItWrites) {
  auto counting = std::make_shared<CountingStore>(store);
  store = std::make_shared<UntriedStore>(counting);
  const std::uint64_t trial = trial_rounds * trial_writers;
  auto puts = [&] { return counting->counts().put + counting->counts().put_if_absent; };
  NewEvent event;
  event.data = "{}";
  auto created = open();
  EXPECT_EQ(puts(), trial + 1);
  EXPECT_EQ(list_all(*store, {}).size(), 1u);  // the settings
  put_event(*created, event);
  EXPECT_EQ(puts(), trial + 2);
  auto found = open();
  look_up(*found, "x", IdHash::of("x"), true);
  EXPECT_EQ(puts(), trial + 2);
  put_event(*found, event);
  put_event(*found, event);
  EXPECT_EQ(puts(), trial + 5);
}

// A store that lets every writer win.
struct LaxStore final : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  StoreTraits traits() const override { return {.needs_probe = true}; }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    if (on_put) std::exchange(on_put, nullptr)();
    inner().put(key, bytes);
    return PutOutcome::created;
  }
  std::function<void()> on_put{};
};

// What others rely on stays, however a trial ends.
TEST_F(OpenTest, AFailingTrialLeavesTheFloodOfAnotherProcess) {
  const auto inner = store;
  const auto lax = std::make_shared<LaxStore>(inner);
  std::optional<TestFlood> other;
  lax->on_put = [&] {
    other.emplace(inner, env);
    other->put("a", at(1), "{}");
  };
  store = lax;
  EXPECT_THROW(open(), StoreUnsuitable);
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->find("a"));
  EXPECT_TRUE(TestFlood(inner, env).find("a"));
  EXPECT_EQ(list_all(*inner, "trials/").size(), 0u);
}

// Trials of others, and what is left of them, are no reason to refuse a place.
TEST_F(OpenTest, LeftoversOfTrialsAreNoOtherThings) {
  store->put("trials/6c656173652d746f6b656e2d30303030-0", "a");
  EXPECT_EQ(open()->settings.flood_id.size(), 32u);
  const auto memory = make_memory_store(clock);
  memory->put("trials/6c656173652d746f6b656e2d30303030-0", "a");
  memory->put("zoo", "a");
  store = memory;
  EXPECT_THROW(open(), NotAFlood);
}

TEST_F(OpenTest, TheCollectorRemovesLeftoversOfTrials) {
  store = std::make_shared<UntriedStore>(store);
  const TestFlood flood(store, env);
  store->put("trials/6c656173652d746f6b656e2d30303030-0", "a");
  flood.collect();
  EXPECT_EQ(flood.keys("trials/").size(), 1u);
  clock->sleep_for(std::chrono::hours(2));
  flood.collect();
  EXPECT_EQ(flood.keys("trials/").size(), 0u);
}

TEST_F(OpenTest, CreatesOnceAndKeepsTheSettings) {
  OpenOptions options;
  options.grace = std::chrono::seconds{7200};
  auto settings = open(options)->settings;
  EXPECT_EQ(settings.grace, options.grace);
  EXPECT_EQ(settings.flood_id.size(), 32u);
  EXPECT_EQ(open()->settings, settings);
}

// The first operation opens the flood by the listing that it needs anyway.
TEST_F(OpenTest, LazyOpeningSavesTheSettings) {
  const TestFlood writer(store, env);
  for (int i = 0; i < 10; ++i) writer.put("id" + std::to_string(i), at(i), "{}");
  writer.journal();
  auto counting = std::make_shared<CountingStore>(store);
  Opening opening(counting, env, small_options());
  EXPECT_EQ(counting->counts().get + counting->counts().list, 0u);
  const auto context = opening.context_to_look("id3");
  EXPECT_TRUE(look_up(*context, "id3", IdHash::of("id3"), true).live());
  EXPECT_EQ(counting->counts().list, 1u);
  EXPECT_EQ(counting->counts().get, 3u);
  EXPECT_EQ(context->settings, writer.context->settings);
  // What the opening listed is for the operation that opened, and no other.
  writer.update("id3", "[]");
  EXPECT_EQ(look_up(*context, "id3", IdHash::of("id3"), true).data, "[]");
  EXPECT_EQ(look_up(*opening.context(), "id3", IdHash::of("id3"), true).data, "[]");
}

TEST_F(OpenTest, LazyOpeningFailsWithTheFirstOperationAndMayBeTriedAgain) {
  OpenOptions options;
  options.create = false;
  Opening opening(store, env, options);
  EXPECT_THROW(opening.context(), NotAFlood);
  EXPECT_THROW(opening.context_to_look({}), NotAFlood);
  EXPECT_TRUE(list_all(*store, {}).empty());
  const TestFlood writer(store, env);
  writer.put("x", at(1), "{}");
  const auto context = opening.context_to_look("x");
  EXPECT_TRUE(look_up(*context, "x", IdHash::of("x"), true).live());
  Opening creating(make_memory_store(clock), env, {});
  EXPECT_EQ(creating.context_to_look({})->settings.flood_id.size(), 32u);
}

// A catalog repeats the settings as they lie there, with what newer programs may have added.
TEST_F(OpenTest, CatalogsRepeatTheSettings) {
  const TestFlood writer(store, env);
  writer.put("x", at(1), "{}");
  writer.journal();
  EXPECT_EQ(load_head(*writer.context).catalog->settings,
            store->get(format::settings_key, ByteRange::whole())->bytes);
  format::Catalog catalog = *load_head(*writer.context).catalog;
  ++catalog.number;
  catalog.settings = "{}";
  store->put(format::catalog_key(catalog.number), encode_catalog(catalog));
  Opening opening(store, env, {});
  EXPECT_THROW(opening.context_to_look({}), CorruptData);
}

TEST_F(OpenTest, CreatesNothingUnlessAsked) {
  OpenOptions options;
  options.create = false;
  EXPECT_THROW(open(options), NotAFlood);
  EXPECT_TRUE(list_all(*store, {}).empty());
  open();
  EXPECT_NO_THROW(open(options));
}

TEST_F(OpenTest, RefusesWhatIsNoFlood) {
  store->put("letters/home", "dear all");
  EXPECT_THROW(open(), NotAFlood);
  EXPECT_EQ(list_all(*store, {}).size(), 1u);
}

TEST_F(OpenTest, SaysHowToTakeOverAFloodOfTheOriginal) {
  store->put("blobs/f6470b7a-9d43-4481-9841-3e109b272c71", "{}");
  store->put(
      "journals/2020-01-01T000000.000000Z--2020-01-01T000000.000000Z--new--"
      "f6470b7a-9d43-4481-9841-3e109b272c71",
      "{}");
  try {
    open();
    ADD_FAILURE() << "opened";
  } catch (const NotAFlood& error) {
    EXPECT_NE(std::string(error.what()).find("import-original"), std::string::npos);
  }
}

TEST_F(OpenTest, RefusesSettingsOfSomethingElseOrDamagedOnes) {
  store->put(format::settings_key, "{\"name\": \"something else\"}");
  EXPECT_THROW(open(), NotAFlood);
  store->put(format::settings_key, "not even JSON");
  EXPECT_THROW(open(), Error);
  open_context(store = make_memory_store(clock), env, {});
  Bytes settings = store->get(format::settings_key, ByteRange::whole())->bytes;
  Bytes flipped = settings;
  flipped[flipped.find("grace_seconds") + 16] ^= 1;
  store->put(format::settings_key, flipped);
  EXPECT_THROW(open(), CorruptData);
}

TEST_F(OpenTest, ChecksItsOptions) {
  auto with = [&](const auto& change) {
    OpenOptions options;
    change(options);
    return [this, options] { open(options); };
  };
  EXPECT_THROW(with([](auto& o) { o.grace = std::chrono::seconds{1}; })(), InvalidArgument);
  EXPECT_THROW(with([](auto& o) { o.patience = std::chrono::seconds{0}; })(), InvalidArgument);
  EXPECT_THROW(with([](auto& o) { o.block_bytes = 1; })(), InvalidArgument);
  for (const char* wrong : {"", "gzip", "zstd:0", "zstd:20", "zstd:", "zstd:1x"})
    EXPECT_THROW(with([&](auto& o) { o.compression = wrong; })(), InvalidArgument) << wrong;
  for (const char* right : {"zstd", "zstd:19", "lz4", "none"})
    EXPECT_NO_THROW(with([&](auto& o) { o.compression = right; })()) << right;
}

// Of several that create a flood at once, all get the same one.
TEST_F(OpenTest, IsArbitratedByTheStore) {
  TestFolder folder;
  for (int round = 0; round < 20; ++round) {
    auto path = folder.path() / std::to_string(round);
    std::vector<std::string> ids(4);
    std::vector<std::thread> threads;
    for (auto& id : ids) {
      threads.emplace_back([&id, path] {
        id = open_context(open_folder_store(path, true), system_environment(), {})
                 ->settings.flood_id;
      });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& id : ids) EXPECT_EQ(id, ids[0]);
  }
}

TEST(OpenFlood, RefusesAFolderWithOtherFiles) {
  TestFolder folder;
  folder.write("letter.txt", "dear all");
  EXPECT_THROW(Flood::open(folder.path().string()), NotAFlood);
  EXPECT_EQ(folder.read("letter.txt"), "dear all");
}

}  // namespace
}  // namespace flashflood::engine::testing
