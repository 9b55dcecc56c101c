// Importing from the original FlashFlood: a small bucket that the original made (golden/), and
// buckets made here with what it never makes.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/import/original_import.h"
#include "engine/test_flood.h"
#include "flashflood/flood.h"
#include "store/folder/foreign_folder.h"
#include "store/folder/test_folder.h"

namespace flashflood::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string golden = FLASHFLOOD_SOURCE_DIR "/tests/original/golden";

using Events = std::map<std::string, std::string>;  // id -> date and data

Events events_of(const TestFlood& flood) {
  Events events;
  for (const Event& event : flood.replay()) {
    EXPECT_TRUE(events.emplace(event.id, format_timestamp(event.date) + " " + event.data).second);
  }
  EXPECT_THAT(flood.problems(), IsEmpty());
  return events;
}

// A bucket of the original's in memory.
class Source {
 public:
  struct Row {
    std::string id;
    std::string data;
    int second = 0;
  };

  static std::string date(int second) {
    return fmt::format("2019-11-{:02}T{:02}{:02}{:02}.000000Z", 1 + second / 86400,
                       second / 3600 % 24, second / 60 % 60, second % 60);
  }

  // A journal of these events; the version is a second, or "new". Returns its name.
  std::string add(const std::vector<Row>& rows, const std::string& version = "new") {
    std::string text, blob;
    for (const Row& row : rows) {
      if (!text.empty()) text += ", ";
      text += fmt::format(R"({{"event_id": "{}", "timestamp": "{}", "offset": {}, "size": {}}})",
                          row.id, date(row.second), blob.size(), row.data.size());
      blob += row.data;
    }
    const std::string number = fmt::format("blob-{:06}", ++blobs_);
    const std::string name =
        fmt::format("{}--{}--{}--{}", date(rows.front().second), date(rows.back().second),
                    version == "new" ? version : date(std::stoi(version)), number);
    store->put("blobs/" + number, blob);
    store->put("journals/" + name, R"({"events": [)" + text + "]}");
    return name;
  }

  void mark(const std::string& journal, const std::string& id, int second,
            const std::string& action, const std::string& data = {}) {
    store->put(fmt::format("update/{}--{}--{}--{}", std::string(journal.rbegin(), journal.rend()),
                           id, date(second), action),
               data);
  }
  void remove(const std::string& key) { store->remove(std::vector{key}); }
  std::string blob_of(const std::string& journal) const {
    return "blobs/" + journal.substr(journal.rfind("--") + 2);
  }

  std::shared_ptr<ObjectStore> store = make_memory_store(std::make_shared<ManualClock>());

 private:
  int blobs_ = 0;
};

ImportReport take_over(const MemoryFlood& into, std::shared_ptr<ObjectStore> source,
                       const ImportOptions& options = {}) {
  return import_original(
      into.flood.context->env, std::move(source), [&] { return into.flood.context; }, options);
}

ImportReport take_over(const MemoryFlood& into, const Source& from,
                       const ImportOptions& options = {}) {
  return take_over(into, from.store, options);
}

TEST(ImportOfTheGoldenBucket, IsWhatTheOriginalAcknowledged) {
  MemoryFlood into;
  const ImportReport report = take_over(into, open_foreign_folder(golden));
  const auto plain = [](int day, const std::string& id) {
    return fmt::format("2019-11-{:02}T10:00:00.123456Z {{\"id\":\"{}\"}}", day, id);
  };
  EXPECT_EQ(events_of(into.flood),
            (Events{{"event-1", "2019-11-01T10:00:00.123456Z {\"updated\": 1}"},
                    {"event-2", "2019-11-02T10:00:00.123456Z {\"updated\": \"then\"}"},
                    {"event-4", plain(4, "event-4")},
                    {"event-5", plain(5, "event-5")},
                    {"binary", std::string("2019-11-06T10:00:00.123456Z \0\xff\n", 31)},
                    {"empty", "2019-11-07T10:00:00.123456Z "},
                    {"old", "0987-11-08T10:00:00.123456Z {\"id\":\"old\"}"}}));
  EXPECT_EQ(report.recorded, 7u);
  EXPECT_EQ(report.journals, 1u);
  EXPECT_EQ(report.journal_events, 4u);
  EXPECT_EQ(report.pending_events, 5u);
  EXPECT_EQ(report.updates_applied, 1u);
  EXPECT_EQ(report.deletes_applied, 1u);
  EXPECT_EQ(report.superseded, 1u);
  EXPECT_EQ(report.duplicates, 1u);
  EXPECT_EQ(report.tombstones, 4u);
  EXPECT_EQ(report.applied_markers, 1u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(report.unnamed_blobs, 1u);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].reason, "a manifest without its blob");
  EXPECT_THAT(report.problems[0].names, ElementsAre(HasSubstr("journals/2019-11-09")));
}

TEST(ImportOfTheGoldenBucket, StrictRecordsNothing) {
  MemoryFlood into;
  ImportOptions options;
  options.strict = true;
  EXPECT_THROW(take_over(into, open_foreign_folder(golden), options), CorruptData);
  EXPECT_THAT(into.flood.replay(), IsEmpty());
}

TEST(ImportOfTheGoldenBucket, ThroughThePublicInterface) {
  Flood flood = Flood::open("memory://import-of-the-golden-bucket");
  const ImportReport report = flood.import_original(golden);
  EXPECT_EQ(report.recorded, 7u);
  EXPECT_GT(report.source_requests.gets, 0u);
  EXPECT_EQ(report.source_requests.puts + report.source_requests.removes, 0u);
  EXPECT_EQ(flood.get("event-1").data, "{\"updated\": 1}");
  EXPECT_THROW(flood.import_original("memory://import-of-nothing"), NotAFlood);
  EXPECT_THROW(flood.import_original(golden + "/nowhere"), NotAFlood);
  EXPECT_THROW(flood.import_original("gopher://x"), StoreUnsuitable);
  ImportOptions options;
  options.source.region = "eu-west-1";
  EXPECT_THROW(flood.import_original(golden, options), InvalidArgument);
}

TEST(ImportOfTheGoldenBucket, OpensTheFloodWhenThereIsSomethingToRecord) {
  int opened = 0;
  const auto into = [&] {
    ++opened;
    return Flood::open("memory://import-that-opens");
  };
  EXPECT_THROW(flashflood::import_original("memory://import-of-nothing", into), NotAFlood);
  EXPECT_THROW(flashflood::import_original(golden + "/nowhere", into), NotAFlood);
  EXPECT_THROW(flashflood::import_original("gopher://x", into), StoreUnsuitable);
  ImportOptions options;
  options.strict = true;
  EXPECT_THROW(flashflood::import_original(golden, into, options), CorruptData);
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(flashflood::import_original(golden, into).recorded, 7u);
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(flashflood::import_original(golden, into).journals_done_before, 6u);
}

// Data that was read in windows of some MiB is the same.
TEST(Import, LargeJournalsAndLargeEvents) {
  Source from;
  std::vector<Source::Row> rows;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(
        {fmt::format("e{}", i), std::string(1'000'000 + i, static_cast<char>('a' + i % 26)), i});
  }
  from.add(rows, "100000");
  from.add({{"large", std::string(20'000'000, 'x'), 5}});
  MemoryFlood into;
  EXPECT_EQ(take_over(into, from).recorded, 41u);
  for (const Source::Row& row : rows) {
    const auto found = into.flood.find(row.id);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->data == row.data) << row.id;
  }
  EXPECT_EQ(into.flood.find("large")->data.size(), 20'000'000u);
}

// With little memory for it, ids are told apart in several passes.
TEST(Import, DuplicatesAreFoundWithAnyMemory) {
  Source from;
  std::uint64_t wanted = 0;
  for (int journal = 0; journal < 12; ++journal) {
    std::vector<Source::Row> rows;
    for (int i = 0; i < 8000; ++i) {
      // Every fourth event of a journal is in the one before, too.
      const int number = journal * 8000 + i - (i % 4 == 0 && journal > 0 ? 7999 : 0);
      wanted += i % 4 != 0 || journal == 0 ? 1 : 0;
      rows.push_back({fmt::format("e{}", number), "x", i});
    }
    from.add(rows, std::to_string(100000 + journal));
  }
  for (const std::size_t memory_bytes : {std::size_t{1} << 20, std::size_t{256} << 20}) {
    MemoryFlood into;
    ImportOptions options;
    options.memory_bytes = memory_bytes;
    const ImportReport report = take_over(into, from, options);
    EXPECT_EQ(report.recorded, wanted);
    EXPECT_EQ(report.duplicates, 12u * 8000 - wanted);
    EXPECT_EQ(events_of(into.flood).size(), wanted);
  }
  MemoryFlood into;
  ImportOptions options;
  options.memory_bytes = 1000;
  EXPECT_THROW(take_over(into, from, options), InvalidArgument);
}

struct Stop {};

TEST(Import, GoesOnWhereItWasInterrupted) {
  Source from;
  Events wanted;
  for (int i = 0; i < 1000; ++i) {
    from.add({{fmt::format("e{}", i), "x", i}});
    wanted[fmt::format("e{}", i)] =
        format_timestamp(at(1'572'566'400'000'000 + i * 1'000'000LL)) + " x";
  }
  MemoryFlood into;
  ImportOptions options;
  options.progress = [&](const Progress& progress) {
    into.pass(std::chrono::seconds(2));  // so that every window leaves a mark
    if (progress.events > 600) throw Stop{};
  };
  auto counting = std::make_shared<CountingStore>(from.store);
  EXPECT_THROW(take_over(into, counting, options), Stop);
  const std::size_t before = into.flood.replay().size();
  EXPECT_GT(before, 0u);
  EXPECT_LT(before, 1000u);

  options.progress = {};
  const auto counts = counting->counts();
  const ImportReport report = take_over(into, counting, options);
  EXPECT_GT(report.journals_done_before, 0u);
  EXPECT_EQ(report.recorded + report.journals_done_before, 1000u);
  EXPECT_EQ((counting->counts() - counts).get, 1000 + report.recorded);
  EXPECT_EQ(report.pending_events, 1000u);
  EXPECT_EQ(events_of(into.flood), wanted);

  // Nothing is left to do, and garbage collection leaves the marks alone.
  into.flood.journal();
  into.pass(std::chrono::hours(100));
  into.flood.collect();
  EXPECT_EQ(take_over(into, counting, options).recorded, 0u);
}

TEST(Import, ADamagedMarkIsNamed) {
  Source from;
  from.add({{"a", "x", 1}});
  MemoryFlood into;
  take_over(into, from);
  const std::vector<std::string> marks = into.flood.keys("imports/");
  ASSERT_EQ(marks.size(), 1u);
  into.memory->put(marks[0], "{}");
  try {
    take_over(into, from);
    FAIL();
  } catch (const CorruptData& error) {
    EXPECT_THAT(error.what(), HasSubstr(marks[0]));
  }
}

TEST(Import, WhatTheFloodHasIsLeftAsItIs) {
  Source from;
  from.add({{"a", "theirs", 1}, {"b", "theirs", 2}}, "100");
  MemoryFlood into;
  into.flood.put("a", at(7), "ours");
  into.flood.put("b", at(7), "ours");
  into.flood.erase("b");
  take_over(into, from);
  EXPECT_EQ(into.flood.find("a")->data, "ours");
  EXPECT_FALSE(into.flood.find("b"));
}

TEST(Import, WithoutAnIndexNothingIsTakenForDeleted) {
  Source from;
  const std::string journal = from.add({{"a", "1", 1}}, "100");
  from.mark(journal, "a", 200, "DELETE");
  from.add({{"a", "2", 5}});
  MemoryFlood into;
  EXPECT_EQ(take_over(into, from).deletes_applied, 1u);
  EXPECT_EQ(into.flood.find("a")->data, "2");

  from.store->put("index/b--0000000001", "");
  from.store->put("index/a--b--0000000001", "");  // of another id
  MemoryFlood another;
  take_over(another, from);
  EXPECT_FALSE(another.flood.find("a"));

  from.store->put("index/a--0000000002", "");
  MemoryFlood third;
  take_over(third, from);
  EXPECT_EQ(third.flood.find("a")->data, "2");
}

TEST(Import, TombstonesOfWhatIsGoneAndMarkersOfNothing) {
  Source from;
  const std::string journal = from.add({{"a", "1", 1}}, "100");
  const std::string dead = from.add({{"a", "0", 1}});
  from.store->put("journals/" + dead + ".dead", "");
  const std::string collected = from.add({{"a", "0", 1}});
  from.remove("journals/" + collected);
  from.store->put("journals/" + collected + ".dead", "");
  from.mark(dead, "nobody", 50, "UPDATE", "x");
  MemoryFlood into;
  const ImportReport report = take_over(into, from);
  EXPECT_EQ(report.tombstones, 2u);
  EXPECT_EQ(report.superseded, 1u);
  EXPECT_EQ(report.unnamed_blobs, 1u);
  EXPECT_THAT(report.unnamed_blob_names, ElementsAre(from.blob_of(collected)));
  EXPECT_EQ(report.recorded, 1u);
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST(Import, DataThatGoesMeanwhile) {
  Source from;
  const std::string gone = from.add({{"gone", "1", 1}, {"too", "2", 2}}, "100");
  from.add({{"stays", "3", 3}});
  ImportOptions options;
  options.progress = [&](const Progress&) { from.remove(from.blob_of(gone)); };
  MemoryFlood into;
  const ImportReport report = take_over(into, from, options);
  EXPECT_EQ(report.recorded, 1u);
  EXPECT_EQ(report.skipped, 2u);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].count, 2u);
  EXPECT_THAT(report.problems[0].names, ElementsAre(HasSubstr("\"gone\""), HasSubstr("\"too\"")));
}

TEST(Import, OnlySoManyNamesAreKept) {
  Source from;
  for (int i = 0; i < 50; ++i) from.store->put(fmt::format("journals/bad-{}", i), "");
  from.add({{"a", "x", 1}});
  ImportOptions options;
  options.names_max = 3;
  MemoryFlood into;
  const ImportReport report = take_over(into, from, options);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].count, 50u);
  EXPECT_EQ(report.problems[0].names.size(), 3u);
  EXPECT_EQ(report.recorded, 1u);
}

TEST(Import, NamesInReportsArePlainText) {
  const TestFolder folder;
  folder.write("journals/bad\x1b[2J\xff", "");
  folder.write("blobs/bad\xff", "");
  MemoryFlood into;
  const ImportReport report = take_over(into, open_foreign_folder(folder.path()));
  ASSERT_EQ(report.problems.size(), 1u);
  for (const std::string& name :
       {report.problems[0].names.at(0), report.unnamed_blob_names.at(0)}) {
    EXPECT_THAT(name, HasSubstr("bad"));
    EXPECT_TRUE(is_valid_utf8(name));
    EXPECT_EQ(name.find('\x1b'), std::string::npos);
  }
}

// A store in which some objects have rotted.
class RottenStore final : public ObjectStore {
 public:
  explicit RottenStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}
  std::set<std::string, std::less<>> rotten{};

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    if (rotten.contains(key)) throw CorruptData(std::string(key) + ": does not fit its checksum");
    return inner_->get(key, range);
  }
  ListPage list(std::string_view prefix, std::string_view after, std::size_t limit) override {
    return inner_->list(prefix, after, limit);
  }
  void put(std::string_view, BytesView) override { ADD_FAILURE(); }
  PutOutcome put_if_absent(std::string_view, BytesView) override {
    ADD_FAILURE();
    return PutOutcome::exists;
  }
  void remove(std::span<const std::string>) override { ADD_FAILURE(); }
  StoreTime now() override { return inner_->now(); }
  std::string describe() const override { return inner_->describe(); }

 private:
  const std::shared_ptr<ObjectStore> inner_;
};

TEST(Import, ObjectsThatHaveRotted) {
  Source from;
  const std::string data = from.add({{"a", "1", 1}});
  const std::string manifest = from.add({{"b", "2", 2}});
  from.add({{"c", "3", 3}});
  const auto source = std::make_shared<RottenStore>(from.store);
  source->rotten = {from.blob_of(data), "journals/" + manifest};
  MemoryFlood into;
  const ImportReport report = take_over(into, source);
  EXPECT_EQ(report.recorded, 1u);
  EXPECT_EQ(report.skipped, 2u);
  EXPECT_EQ(report.problems.size(), 2u);
  source->rotten.clear();
  EXPECT_EQ(take_over(into, source).recorded, 2u);
}

// Objects with some bytes changed, cut or added: an import ends, and the flood is whole.
TEST(Import, AnyBytesInTheSource) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    std::mt19937 dice(seed);
    const auto below = [&](std::size_t n) { return dice() % n; };
    Source from;
    const std::string journal =
        from.add({{"a", "one", 1}, {"b", "two", 2}, {"c", "three", 3}}, "100");
    from.mark(journal, "b", 200, "UPDATE", "changed");
    from.add({{"d", "four", 4}});
    for (const ObjectInfo& object : list_all(*from.store, {})) {
      if (below(2) == 0) continue;
      Bytes bytes = from.store->get(object.key, ByteRange::whole())->bytes;
      for (std::size_t i = 0; i < 3 && !bytes.empty(); ++i) {
        switch (below(4)) {
          case 0:
            bytes.resize(below(bytes.size()));
            break;
          case 1:
            bytes.insert(below(bytes.size()), "9");
            break;
          default:
            bytes[below(bytes.size())] = static_cast<char>(dice());
        }
      }
      from.store->put(object.key, bytes);
    }
    MemoryFlood into;
    const ImportReport report = take_over(into, from);
    EXPECT_EQ(events_of(into.flood).size(), report.recorded) << seed;
  }
}

}  // namespace
}  // namespace flashflood::engine::testing
