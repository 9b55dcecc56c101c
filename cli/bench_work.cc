#include "bench_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "failure.h"
#include "interrupt.h"
#include "requests.h"

namespace flashflood::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t puts_alone = 200;
constexpr std::uint64_t puts_each = 100;  // of each thread
constexpr std::uint64_t gets_each = 200;  // before and after journaling
constexpr std::uint64_t lists_each = 20;
constexpr std::uint64_t data_bytes_each = 200;                   // about
constexpr std::uint64_t journal_bytes = std::uint64_t{8} << 20;  // about: a recorder's
constexpr std::uint64_t page_objects = 1000;                     // of a listing

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// JSON of some 200 bytes, different for every number.
std::string data(std::uint64_t number) {
  const std::uint64_t mixed = number * 0x9e3779b97f4a7c15U;
  return fmt::format(
      R"({{"id":"event-{0}","kind":"order","customer":{1},"amount":{2},"currency":"GBP",)"
      R"("item":{{"code":"{3:010x}","description":"a thing of some sort, number {4}"}},)"
      R"("paid":{5},"country":"United Kingdom"}})",
      number, mixed >> 44, mixed % 1000, mixed >> 24, mixed % 5000, mixed % 3 == 0);
}
std::string id(std::uint64_t number) { return fmt::format("event-{}", number); }

class Bench {
 public:
  Bench(Flood& flood, const BenchSize& size)
      : flood_(flood), events_(size.events), threads_(size.threads) {}

  std::vector<Measurement> run() {
    single_puts();
    parallel_puts();
    record();
    gets("get");
    calls("list", lists_each, [&](std::uint64_t) { flood_.journals(); });
    whole("journal",
          [&](Measurement& measurement) { measurement.count = flood_.journal().sealed_events; });
    gets("get, journaled");
    whole("replay", [&](Measurement& measurement) { replay({}, measurement); });
    ReplayOptions filtered;
    filtered.where = "amount > `990`";
    whole("replay, filtered", [&](Measurement& measurement) { replay(filtered, measurement); });
    return std::move(measurements_);
  }

 private:
  void whole(const std::string& name, const std::function<void(Measurement&)>& work) {
    throw_if_interrupted();
    Measurement measurement{name};
    const RequestReport before = flood_.requests();
    const auto begin = Clock::now();
    work(measurement);
    measurement.seconds = seconds_since(begin);
    measurement.requests = requests_since(flood_.requests(), before);
    measurements_.push_back(std::move(measurement));
  }

  void calls(const std::string& name, std::uint64_t count,
             const std::function<void(std::uint64_t)>& call) {
    whole(name, [&](Measurement& measurement) {
      for (std::uint64_t i = 0; i < count; ++i) {
        throw_if_interrupted();
        const auto begin = Clock::now();
        call(i);
        measurement.latencies.push_back(seconds_since(begin));
      }
      measurement.count = count;
    });
  }

  void single_puts() {
    calls("put", puts_alone, [&](std::uint64_t i) { flood_.put({.data = data(i)}); });
  }

  void parallel_puts() {
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
        if (i % 1024 == 0) throw_if_interrupted();
        recorder.put(id(i), first + std::chrono::milliseconds{i * 250}, lines[i]);
        measurement.bytes += lines[i].size();
      }
      recorder.flush();
      measurement.count = events_;
    });
  }

  void gets(const std::string& name) {
    std::mt19937_64 random(1);
    calls(name, gets_each, [&](std::uint64_t) {
      const std::uint64_t number = random() % events_;
      if (flood_.get(id(number)).data != data(number)) {
        throw Failure("the store gives other data for " + id(number) + " than was put");
      }
    });
  }

  void replay(const ReplayOptions& options, Measurement& measurement) {
    Replay run = flood_.replay(options);
    while (true) {
      throw_if_interrupted();
      if (run.next_batch().empty()) break;
    }
    const ReplayProgress& progress = run.progress();
    measurement.count = progress.events + progress.filtered;
    const std::uint64_t put = puts_alone + puts_each * threads_ + events_;
    if (measurement.count != put) {
      throw Failure(
          fmt::format("the store gives {} events back, and {} were put", measurement.count, put));
    }
    // The rate of a filter is that of what it looked at, whose bytes are not known here.
    if (progress.filtered == 0) measurement.bytes = progress.data_bytes;
  }

  Flood& flood_;
  std::uint64_t events_;
  std::size_t threads_;
  std::vector<Measurement> measurements_;
};

}  // namespace

std::uint64_t BenchSize::single_puts() const { return puts_alone + puts_each * threads; }

std::uint64_t BenchSize::data_bytes() const { return (single_puts() + events) * data_bytes_each; }

std::uint64_t BenchSize::objects() const {
  return single_puts() + events * data_bytes_each / journal_bytes + 10;
}

std::uint64_t BenchSize::list_requests() const {
  const std::uint64_t pages = 1 + single_puts() / page_objects;
  return (2 * gets_each + lists_each + 10) * pages;
}

std::uint64_t BenchSize::get_requests() const { return 2 * gets_each * 3 + objects(); }

std::vector<Measurement> measure_flood(Flood& flood, const BenchSize& size) {
  return Bench(flood, size).run();
}

}  // namespace flashflood::cli
