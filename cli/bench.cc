// bench: what this store and machine do, in a flood of its own that is removed afterwards.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "commands.h"
#include "failure.h"
#include "interrupt.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// A place beside the store, and its removal.
class Place {
 public:
  explicit Place(std::string store) {
    std::random_device random;
    const std::string name = fmt::format("-bench-{:08x}{:08x}", random(), random());
    constexpr std::string_view file_scheme = "file://";
    if (store.starts_with(file_scheme)) {
      store = store.substr(file_scheme.size());
      if (store.find('%') != std::string::npos) {
        throw UsageError("bench: give the folder as a plain path");
      }
    }
    while (store.size() > 1 && store.ends_with('/')) store.pop_back();
    url_ = store + name;
    if (store.find("://") == std::string::npos) {
      folder_ = url_;
    } else if (!store.starts_with("memory://")) {
      throw UsageError("bench works on folders and memory:// only");
    }
  }
  ~Place() {
    std::error_code error;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
    if (error) print_message(fmt::format("cannot remove {}: {}", folder_, error.message()));
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::string folder_;
};

struct Measurement {
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;               // all of it
  std::vector<double> latencies{};  // of single calls
};

struct Interrupted {};

class Bench {
 public:
  Bench(Flood& flood, std::uint64_t events, std::size_t threads)
      : flood_(flood), events_(events), threads_(threads) {}

  std::vector<Measurement> run() {
    single_puts();
    parallel_puts();
    record();
    gets("get", 200);
    calls("list", 20, [&](std::uint64_t) { flood_.journals(); });
    whole("journal",
          [&](Measurement& measurement) { measurement.count = flood_.journal().sealed_events; });
    gets("get, journaled", 200);
    whole("replay", [&](Measurement& measurement) { replay({}, measurement); });
    ReplayOptions filtered;
    filtered.where = "amount > `990`";
    whole("replay, filtered", [&](Measurement& measurement) { replay(filtered, measurement); });
    return std::move(measurements_);
  }

 private:
  static void check_interrupt() {
    if (interrupted() != 0) throw Interrupted{};
  }

  // JSON of some 200 bytes, different for every number.
  static std::string data(std::uint64_t number) {
    const std::uint64_t mixed = number * 0x9e3779b97f4a7c15U;
    return fmt::format(
        R"({{"id":"event-{0}","kind":"order","customer":{1},"amount":{2},"currency":"GBP",)"
        R"("item":{{"code":"{3:010x}","description":"a thing of some sort, number {4}"}},)"
        R"("paid":{5},"country":"United Kingdom"}})",
        number, mixed >> 44, mixed % 1000, mixed >> 24, mixed % 5000, mixed % 3 == 0);
  }
  static std::string id(std::uint64_t number) { return fmt::format("event-{}", number); }

  void whole(const std::string& name, const std::function<void(Measurement&)>& work) {
    check_interrupt();
    Measurement measurement{name};
    const auto begin = Clock::now();
    work(measurement);
    measurement.seconds = seconds_since(begin);
    measurements_.push_back(std::move(measurement));
  }

  void calls(const std::string& name, std::uint64_t count,
             const std::function<void(std::uint64_t)>& call) {
    whole(name, [&](Measurement& measurement) {
      for (std::uint64_t i = 0; i < count; ++i) {
        check_interrupt();
        const auto begin = Clock::now();
        call(i);
        measurement.latencies.push_back(seconds_since(begin));
      }
      measurement.count = count;
    });
  }

  void single_puts() {
    calls("put", 200, [&](std::uint64_t i) { flood_.put({.data = data(i)}); });
  }

  void parallel_puts() {
    constexpr std::uint64_t puts_each = 100;
    whole(fmt::format("put, {} threads", threads_), [&](Measurement& measurement) {
      std::mutex mutex;
      std::exception_ptr error;
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < threads_; ++i) {
        threads.emplace_back([&] {
          try {
            for (std::uint64_t n = 0; n < puts_each && interrupted() == 0; ++n) {
              flood_.put({.data = data(n)});
            }
          } catch (...) {
            const std::lock_guard lock(mutex);
            error = std::current_exception();
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      if (error) std::rethrow_exception(error);
      measurement.count = puts_each * threads_;
    });
  }

  void record() {
    // Made before the clock starts: the making is not what is measured.
    std::vector<std::string> lines;
    lines.reserve(events_);
    for (std::uint64_t i = 0; i < events_; ++i) lines.push_back(data(i));
    constexpr Timestamp first{std::chrono::seconds{1'300'000'000}};
    whole("record", [&](Measurement& measurement) {
      Recorder recorder = flood_.recorder();
      for (std::uint64_t i = 0; i < events_; ++i) {
        if (i % 1024 == 0) check_interrupt();
        recorder.put(id(i), first + std::chrono::milliseconds{i * 250}, lines[i]);
        measurement.bytes += lines[i].size();
      }
      recorder.flush();
      measurement.count = events_;
    });
  }

  void gets(const std::string& name, std::uint64_t count) {
    std::mt19937_64 random(1);
    calls(name, count, [&](std::uint64_t) { flood_.get(id(random() % events_)); });
  }

  void replay(const ReplayOptions& options, Measurement& measurement) {
    Replay run = flood_.replay(options);
    while (true) {
      check_interrupt();
      if (run.next_batch().empty()) break;
    }
    const ReplayProgress& progress = run.progress();
    measurement.count = progress.events + progress.filtered;
    // The rate of a filter is that of what it looked at, whose bytes are not known here.
    if (progress.filtered == 0) measurement.bytes = progress.data_bytes;
  }

  Flood& flood_;
  std::uint64_t events_;
  std::size_t threads_;
  std::vector<Measurement> measurements_;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void print_results(std::vector<Measurement> measurements, bool json) {
  std::vector<std::vector<std::string>> rows{
      {"OPERATION", "COUNT", "TIME", "RATE", "DATA", "MEDIAN", "99%"}};
  for (Measurement& one : measurements) {
    std::sort(one.latencies.begin(), one.latencies.end());
    const double seconds = std::max(one.seconds, 1e-9);
    const double rate = static_cast<double>(one.count) / seconds;
    const double byte_rate = static_cast<double>(one.bytes) / seconds;
    if (json) {
      JsonObject object;
      object.add("operation", one.name).add("count", one.count);
      object.add_real("seconds", one.seconds).add_real("per_second", rate);
      if (one.bytes > 0) object.add_real("bytes_per_second", byte_rate);
      if (!one.latencies.empty()) {
        object.add_real("median_seconds", percentile(one.latencies, 0.5));
        object.add_real("p99_seconds", percentile(one.latencies, 0.99));
      }
      print(object.text() + "\n");
      continue;
    }
    rows.push_back({one.name, human_count(one.count), human_seconds(one.seconds),
                    human_count(static_cast<std::uint64_t>(rate)) + "/s",
                    one.bytes > 0 ? human_bytes(static_cast<std::uint64_t>(byte_rate)) + "/s" : "",
                    one.latencies.empty() ? "" : human_seconds(percentile(one.latencies, 0.5)),
                    one.latencies.empty() ? "" : human_seconds(percentile(one.latencies, 0.99))});
  }
  if (!json) print(table(rows, {1, 2, 3, 4, 5, 6}));
}

}  // namespace

int run_bench(Session& session, const BenchArguments& arguments) {
  std::uint64_t events = 200'000;
  std::size_t threads = 8;
  if (arguments.events) events = parse_count("--events", *arguments.events, 1, 100'000'000);
  if (arguments.threads) threads = parse_count("--threads", *arguments.threads, 1, 1024);
  const Place place(session.store());
  handle_interrupts();
  Flood flood = Flood::open(place.url());
  session.remark("measuring in " + place.url() + ", which is removed afterwards");
  try {
    print_results(Bench(flood, events, threads).run(), arguments.json);
  } catch (const Interrupted&) {
    return 128 + interrupted();
  }
  return done;
}

}  // namespace flashflood::cli
