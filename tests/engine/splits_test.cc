// Splits of random floods, one after the other, against the replay of the same snapshot; and that
// nothing deleted can be read in a presigned one.
//
// FLASHFLOOD_SEED=N runs the one flood of that seed, FLASHFLOOD_SEQUENCES=N so many.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <future>

#include "engine/journal/commit.h"
#include "engine/journal/seal.h"
#include "engine/state/catalog_pages.h"
#include "store/forwarding_store.h"
#include "test_splits.h"

namespace flashflood::engine::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A random flood: few dates and ids, so that they meet; journals that overlap; things pending.
class RandomFlood {
 public:
  explicit RandomFlood(std::uint64_t seed) : engine_(seed), flood_(seed, options_of(seed)) {
    dates_ = 1 + below(below(2) ? 3 : 40);
    ids_ = 1 + below(200);
    data_bytes_ = below(4) ? 60 : 3000;
    for (std::uint64_t i = 0, count = below(14); i < count; ++i) step();
  }

  SplitOptions any_options() {
    SplitOptions options;
    options.count = 1 + below(below(3) ? 6 : 60);
    if (below(3) == 0) options.from = any_date();
    if (below(3) == 0) options.to = any_date();
    if (options.from && options.to && *options.from > *options.to) options.from = options.to;
    if (below(4) == 0) options.where = "n > `3`";
    if (below(4) == 0) options.query = "[n, to_string(n)]";
    return options;
  }
  ReadSplitOptions any_narrower() {
    ReadSplitOptions options;
    if (below(3) > 0) options.from = any_date();
    if (below(3) > 0) options.to = any_date();
    if (options.from && options.to && *options.from > *options.to)
      std::swap(options.from, options.to);
    return options;
  }
  SigningFlood& operator*() { return flood_; }
  SigningFlood* operator->() { return &flood_; }
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }

 private:
  static OpenOptions options_of(std::uint64_t seed) {
    OpenOptions options = small_options();
    options.compression = seed % 3 == 0 ? "none" : seed % 3 == 1 ? "lz4" : "zstd";
    return options;
  }
  Timestamp any_date() { return at(static_cast<std::int64_t>(below(dates_)) * 1000); }
  std::string any_data() {
    if (below(20) == 0) return "not JSON";
    return "{\"n\":" + std::to_string(below(10)) + ",\"pad\":\"" +
           std::string(below(data_bytes_), 'x') + std::to_string(engine_()) + "\"}";
  }
  void step() {
    const TestFlood& flood = flood_.flood;
    const std::string id = "id-" + std::to_string(below(ids_));
    try {
      switch (below(8)) {
        case 0:
        case 1:
          for (std::uint64_t i = below(20); i > 0; --i)
            flood.put("id-" + std::to_string(below(ids_)), any_date(), any_data());
          break;
        case 2:
          flood.update(id, any_data());
          break;
        case 3:
          flood.erase(id);
          break;
        case 4:
        case 5: {
          std::vector<TestEvent> events;
          const bool new_ids = below(2);
          for (std::uint64_t i = below(300); i > 0; --i)
            events.push_back(
                {(new_ids ? "b-" : "id-") + std::to_string(below(new_ids ? 5000 : ids_)),
                 any_date(), any_data()});
          flood.record(events);
          break;
        }
        case 6: {
          JournalReport report;
          SealLimits limits;
          limits.journal_bytes = 1 + below(100'000);
          static_cast<void>(seal_pending(*flood.context, survey(*flood.context), limits, report));
          break;
        }
        default:
          flood_.clock->sleep_for(seconds{below(2) ? 1 : 4000});
          if (below(2)) flood.collect();
      }
    } catch (const EventExists&) {
    } catch (const EventNotFound&) {
    }
  }

  std::mt19937_64 engine_;
  std::uint64_t dates_ = 1, ids_ = 1, data_bytes_ = 1;
  SigningFlood flood_;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Sanitizers make it many times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t sequences = 500;
#else
constexpr std::uint64_t sequences = 2000;
#endif

TEST(RandomSplits, OneAfterTheOtherAreTheReplay) {
  const std::uint64_t first = number_from("FLASHFLOOD_SEED", 1);
  const std::uint64_t count =
      std::getenv("FLASHFLOOD_SEED") ? 1 : number_from("FLASHFLOOD_SEQUENCES", sequences);
  std::uint64_t made = 0, most = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("FLASHFLOOD_SEED=" + std::to_string(seed));
    RandomFlood flood(seed);
    const TestFlood& handle = flood->flood;
    SplitOptions options = flood.any_options();
    const auto expected = replay_of(*flood, options);
    const bool presigned = flood.below(3) == 0;
    if (presigned) options.presign = hours{24};
    auto splits = make_splits(*handle.context, options);
    ASSERT_LE(splits.size(), options.count);
    made += splits.size();
    most = std::max<std::uint64_t>(most, splits.size());
    const auto pending_shown = presigned ? replay_of(*flood, options) : expected;
    // Journaling and collecting change nothing while the lease lives.
    if (flood.below(2)) handle.journal();
    if (flood.below(2)) handle.put("later", at(0), "{\"n\":9}");
    if (flood.below(2)) {
      flood->clock->sleep_for(hours{20});
      handle.journal();
      handle.collect();
      handle.collect();
    }
    if (flood.below(3) == 0) splits = refresh_splits(*handle.context, splits, {});
    const auto read_of = [&](const ReadSplitOptions& reading) {
      return presigned ? flood->read_presigned(splits, reading)
                       : read_all(handle.context, splits, reading);
    };
    expect_same(read_of({}), pending_shown);
    const ReadSplitOptions narrow = flood.any_narrower();
    auto wanted = pending_shown;
    std::erase_if(wanted, [&](const Event& event) {
      return !format::in_range(event.date, narrow.from, narrow.to);
    });
    expect_same(read_of(narrow), wanted);
    if (HasFatalFailure() || HasFailure()) return;
    ASSERT_TRUE(handle.problems().empty());
  }
  std::printf("%llu splits, at most %llu of one flood\n", static_cast<unsigned long long>(made),
              static_cast<unsigned long long>(most));
}

// Deleted and updated before: in no presigned object, byte for byte, whatever range is asked for.
TEST(PresignedSplits, HoldNothingThatWasDeletedBefore) {
  OpenOptions plain = small_options();
  plain.compression = "none";
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SigningFlood signing(seed, plain);
    const TestFlood& flood = signing.flood;
    std::mt19937_64 random(seed);
    auto below = [&](std::uint64_t n) { return random() % n; };
    const std::uint64_t journals = 1 + below(seed % 10 == 0 ? 100 : 6);
    for (std::uint64_t j = 0; j < journals; ++j) {
      std::vector<TestEvent> events;
      for (std::uint64_t i = 0; i < 20; ++i)
        events.push_back({"e-" + std::to_string(j) + "-" + std::to_string(i),
                          at(static_cast<std::int64_t>(below(2) ? below(100) : 10 * j + i)),
                          "secret-" + std::to_string(j) + "-" + std::to_string(i) + ";"});
      flood.record(events);
      JournalReport report;
      if (below(2)) {
        ASSERT_EQ(seal_pending(*flood.context, survey(*flood.context), {}, report),
                  SealOutcome::sealed_all);
      }
    }
    std::vector<std::string> gone, left;
    for (std::uint64_t j = 0; j < journals; ++j) {
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::string number = std::to_string(j) + "-" + std::to_string(i);
        const std::uint64_t what = below(6);
        (what < 2 ? gone : left).push_back("secret-" + number + ";");
        if (what == 0) flood.erase("e-" + number);
        if (what == 1) flood.update("e-" + number, "new-" + number);
        if (what == 0 && below(4) == 0) flood.put("e-" + number, at(500), "again-" + number);
      }
    }
    if (below(2)) flood.journal();
    SplitOptions options;
    options.count = 1 + below(5);
    options.presign = hours{1};
    if (below(2)) options.from = at(static_cast<std::int64_t>(below(60)));
    if (below(2)) options.to = at(static_cast<std::int64_t>(60 + below(60)));
    auto splits = make_splits(*flood.context, options);
    std::string raw;
    for (const std::string& json : splits) {
      const auto split = format::decode_split(json);
      EXPECT_TRUE(split.pending.empty());
      for (const auto& journal : split.journals) {
        HttpRequest request;
        request.url = journal.url;
        raw += signing.server->send(request).body;
      }
    }
    for (const std::string& secret : gone)
      ASSERT_EQ(raw.find(secret), std::string::npos) << secret << " seed " << seed;
    if (!options.from && !options.to) {
      for (const std::string& kept : left)
        ASSERT_NE(raw.find(kept), std::string::npos) << kept << " seed " << seed;
    }
    expect_same(signing.read_presigned(splits), replay_of(signing, options));
    ASSERT_TRUE(flood.problems().empty());
  }
}

// Of a range only what it needs is asked for.
TEST(PresignedSplits, OfWhichARangeIsReadFetchOnlyItsBlocks) {
  OpenOptions plain = small_options();
  plain.compression = "none";
  SigningFlood signing(1, plain);
  for (int journal = 0; journal < 2; ++journal) {
    std::vector<TestEvent> events;
    for (int i = 2000 * journal; i < 2000 * (journal + 1); ++i)
      events.push_back({"e" + std::to_string(i), at(i), std::string(1000, 'x')});
    signing.flood.record(events);
    JournalOptions no_merge;
    no_merge.merge = false;
    signing.flood.journal(no_merge);
  }
  SplitOptions options;
  options.presign = hours{1};
  const std::string json = make_splits(*signing.flood.context, options).at(0);
  const auto read_counted = [&](std::optional<Timestamp> from, std::optional<Timestamp> to,
                                std::size_t wanted) {
    ReadSplitOptions reading;
    reading.from = from;
    reading.to = to;
    auto counting = std::make_shared<CountingStore>(
        presigned_store(format::decode_split(json), signing.server, signing.env));
    EXPECT_EQ(read(presigned_context(counting, signing.env), json, reading).size(), wanted);
    return counting->counts();
  };
  const auto all = read_counted({}, {}, 4000);
  EXPECT_GT(all.bytes_read, 4'000'000u);
  const auto some = read_counted(at(100), at(110), 10);
  EXPECT_EQ(some.get, 2u) << "the tail of one journal, and its blocks";
  EXPECT_LT(some.bytes_read, 200'000u);
  const auto latter = read_counted(at(3999 - 5), {}, 5);
  EXPECT_EQ(latter.get, 2u);
  EXPECT_LT(latter.bytes_read, 200'000u);
  EXPECT_EQ(read_counted(at(5000), {}, 0).get, 0u);
  EXPECT_EQ(read_counted({}, at(-1), 0).get, 0u);
  EXPECT_THROW(read_counted(at(2), at(1), 0), InvalidArgument);
}

// A store in which somebody acts after each new catalog.
class DisturbedStore final : public ForwardingStore {
 public:
  DisturbedStore(std::shared_ptr<ObjectStore> inner, std::function<void()> act)
      : ForwardingStore(std::move(inner)), act_(std::move(act)) {}
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    const PutOutcome outcome = ForwardingStore::put_if_absent(key, bytes);
    if (key.starts_with(format::catalog_prefix)) act_();
    return outcome;
  }

 private:
  const std::function<void()> act_;
};

TEST(PresignedSplits, UpdatesWithoutEndEndInAnError) {
  SigningFlood signing;
  JournalOptions no_merge;
  no_merge.merge = false;
  signing.flood.record({{"a", at(1), "{}"}, {"b", at(2), "{}"}});
  signing.flood.journal(no_merge);
  int updates = 0;
  const auto update = [&] {
    if (updates == 200) return;  // else it would never end
    signing.flood.update("a", "{\"n\":" + std::to_string(++updates) + "}");
    signing.flood.journal(no_merge);
  };
  update();
  const TestFlood disturbed(std::make_shared<DisturbedStore>(signing.counting, update),
                            signing.env);
  SplitOptions options;
  options.presign = hours{1};
  try {
    make_splits(*disturbed.context, options);
    ADD_FAILURE() << "splits after " << updates << " updates";
  } catch (const StoreUnavailable& error) {
    EXPECT_NE(std::string(error.what()).find("make the splits again"), std::string::npos);
  }
  EXPECT_LT(updates, 100);
  EXPECT_FALSE(make_splits(*signing.flood.context, options).empty());
}

TEST(PresignedSplits, OneDeleteRewritesOnlyItsJournal) {
  SigningFlood signing;
  for (int j = 0; j < 20; ++j) {
    signing.flood.record({{"e" + std::to_string(j), at(10 * j), "a"},
                          {"f" + std::to_string(j), at(10 * j + 5), "b"}});
    JournalOptions no_merge;
    no_merge.merge = false;
    signing.flood.journal(no_merge);
  }
  signing.flood.erase("e7");
  auto before = signing.flood.keys("journals/");
  SplitOptions options;
  options.presign = hours{1};
  auto splits = make_splits(*signing.flood.context, options);
  const auto head = load_head(*signing.flood.context);
  auto journals = journals_between(*signing.flood.context, *head.catalog, {}, {});
  std::size_t kept = 0;
  for (const auto& journal : journals)
    kept += std::count(before.begin(), before.end(), journal.key()) > 0;
  EXPECT_EQ(kept, 19u) << "the one with the deleted event was replaced, no other";
  EXPECT_EQ(signing.read_presigned(splits).size(), 39u);
}

}  // namespace
}  // namespace flashflood::engine::testing
