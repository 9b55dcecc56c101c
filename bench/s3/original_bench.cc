#include "bench/s3/original_bench.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <fstream>
#include <random>
#include <stdexcept>

#include "bench/process.h"
#include "bench/table.h"
#include "flashflood/flashflood.h"

namespace flashflood::bench {

namespace {

constexpr std::size_t singles_count = 1000;
constexpr std::size_t replayed_count = 100'000;
constexpr std::size_t gets_count = 200;
constexpr int replay_rounds = 5;

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

Events evenly(const Events& events, std::size_t count) {
  Events some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(events[i * events.size() / count]);
  return some;
}

struct Measured {
  double seconds;
  double requests;
};

template <typename Work>
Measured measure(const Flood& flood, const Work& work) {
  const std::uint64_t before = requests_of(flood);
  const Run run = timed(work);
  return {run.seconds, static_cast<double>(requests_of(flood) - before)};
}

std::string milliseconds(double seconds) { return fmt::format("{:.1f} ms", seconds * 1000); }

}  // namespace

void OriginalBench::run_original(const Events& singles, const Events& replayed) {
  write_file(folder_ + "/singles", lines_of(singles));
  write_file(folder_ + "/replayed", lines_of(replayed));
  std::vector<std::string> command = command_;
  for (const char* const word : {"/singles", "/replayed"}) command.push_back(folder_ + word);
  command.emplace_back("original");
  run_process(command, folder_ + "/told");
  std::ifstream told(folder_ + "/told");
  simdjson::dom::parser parser;
  for (std::string line; std::getline(told, line);) {
    const simdjson::dom::element object = parser.parse(line);
    const std::string_view what = object["what"];
    std::string_view sha256;
    if (object["sha256"].get(sha256) != simdjson::SUCCESS) sha256 = {};
    told_[std::string(what)] = {double(object["seconds"]), double(object["count"]),
                                double(object["requests"]), std::string(sha256)};
  }
  check_same("original, replay of single events", told_.at("journaled").sha256,
             digest_of(sorted_lines_without_ids(singles)));
  std::string lines;
  for (const Event& event : replayed) append_line(lines, event.date, event.data);
  check_same("original, replay", told_.at("replay").sha256, digest_of(lines));
}

void OriginalBench::put_and_record(const Events& singles) {
  Flood flood = Flood::open(bucket_.url("singles"));
  flood.put({.data = "{}"});  // after the trial of the server
  flood.erase(flood.replay().begin()->id);
  const Measured puts = measure(flood, [&] {
    for (const Event& event : singles)
      ids_.push_back(flood.put({.date = event.date, .data = event.data}));
  });
  const Told& theirs = told_.at("put");
  const double their_rate = theirs.count / theirs.seconds;
  const double rate = static_cast<double>(singles.size()) / puts.seconds;
  print_line("put: requests each", puts.requests / theirs.count, Goal::at_most(1),
             fmt::format("the original {:.2f}", theirs.requests / theirs.count));
  print_line("put: rate, of the original's", rate / their_rate, Goal::at_least(4),
             fmt::format("{:.0f}/s against {:.0f}/s", rate, their_rate));

  Flood bulk = Flood::open(bucket_.url("bulk"));
  const Measured record = measure(bulk, [&] {
    Recorder recorder = bulk.recorder();
    for (const Event& event : retail_) recorder.put(event.id, event.date, event.data);
    recorder.flush();
  });
  const double bulk_rate = static_cast<double>(retail_.size()) / record.seconds;
  print_line("bulk record: rate, of the original's puts", bulk_rate / their_rate,
             Goal::at_least(1000),
             fmt::format("{:.0f} events/s; {:.0f} requests", bulk_rate, record.requests));
  check_same("bulk record", lines_of(bulk.replay()), lines_of(retail_));
  bucket_.remove("bulk/");
}

void OriginalBench::journal_and_get(const Events& singles) {
  Flood flood = Flood::open(bucket_.url("singles"), {.create = false});
  const Measured journal = measure(flood, [&] { flood.journal(); });
  const Told& journaled = told_.at("journal");
  print_line("journal 1,000 single events: time, of the original's",
             journal.seconds / journaled.seconds, Goal::at_most(1.0 / 30),
             fmt::format("{} against {:.1f} s; {:.0f} requests against {:.0f}",
                         milliseconds(journal.seconds), journaled.seconds, journal.requests,
                         journaled.requests));
  check_same("single events", sorted_lines_without_ids(flood.replay()),
             sorted_lines_without_ids(singles));

  std::mt19937 random(1);
  std::vector<std::size_t> chosen(gets_count);
  for (std::size_t& i : chosen) i = random() % ids_.size();
  flood.get(ids_[0]);
  const Measured gets = measure(flood, [&] {
    for (const std::size_t i : chosen) {
      if (flood.get(ids_[i]).data != singles[i].data)
        throw std::runtime_error("got other data than was put");
    }
  });
  const Told& got = told_.at("get");
  print_line(
      "get by id: time, of the original's", gets.seconds / gets_count / (got.seconds / got.count),
      Goal::at_most(0.5),
      fmt::format("{} against {}; {:.2f} requests against {:.2f}",
                  milliseconds(gets.seconds / gets_count), milliseconds(got.seconds / got.count),
                  gets.requests / gets_count, got.requests / got.count));
}

void OriginalBench::replay(const Events& events) {
  {
    Flood flood = Flood::open(bucket_.url("replayed"));
    Recorder recorder = flood.recorder();
    for (const Event& event : events) recorder.put(event.id, event.date, event.data);
    recorder.flush();
    flood.journal();
    check_same("replay", lines_of(flood.replay()), lines_of(events));
  }
  std::vector<double> seconds;
  double requests = 0;
  for (int round = 0; round < replay_rounds; ++round) {
    Flood flood = Flood::open(bucket_.url("replayed"), {.create = false});
    std::size_t count = 0;
    const Measured run = measure(flood, [&] {
      for (const EventView& event : flood.replay()) count += event.data.empty() ? 0 : 1;
    });
    if (count != events.size()) throw std::runtime_error("replay: another number of events");
    seconds.push_back(run.seconds);
    requests = run.requests;
  }
  const Told& theirs = told_.at("replay");
  print_line("replay 100,000 events: speed, of the original", theirs.seconds / median(seconds),
             Goal::at_least(25),
             fmt::format("{:.0f} events/s against {:.0f}; {:.0f} requests against {:.0f}",
                         static_cast<double>(events.size()) / median(seconds),
                         theirs.count / theirs.seconds, requests, theirs.requests));
}

void OriginalBench::run() {
  const Events singles = evenly(retail_, singles_count);
  const Events replayed = evenly(retail_, replayed_count);
  run_original(singles, replayed);
  put_and_record(singles);
  journal_and_get(singles);
  replay(replayed);
}

}  // namespace flashflood::bench
