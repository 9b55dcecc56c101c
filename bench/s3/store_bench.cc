#include "bench/s3/store_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bench/process.h"
#include "bench/table.h"
#include "flashflood/flashflood.h"
#include "store/aws/digest.h"

namespace flashflood::bench {

namespace {

using Clock = std::chrono::steady_clock;

// What a recorder has under way at once, and a replay: the bare loops get as many connections.
constexpr std::size_t recorder_in_flight = 4;
constexpr std::size_t windows_max = 7;  // of a replay with the default options
constexpr std::uint64_t window_bytes = std::uint64_t{8} << 20;
constexpr std::size_t put_threads = 16;
constexpr std::size_t puts_each = 20;
constexpr std::size_t random_data_bytes = 1000;
constexpr std::size_t random_data_count = 100'000;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

std::uint64_t total_bytes(const std::vector<BareObject>& objects) {
  std::uint64_t bytes = 0;
  for (const BareObject& object : objects) bytes += object.bytes.size();
  return bytes;
}

void record_all(Flood& flood, const Events& events) {
  Recorder recorder = flood.recorder({.in_flight = recorder_in_flight});
  for (const Event& event : events) recorder.put(event.id, event.date, event.data);
  recorder.flush();
}

void put_many(Flood& flood, const std::string& data) {
  std::vector<std::exception_ptr> errors(put_threads);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < put_threads; ++thread) {
    threads.emplace_back([&, thread] {
      try {
        for (std::size_t i = 0; i < puts_each; ++i) flood.put({.data = data});
      } catch (...) {
        errors[thread] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

std::string ours_in(const Comparison& result) {
  return fmt::format("{:.3f} s ({:.2f} of CPU)", result.a_seconds, result.a_cpu_seconds);
}
std::string bare_in(const Comparison& result) {
  return fmt::format("{:.3f} s ({:.2f})", result.b_seconds, result.b_cpu_seconds);
}

// The same objects under keys that are free.
void rename(std::vector<BareObject>& objects, const std::string& prefix) {
  for (std::size_t i = 0; i < objects.size(); ++i)
    objects[i].key = fmt::format("{}/{:06}", prefix, i);
}

void check_stored(const Bucket& bucket, const std::vector<BareObject>& wanted,
                  const std::string& prefix) {
  const std::vector<BareObject> there = bucket.objects(prefix);
  if (there.size() != wanted.size() || total_bytes(there) != total_bytes(wanted) ||
      checksum_of(there) != checksum_of(wanted))
    throw std::runtime_error(prefix + ": the bare loop has stored other objects");
}

void check_read(const Bucket& bucket, const std::vector<BareRange>& ranges) {
  std::atomic<std::uint64_t> sum = 0;
  bucket.client().get(ranges, 2,
                      [&](const BareRange&, std::string_view bytes) { sum += crc32c(bytes); });
  if (sum != bucket.checksum(ranges))
    throw std::runtime_error("the bare loop has read other bytes");
}

void decode_blocks(const BareRange& range, std::string_view bytes) {
  for (const format::BlockInfo& block : range.blocks)
    format::decode_block(bytes.substr(block.offset - range.offset, block.stored_bytes), block,
                         range.key);
}

}  // namespace

void StoreBench::record(const Load& load) {
  std::vector<BareObject> objects;
  std::uint64_t requests = 0;
  auto ours = [&] {
    Flood flood = Flood::open(bucket_.url("record"), {.compression = load.compression});
    const std::uint64_t before = requests_of(flood);
    const Run run = timed([&] { record_all(flood, load.events); });
    requests = requests_of(flood) - before;
    objects = bucket_.objects("record/head/j-");
    bucket_.remove("record/");
    rename(objects, "bare");
    return run;
  };
  bool checked = false;
  auto bare = [&] {
    const Run run = bucket_.client().put(objects, recorder_in_flight);
    if (!checked) check_stored(bucket_, objects, "bare/");
    checked = true;
    bucket_.remove("bare/");
    return run;
  };
  const Comparison result = compare(pairs_, ours, bare);
  print_line(fmt::format("record, {}: speed, of bare PUTs", load.name), 1 / result.ratio,
             load.has_goal ? Goal::at_least(0.8) : Goal::none(),
             fmt::format("{:.0f} MiB of data in {}; {} PUT of {:.1f} MiB in {}; {} requests",
                         mib(data_bytes(load.events)), ours_in(result), objects.size(),
                         mib(total_bytes(objects)), bare_in(result), requests));
}

void StoreBench::single_puts() {
  const std::string data(300, 'x');
  Flood flood = Flood::open(bucket_.url("puts"));
  put_many(flood, data);  // also the trial of the server
  std::vector<BareObject> objects = bucket_.objects("puts/head/e-");
  objects.resize(put_threads * puts_each);
  std::uint64_t requests = 0;
  std::mt19937_64 random(1);
  auto ours = [&] {
    const std::uint64_t before = requests_of(flood);
    const Run run = timed([&] { put_many(flood, data); });
    requests = requests_of(flood) - before;
    return run;
  };
  auto bare = [&](bool if_absent) {
    // Free keys of the same form, all below one prefix: both matters to servers.
    for (BareObject& object : objects)
      object.key = fmt::format("bare/head/e-{:016x}{:016x}{:016x}{:016x}-0000000001", random(),
                               random(), random(), random());
    return bucket_.client().put(objects, put_threads, if_absent);
  };
  constexpr double count = put_threads * puts_each;
  for (const bool if_absent : {false, true}) {
    const Comparison result = compare(4 * pairs_, ours, [&] { return bare(if_absent); });
    print_line(fmt::format("put, 16 threads: rate, of bare PUTs{}",
                           if_absent ? " with the same condition" : ""),
               1 / result.ratio, if_absent ? Goal::none() : Goal::at_least(0.9),
               fmt::format("{:.0f}/s, bare {:.0f}/s; {:.0f} us of CPU each, bare {:.0f}; {} bytes "
                           "each; {:.2f} requests each",
                           count / result.a_seconds, count / result.b_seconds,
                           result.a_cpu_seconds / count * 1e6, result.b_cpu_seconds / count * 1e6,
                           objects[0].bytes.size(), static_cast<double>(requests) / count));
  }
  bucket_.remove("bare/");
  bare(false);
  check_stored(bucket_, objects, "bare/");
  bucket_.remove("");
}

void StoreBench::replay(const Load& load) {
  {
    Flood flood = Flood::open(bucket_.url("replay"), {.compression = load.compression});
    record_all(flood, load.events);
    flood.journal();
  }
  const std::vector<BareRange> ranges = bucket_.ranges("replay/journals/", window_bytes);
  bool checked = false;
  std::uint64_t requests = 0;
  auto ours = [&] {
    Flood flood = Flood::open(bucket_.url("replay"), {.create = false});
    if (!std::exchange(checked, true))
      check_same("replay", lines_of(flood.replay()), lines_of(load.events));
    flood = Flood::open(bucket_.url("replay"), {.create = false});
    const std::uint64_t before = requests_of(flood);
    std::uint64_t count = 0;
    const Run run = timed([&] {
      Replay replay = flood.replay();
      for (auto batch = replay.next_batch(); !batch.empty(); batch = replay.next_batch())
        count += batch.size();
    });
    requests = requests_of(flood) - before;
    if (count != load.events.size()) throw std::runtime_error("replay: another number of events");
    return run;
  };
  std::uint64_t bytes = 0;
  for (const BareRange& range : ranges) bytes += range.length;
  check_read(bucket_, ranges);
  const auto count = static_cast<double>(load.events.size());
  struct Bare {
    std::size_t at_once;
    bool decodes;
  };
  // What a replay has under way at first and at the most; and a client that has the same work.
  for (const auto& [at_once, decodes] :
       {Bare{2, false}, Bare{windows_max, false}, Bare{windows_max, true}}) {
    const BareClient::Use use = decodes ? decode_blocks : BareClient::Use();
    const Comparison result =
        compare(pairs_, ours, [&] { return bucket_.client().get(ranges, at_once, use); });
    print_line(
        fmt::format("replay, {}: speed, of {}range GETs, {} at once", load.name,
                    decodes ? "decoding " : "", at_once),
        1 / result.ratio, load.has_goal && !decodes ? Goal::at_least(0.8) : Goal::none(),
        fmt::format("{:.1f} M events/s, {:.0f} MiB of data in {}; {} GET of {:.1f} MiB in {}; "
                    "{} requests",
                    count / result.a_seconds / 1e6, mib(data_bytes(load.events)), ours_in(result),
                    ranges.size(), mib(bytes), bare_in(result), requests));
  }
  if (&load.events != &retail_) bucket_.remove("replay/");
}

void StoreBench::get() {
  std::uint64_t cold = 0, warm = 0;
  std::vector<double> cold_millis, warm_millis;
  Flood warm_flood = Flood::open(bucket_.url("replay"), {.create = false});
  const auto measure = [&](Flood& flood, std::size_t i, std::vector<double>& millis) {
    const Event& wanted = retail_[i * 7919 % retail_.size()];
    const auto begin = Clock::now();
    const Event event = flood.get(wanted.id);
    millis.push_back(seconds_since(begin) * 1000);
    check_same("get", event.data, wanted.data);
  };
  for (std::size_t i = 0; i < 3; ++i) measure(warm_flood, 1000 + i, warm_millis);
  warm_millis.clear();
  for (std::size_t i = 0; i < 50; ++i) {
    const auto begin = Clock::now();
    Flood flood = Flood::open(bucket_.url("replay"), {.create = false, .lazy = true});
    measure(flood, i, cold_millis);
    cold_millis.back() = seconds_since(begin) * 1000;
    cold = std::max(cold, requests_of(flood));
    const std::uint64_t before = requests_of(warm_flood);
    measure(warm_flood, i, warm_millis);
    warm = std::max(warm, requests_of(warm_flood) - before);
  }
  print_line("get by id, cold (open and get): requests at most", static_cast<double>(cold),
             Goal::at_most(4), fmt::format("median {:.1f} ms", median(cold_millis)));
  print_line("get by id, warm: requests at most", static_cast<double>(warm), Goal::at_most(3),
             fmt::format("median {:.1f} ms", median(warm_millis)));
  bucket_.remove("replay/");
}

void StoreBench::run() {
  const Events random = random_events(random_data_count, random_data_bytes);
  const Load incompressible{"random data, none", random, "none", true};
  const Load retail{"retail, zstd", retail_, "zstd", false};
  record(incompressible);
  record(retail);
  single_puts();
  replay(incompressible);
  replay(retail);
  get();
}

}  // namespace flashflood::bench
