// Random operations on a flood and on its model (flood_model.h says what is promised), compared
// after every few. Several handles with caches of their own work on one store. Blocks and journals
// are tiny; the clock jumps past patience and grace now and then.
//
// FLASHFLOOD_SEED=N runs the one sequence of that seed, FLASHFLOOD_SEQUENCES=N so many.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "engine/journal/compact.h"
#include "engine/journal/seal.h"
#include "engine/test_flood.h"
#include "flood_model.h"
#include "jumping_store.h"
#include "store/folder/folder_store.h"
#include "store/folder/test_folder.h"

namespace flashflood::engine::testing {
namespace {

using std::chrono::seconds;

const std::string id_of_1024_bytes(1024, 'z');
const std::vector<std::string> odd_ids{"a",
                                       "aa",
                                       "aaa",
                                       "a/b",
                                       "a-b",
                                       "-",
                                       "a\nb",
                                       "\n",
                                       "/",
                                       "..",
                                       "\xC3\xA4pfel",
                                       "\xF0\x9F\x8C\x8A",
                                       "a\x01",
                                       "%2F head/e-0",
                                       "\"quote\"",
                                       "null",
                                       " ",
                                       id_of_1024_bytes};

class Sequence {
 public:
  Sequence(std::uint64_t seed, bool in_folder) : engine_(seed), clock_(new ManualClock) {
    std::shared_ptr<ObjectStore> inner;
    if (in_folder) {
      folder_.emplace();
      inner = open_folder_store(folder_->path() / "flood", true);
    } else {
      inner = make_memory_store(clock_, below(2) ? 1000 : 7);
    }
    jumping_ = in_folder ? std::make_shared<JumpingStore>(inner) : nullptr;
    store_ = in_folder ? jumping_ : inner;
    env_ = inline_environment(clock_, seed);
    static const char* const compressions[] = {"zstd", "none", "lz4", "zstd:3"};
    for (std::uint64_t i = 0, count = 1 + below(3); i < count; ++i) {
      OpenOptions options = small_options();
      options.compression = compressions[below(4)];
      if (below(3) == 0) options.cache_bytes = below(2) ? 0 : 4000;
      options.block_cache_bytes = options.cache_bytes;
      floods_.emplace_back(store_, env_, options);
    }
  }

  void run() {
    // Most events of a sequence lie on few dates and use few ids, so that they meet.
    dates_ = 1 + below(12);
    ids_ = 1 + below(below(3) == 0 ? 200 : 15);
    large_ = below(40) == 0;
    for (std::uint64_t i = 0, count = 5 + below(60); i < count; ++i) {
      step();
      if (::testing::Test::HasFatalFailure()) return;
    }
    finish_open_replay();
    compare_all();
    ASSERT_EQ(flood().problems().size(), 0u) << flood().problems()[0].what;
    flood().journal();
    note_journaling();
    compare_all();
    ASSERT_EQ(flood().problems().size(), 0u) << flood().problems()[0].what;
  }

 private:
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  const TestFlood& flood() { return floods_[below(floods_.size())]; }

  std::string any_id() {
    std::uint64_t n = below(ids_);
    return n < odd_ids.size() ? odd_ids[n] : "id-" + std::to_string(n);
  }
  Timestamp any_date() {
    switch (below(20)) {
      case 0:
        return timestamp_min;
      case 1:
        return timestamp_max;
      default:
        return at(static_cast<std::int64_t>(below(dates_)) * 1000);
    }
  }
  std::string any_data() {
    if (large_ && below(20) == 0) return bytes((1 << 20) + below(3 << 20));
    switch (below(8)) {
      case 0:
        return "";
      case 1:
        return bytes(below(300));
      case 2:
        return bytes(below(3) == 0 ? 20'000 : 5000);
      case 3:
        return "{\"n\": " + std::to_string(below(10)) + ", \"pad\": \"" +
               std::string(below(2000), 'x') + "\"}";
      default:
        return "{\"n\": " + std::to_string(below(10)) + "}";
    }
  }
  // Random bytes that begin no JSON document.
  std::string bytes(std::size_t count) {
    std::string out(count, '\xFF');
    for (std::size_t i = 1; i < count; ++i) out[i] = static_cast<char>(engine_());
    return out;
  }

  void step() {
    switch (below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return put();
      case 4:
      case 5:
        return update();
      case 6:
      case 7:
        return erase();
      case 8:
      case 9:
      case 10:
      case 11:
        return record();
      case 12:
      case 13:
        return get(any_id());
      case 14:
      case 15:
        return replay();
      case 16:
        return seal_some();
      case 17:
        return journal();
      case 18:
        return merge();
      case 19:
        return collect();
      case 20:
        return jump();
      case 21:
        return filter();
      case 22:
        return open_replay_still_ ? finish_open_replay() : open_replay();
      default:
        return compare_all();
    }
  }

  void put() {
    Timestamp date = any_date();
    std::string data = any_data();
    if (below(4) == 0) {
      NewEvent event;
      event.date = date;
      event.data = data;
      model_.add_single(put_event(*flood().context, event), date, 1, true, data);
      return;
    }
    std::string id = any_id();
    auto before = model_.state(id);
    try {
      flood().put(id, date, data);
      ASSERT_FALSE(before.live) << "put of an event that exists: " << id;
      model_.add_single(id, date, before.revision + 1, true, data);
    } catch (const EventExists&) {
      ASSERT_TRUE(before.live) << id;
    }
  }

  // Half of the time with an expected revision, right or wrong.
  std::optional<std::uint64_t> any_expectation(const FloodModel::State& before) {
    if (below(2)) return std::nullopt;
    return before.revision + below(2);
  }

  void update() {
    std::string id = any_id(), data = any_data();
    auto before = model_.state(id);
    auto expected = any_expectation(before);
    try {
      auto revision = update_event(*flood().context, id, data, expected);
      ASSERT_TRUE(before.live && (!expected || *expected == before.revision)) << id;
      ASSERT_EQ(revision, before.revision + 1);
      model_.add_single(id, before.date, revision, true, data);
    } catch (const EventNotFound&) {
      ASSERT_FALSE(before.live) << id;
    } catch (const RevisionConflict&) {
      ASSERT_TRUE(before.live && expected && *expected != before.revision) << id;
    }
  }

  void erase() {
    std::string id = any_id();
    auto before = model_.state(id);
    auto expected = any_expectation(before);
    try {
      erase_event(*flood().context, id, expected);
      ASSERT_TRUE(before.live && (!expected || *expected == before.revision)) << id;
      model_.add_single(id, before.date, before.revision + 1, false, "");
    } catch (const EventNotFound&) {
      ASSERT_FALSE(before.live) << id;
    } catch (const RevisionConflict&) {
      ASSERT_TRUE(before.live && expected && *expected != before.revision) << id;
    }
  }

  void record() {
    std::vector<TestEvent> events;
    std::size_t size = 0;
    // Below the least batch, so that it is one pending journal; or one large event alone.
    for (std::uint64_t i = 0, count = 1 + below(30); i < count; ++i) {
      TestEvent event{any_id(), any_date(), any_data()};
      if (i > 0 && size + event.id.size() + event.data.size() > 60'000) break;
      size += event.id.size() + event.data.size();
      events.push_back(std::move(event));
    }
    std::set<std::string> before;
    for (auto& key : floods_[0].keys("head/j-")) before.insert(key);
    flood().record(events);
    std::vector<ObjectInfo> added;
    for (auto& object : list_all(*store_, "head/j-"))
      if (!before.contains(object.key)) added.push_back(object);
    ASSERT_EQ(added.size(), 1u);
    auto arrival = static_cast<std::uint64_t>(added[0].modified.time_since_epoch().count());
    for (const TestEvent& event : events)
      model_.add_bulk(added[0].key, arrival, event.id, event.date, event.data);
  }

  void get(const std::string& id) {
    auto expected = model_.state(id);
    auto event = flood().find(id);
    ASSERT_EQ(event.has_value(), expected.live) << id;
    if (!event) return;
    ASSERT_EQ(event->date, expected.date) << id;
    ASSERT_EQ(event->revision, expected.revision) << id;
    ASSERT_TRUE(event->data == expected.data) << id;
  }

  ReplayOptions any_range() {
    ReplayOptions options;
    if (below(2)) options.from = any_date();
    if (below(2)) options.to = any_date();
    if (options.from && options.to && *options.from > *options.to)
      std::swap(options.from, options.to);
    if (below(4) == 0) options.limit = below(20);
    if (below(2)) options.read_ahead_bytes = 0;
    return options;
  }

  static void check_equal(const std::vector<Event>& found,
                          const std::vector<FloodModel::Expected>& expected,
                          const ReplayOptions& options = {}) {
    std::size_t next = 0;
    for (const auto& [event, optional] : expected) {
      if (options.limit && next == *options.limit) break;
      bool same_place =
          next < found.size() && found[next].id == event.id && found[next].date == event.date;
      if (!same_place && optional) continue;
      ASSERT_LT(next, found.size()) << "lacks " << event.id;
      ASSERT_EQ(found[next].id, event.id) << next;
      ASSERT_EQ(found[next].date, event.date) << event.id;
      ASSERT_EQ(found[next].revision, event.revision) << event.id;
      ASSERT_TRUE(found[next].data == event.data) << event.id;
      ++next;
    }
    ASSERT_EQ(next, found.size()) << "has too many: " << found[next].id;
  }

  void replay() {
    ReplayOptions options = any_range();
    check_equal(flood().replay(options), model_.replay(options.from, options.to), options);
  }

  // Filtering a replay equals replaying and filtering.
  void filter() {
    ReplayOptions options = any_range();
    int least = static_cast<int>(below(10));
    bool query = below(2);
    options.where = "n >= `" + std::to_string(least) + "`";
    if (query) options.query = "n";
    std::vector<FloodModel::Expected> expected;
    for (auto& [event, optional] : model_.replay(options.from, options.to)) {
      if (!event.data.starts_with("{\"n\": ") || event.data[6] - '0' < least) continue;
      if (query) event.data = event.data.substr(6, 1);
      expected.push_back({std::move(event), optional});
    }
    check_equal(flood().replay(options), expected, options);
  }

  // A replay that lasts while everything else goes on sees what was there when it began.
  void open_replay() {
    open_options_ = any_range();
    open_options_.read_ahead_bytes = 0;
    open_expected_ = model_.replay(open_options_.from, open_options_.to);
    jumped_ = {};
    open_replay_still_ = std::make_unique<Replayer>(flood().context, open_options_);
    open_found_.clear();
    read_some_of_open_replay();
  }
  bool read_some_of_open_replay() {
    auto batch = open_replay_still_->next_batch();
    for (const EventView& event : batch) open_found_.push_back(event.copy());
    return !batch.empty();
  }
  void finish_open_replay() {
    if (!open_replay_still_) return;
    try {
      while (read_some_of_open_replay()) {
      }
      check_equal(open_found_, open_expected_, open_options_);
    } catch (const SnapshotExpired&) {
      EXPECT_GT(jumped_, floods_[0].context->settings.grace / 2) << "expired too early";
    }
    open_replay_still_.reset();
  }

  void note_journaling() {
    Head head = load_head(*floods_[0].context);
    std::set<std::string> bulks;
    for (const auto& bulk : head.bulks) bulks.insert(bulk.key);
    model_.note_pending(
        bulks, [&](const std::string& id) { return !head.singles_of(IdHash::of(id)).empty(); });
  }

  void seal_some() {
    const TestFlood& with = flood();
    SealLimits limits;
    limits.singles_max = 1 + below(8);
    limits.bulks_max = 1 + below(3);
    if (below(2)) limits.entries_max = 1 + below(30);
    if (below(2)) limits.single_bytes_max = 500 + below(2000);
    limits.journal_bytes = 100 + below(20'000);
    JournalReport report;
    auto outcome = seal_pending(*with.context, survey(*with.context), limits, report);
    ASSERT_NE(outcome, SealOutcome::conflict);
    note_journaling();
  }

  void journal() {
    JournalOptions options;
    options.journal_bytes = std::size_t{1} << 20;
    options.merge = below(2) == 0;
    flood().journal(options);
    note_journaling();
    Head head = load_head(*floods_[0].context);
    ASSERT_TRUE(head.singles.empty() && head.bulks.empty());
  }

  void merge() {
    const TestFlood& with = flood();
    JournalReport report;
    ASSERT_NE(merge_sealed(*with.context, survey(*with.context), 100 + below(50'000), report),
              MergeOutcome::conflict);
    if (below(2)) merge_index(*with.context, survey(*with.context), report);
  }

  void collect() {
    CollectOptions options;
    options.dry_run = below(4) == 0;
    options.advance = below(4) != 0;
    flood().collect(options);
  }

  void jump() {
    static constexpr seconds spans[] = {seconds{30}, seconds{700}, seconds{1200}, seconds{4000}};
    seconds span = spans[below(4)];
    clock_->sleep_for(span);
    if (jumping_) jumping_->jump(span);
    jumped_ += span;
    if (below(2)) collect();
  }

  void compare_all() {
    check_equal(flood().replay(), model_.replay({}, {}));
    if (::testing::Test::HasFatalFailure()) return;
    for (const auto& id : model_.ids()) {
      get(id);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

  std::mt19937_64 engine_;
  std::shared_ptr<ManualClock> clock_;
  std::optional<TestFolder> folder_;
  std::shared_ptr<JumpingStore> jumping_;
  std::shared_ptr<ObjectStore> store_;
  Environment env_;
  std::vector<TestFlood> floods_;
  FloodModel model_;
  std::uint64_t dates_ = 1;
  std::uint64_t ids_ = 1;
  bool large_ = false;
  std::unique_ptr<Replayer> open_replay_still_;
  ReplayOptions open_options_;
  std::vector<FloodModel::Expected> open_expected_;
  std::vector<Event> open_found_;
  seconds jumped_{0};
};

void run_sequences(std::uint64_t count, bool in_folder) {
  const char* one = std::getenv("FLASHFLOOD_SEED");
  const char* many = std::getenv("FLASHFLOOD_SEQUENCES");
  std::uint64_t first = one ? std::strtoull(one, nullptr, 10) : 1;
  if (many) count = std::strtoull(many, nullptr, 10);
  if (one && !many) count = 1;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("FLASHFLOOD_SEED=" + std::to_string(seed));
    try {
      Sequence(seed, in_folder).run();
    } catch (const Error& error) {
      ADD_FAILURE() << "threw: " << error.what();
    }
    if (::testing::Test::HasFailure()) return;
  }
}

// Sanitizers make it ten times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t slower = 10;
#else
constexpr std::uint64_t slower = 1;
#endif

TEST(FloodModel, AgreesWithAFloodInMemory) { run_sequences(2000 / slower, false); }

TEST(FloodModel, AgreesWithAFloodInAFolder) { run_sequences(30 / slower, true); }

}  // namespace
}  // namespace flashflood::engine::testing
