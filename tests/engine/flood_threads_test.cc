// Many threads on one flood at once, doing everything: afterwards every promise holds. For
// ThreadSanitizer above all.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "flashflood/flashflood.h"
#include "store/folder/test_folder.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 12;
// Long enough for the slowest operation under a sanitizer.
constexpr auto grace = 6s;

class Crowd {
 public:
  explicit Crowd(const std::string& url) : flood_(open(url)), other_(open(url)) {}

  static Flood open(const std::string& url) {
    OpenOptions options;
    options.block_bytes = 4096;
    options.grace = grace;
    options.patience = grace;
    options.threads = 2;
    return Flood::open(url, options);
  }

  // The second time, what was retired the first time is collected meanwhile.
  void run_twice() {
    run();
    // However the threads were scheduled, something is retired now...
    flood_.put({.id = "retired at the end of the first time", .data = "{}"});
    flood_.journal();
    std::this_thread::sleep_for(grace);
    ++phase_;
    created_ = 0;
    run();
    // ...and old enough to be removed.
    removed_ += other_.collect_garbage().removed_objects;
    EXPECT_GT(removed_.load(), 0u);
  }

  void run() {
    start([this] { put(1); });
    start([this] { put(2); });
    start([this] { change(); });
    start([this] { compete(1); });
    start([this] { compete(2); });
    start([this] { record(1); });
    start([this] { record(2); });
    start([this] { share_recorder(); });
    start([this] { read(flood_); });
    start([this] { read(other_); });
    start([this] { journal(flood_); });
    start([this] { journal(other_); });
    start([this] { collect(); });
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  void check() {
    EXPECT_EQ(created_.load(), rounds) << "of two puts of one id exactly one succeeds";
    other_.journal();
    std::set<std::string> seen;
    Timestamp last = timestamp_min;
    for (const EventView& event : flood_.replay()) {
      EXPECT_TRUE(seen.insert(std::string(event.id)).second) << "twice: " << event.id;
      EXPECT_GE(event.date, last);
      last = event.date;
    }
    for (int i = 0; i < rounds; ++i) {
      for (std::string name : {"put-1-", "put-2-", "both-", "record-1-", "record-2-", "shared-"})
        EXPECT_TRUE(seen.contains(name_of(name, i))) << name << i;
      EXPECT_EQ(seen.contains(name_of("change-", i)), i % 2 == 0) << i;
    }
    EXPECT_EQ(flood_.get("counter").data, std::to_string(increments_.load()));
    auto report = flood_.verify();
    for (const auto& problem : report.problems) ADD_FAILURE() << problem.key << problem.what;
  }

  void clear() { flood_.destroy(); }

 private:
  template <typename Work>
  void start(const Work& work) {
    threads_.emplace_back([work] {
      try {
        work();
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    });
  }
  std::string name_of(const std::string& name, int i) const {
    return name + std::to_string(phase_) + "-" + std::to_string(i);
  }
  NewEvent event(const std::string& name, int i) const {
    NewEvent made;
    made.id = name_of(name, i);
    made.date = Timestamp{std::chrono::microseconds{i}};
    made.data = "{\"n\": " + std::to_string(i) + "}";
    return made;
  }

  void put(int who) {
    for (int i = 0; i < rounds; ++i) {
      NewEvent made = event("put-" + std::to_string(who) + "-", i);
      flood_.put(made);
      EXPECT_EQ(other_.get(*made.id).data, made.data) << "acknowledged, and not in the next get";
    }
  }
  void change() {
    for (int i = 0; i < rounds; ++i) {
      NewEvent made = event("change-", i);
      flood_.put(made);
      EXPECT_EQ(other_.update(*made.id, "{}"), 2u);
      if (i % 2) flood_.erase(*made.id);
    }
  }
  // Two threads put the same ids, and count together by compare-and-set.
  void compete(int who) {
    Flood& flood = who == 1 ? flood_ : other_;
    for (int i = 0; i < rounds; ++i) {
      try {
        flood.put(event("both-", i));
        ++created_;
      } catch (const EventExists&) {
      }
      increment(flood);
    }
  }
  void increment(Flood& flood) {
    for (;;) {
      try {
        if (auto counter = flood.find("counter")) {
          flood.update("counter", std::to_string(std::stoi(counter->data) + 1), counter->revision);
        } else {
          NewEvent first = event("counter", 0);
          first.id = "counter";
          first.data = "1";
          flood.put(first);
        }
        ++increments_;
        return;
      } catch (const EventExists&) {
      } catch (const RevisionConflict&) {
      }
    }
  }
  void record(int who) {
    Recorder recorder = flood_.recorder();
    for (int i = 0; i < rounds; ++i) {
      NewEvent made = event("record-" + std::to_string(who) + "-", i);
      recorder.put(made);
      if (i % 3 == 0) {
        recorder.flush();
        EXPECT_TRUE(other_.find(*made.id)) << "flushed, and not in the next get";
      }
    }
    recorder.flush();
  }
  void share_recorder() {
    Recorder recorder = other_.recorder();
    std::vector<std::thread> threads;
    for (int who = 0; who < 3; ++who) {
      threads.emplace_back([&, who] {
        for (int i = who; i < rounds; i += 3) recorder.put(event("shared-", i));
        recorder.flush();
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(recorder.progress().durable, static_cast<std::uint64_t>(rounds));
  }
  static void read(Flood& flood) {
    for (int i = 0; i < rounds; ++i) {
      ReplayOptions options;
      if (i % 2) options.where = "n > `3`";
      std::string last_id;
      Timestamp last = timestamp_min;
      for (const EventView& seen : flood.replay(options)) {
        EXPECT_LT(std::pair(last, last_id), std::pair(seen.date, std::string(seen.id)));
        last = seen.date;
        last_id = seen.id;
      }
      const std::string answer = flood.query("[length(events), max(events[].n)]").text();
      EXPECT_TRUE(answer.starts_with('[')) << answer;
      flood.query("events[*].n").next_piece();  // and left there
      flood.stats();
      flood.requests();
    }
  }
  static void journal(Flood& flood) {
    for (int i = 0; i < rounds / 2; ++i) {
      JournalOptions options;
      options.journal_bytes = std::size_t{1} << 20;
      flood.journal(options);
    }
  }
  void collect() {
    for (int i = 0; i < rounds; ++i) {
      removed_ += other_.collect_garbage().removed_objects;
      std::this_thread::sleep_for(30ms);
    }
  }

  Flood flood_;
  Flood other_;
  std::vector<std::thread> threads_;
  int phase_ = 1;
  std::atomic<std::uint64_t> removed_{0};
  std::atomic<int> created_{0};
  std::atomic<int> increments_{0};
};

struct Place {
  const char* name;
  std::function<std::string(const std::filesystem::path&)> url;  // of a flood that is not there
};

std::vector<Place> places() {
  std::vector<Place> all{
      {"memory", [](const auto&) { return "memory://flood-threads-test"; }},
      {"folder", [](const std::filesystem::path& folder) { return (folder / "flood").string(); }}};
  if (const char* const bucket = std::getenv("FLASHFLOOD_TEST_S3_URL")) {
    all.push_back({"bucket", [bucket](const std::filesystem::path& folder) {
                     return std::string(bucket) + "/test-" + folder.filename().string();
                   }});
  }
  return all;
}

class FloodThreads : public testing::TestWithParam<Place> {};

TEST_P(FloodThreads, KeepEveryPromise) {
  const TestFolder folder;
  Crowd crowd(GetParam().url(folder.path()));
  crowd.run_twice();
  crowd.check();
  crowd.clear();
}

INSTANTIATE_TEST_SUITE_P(In, FloodThreads, testing::ValuesIn(places()),
                         [](const auto& place) { return place.param.name; });

}  // namespace
}  // namespace flashflood
