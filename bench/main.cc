// flashflood_bench: what FlashFlood reaches, against the same work without it, in one run.
//
//   flashflood_bench COMMAND EVENTS FOLDER
//
// COMMAND is the flashflood program, EVENTS a file of retail events (.zst), FOLDER a folder on the
// disk to measure, which must not exist. With --bare-record, --bare-replay, --library-replay,
// --arrow-replay it is one of the contenders itself.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <random>

#include "bench/bare.h"
#include "bench/many_journals.h"
#include "bench/process.h"
#include "bench/table.h"
#include "flashflood/flashflood.h"

namespace flashflood::bench {
namespace {

constexpr int pairs = 5;
constexpr const char* id_expression = "join('-', [invoice, to_string(line)])";
constexpr const char* where_expression = "country=='France' && quantity>`10`";

struct Bench {
  std::string self;
  std::string command;
  std::string events;
  std::filesystem::path folder;

  std::string place(const char* name) const { return (folder / name).string(); }

  std::vector<std::string> record_command(const std::string& flood, const std::string& id) const {
    return {command, "--store", flood, "record", events, "--id", id, "--date", "date"};
  }

  void measure_record() {
    auto record = [&] {
      std::filesystem::remove_all(place("record"));
      return run_process(record_command(place("record"), id_expression));
    };
    auto bare = [&] { return run_process({self, "--bare-record", events, place("bare")}); };
    auto result = compare(pairs, record, bare);
    print_line("record: speed, of a bare parse, compress, write loop", 1 / result.ratio,
               Goal::at_least(0.5),
               fmt::format("{:.2f} s against {:.2f} s", result.a_seconds, result.b_seconds));
    print_line("record: resident memory, MiB", static_cast<double>(result.a_peak_kib) / 1024,
               Goal::below(300));
  }

  void measure_replay() {
    run_process(record_command(place("flood"), id_expression));
    run_process({command, "--store", place("flood"), "journal"});
    auto library = [&] { return run_process({self, "--library-replay", place("flood")}); };
    auto bare = [&] { return run_process({self, "--bare-replay", place("flood")}); };
    auto arrow = [&] { return run_process({self, "--arrow-replay", place("flood")}); };
    auto file = [&] {
      return run_process({command, "--store", place("flood"), "replay"}, place("out.ndjson"));
    };
    auto through_library = compare(pairs, library, bare);
    print_line("replay, library: speed, of a bare decode loop", 1 / through_library.ratio,
               Goal::at_least(0.8),
               fmt::format("{:.3f} s against {:.3f} s", through_library.a_seconds,
                           through_library.b_seconds));
    auto as_arrow = compare(pairs, arrow, library);
    print_line("replay, Arrow batches: speed, of the library's replay", 1 / as_arrow.ratio,
               Goal::at_least(0.8),
               fmt::format("{:.3f} s against {:.3f} s", as_arrow.a_seconds, as_arrow.b_seconds));
    auto through_command = compare(pairs, file, bare);
    print_line("replay, command to a file: speed, of the same loop", 1 / through_command.ratio,
               Goal::at_least(0.5), fmt::format("{:.3f} s", through_command.a_seconds));
    print_line("replay: resident memory, MiB",
               static_cast<double>(through_command.a_peak_kib) / 1024, Goal::below(200));
  }

  void measure_filter() {
    auto filter = [&] {
      return run_process(
          {command, "--store", place("flood"), "replay", "--where", where_expression},
          place("filtered.ndjson"));
    };
    auto count = [&] { return run_process({"wc", "-l", place("out.ndjson")}); };
    auto jq = [&] {
      return run_process(
          {"jq", "-c", "select(.country==\"France\" and .quantity>10)", place("out.ndjson")},
          place("jq.ndjson"));
    };
    auto against_wc = compare(pairs, filter, count);
    print_line(
        "replay --where: time, in runs of wc -l on the same NDJSON", against_wc.ratio,
        Goal::at_most(10),
        fmt::format("{:.3f} s against {:.3f} s", against_wc.a_seconds, against_wc.b_seconds));
    auto against_jq = compare(1, filter, jq);
    print_line("replay --where: speed, of jq", 1 / against_jq.ratio, Goal::at_least(10),
               fmt::format("jq {:.2f} s", against_jq.b_seconds));
  }

  void measure_get() {
    auto flood = Flood::open(place("flood"), {.create = false});
    std::vector<std::string> ids;
    for (const auto& event : flood.replay())
      if (event.data.size() % 7 == 0) ids.emplace_back(event.id);
    std::mt19937 random(1);
    std::vector<double> micros;
    for (int i = 0; i < 3000; ++i) {
      const std::string& id = ids[random() % ids.size()];
      auto begin = std::chrono::steady_clock::now();
      auto event = flood.get(id);
      std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - begin;
      if (event.id != id) throw std::runtime_error("got another event");
      if (i >= 1000) micros.push_back(elapsed.count());
    }
    print_line("get by id, warm: median, microseconds", median(micros), Goal::below(100));
  }

  void measure_puts() {
    auto flood = Flood::open(place("puts"));
    std::string data(200, 'x');
    std::vector<double> ratios, rates;
    constexpr int count = 300;
    for (int i = -1; i < pairs; ++i) {
      double bare = bare_puts(folder / "files", count);
      auto begin = std::chrono::steady_clock::now();
      for (int put = 0; put < count; ++put) flood.put({.data = data});
      std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
      if (i < 0) continue;
      ratios.push_back(bare / elapsed.count());
      rates.push_back(count / elapsed.count());
    }
    print_line("put, ids made here: rate, of create, write, fsync, link", median(ratios),
               Goal::at_least(0.7), fmt::format("{:.0f}/s", median(rates)));
  }

  void measure_planning() {
    Timestamp hour = make_many_journals(folder / "many", 100'000);
    std::vector<double> millis;
    std::uint64_t found = 0, bytes = 0;
    for (int i = 0; i < pairs; ++i) {
      auto begin = std::chrono::steady_clock::now();
      auto flood = Flood::open(place("many"), {.create = false});
      auto replay = flood.replay({.from = hour, .to = hour + std::chrono::hours{1}});
      std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
      millis.push_back(elapsed.count());
      bytes = flood.requests().bytes_read;
      found = 0;
      for (const auto& event : replay) found += event.data.empty() ? 0 : 1;
    }
    if (found != 10) throw std::runtime_error("the planned hour has other events");
    print_line("open and plan one hour of 100,000 journals, milliseconds", median(millis),
               Goal::below(50));
    print_line("the same: KiB read", static_cast<double>(bytes) / 1024, Goal::below(1024));
  }

  // Memory does not grow with the flood: ten times the events.
  void measure_large() {
    for (int copy = 0; copy < 10; ++copy)
      run_process(record_command(place("large"),
                                 fmt::format("join('-', ['{}', invoice, to_string(line)])", copy)));
    Run journal = run_process({command, "--store", place("large"), "journal"});
    print_line("ten times the data: journal, resident memory, MiB",
               static_cast<double>(journal.peak_kib) / 1024, Goal::below(400),
               fmt::format("{:.1f} s", journal.seconds));
    Run replay = run_process({command, "--store", place("large"), "replay"});
    print_line("ten times the data: replay, resident memory, MiB",
               static_cast<double>(replay.peak_kib) / 1024, Goal::below(200),
               fmt::format("{:.1f} s", replay.seconds));
    Run verify = run_process({command, "--store", place("large"), "verify"});
    print_line("ten times the data: verify, resident memory, MiB",
               static_cast<double>(verify.peak_kib) / 1024, Goal::none(),
               fmt::format("{:.1f} s", verify.seconds));
  }

  int run() {
    std::filesystem::create_directories(folder);
    fmt::print("Medians of {} pairs, each pair in turn, after a run that does not count.\n", pairs);
    measure_record();
    measure_replay();
    measure_filter();
    measure_get();
    measure_puts();
    measure_planning();
    measure_large();
    return 0;
  }
};

int run(int count, char** arguments) {
  std::vector<std::string> words(arguments, arguments + count);
  if (count == 4 && words[1] == "--bare-record") return bare_record(words[2], words[3]);
  if (count == 3 && words[1] == "--bare-replay") return bare_replay(words[2]);
  if (count == 3 && words[1] == "--library-replay") return library_replay(words[2]);
  if (count == 3 && words[1] == "--arrow-replay") return arrow_replay(words[2]);
  if (count != 4) {
    fmt::print(stderr, "usage: flashflood_bench COMMAND EVENTS FOLDER\n");
    return 2;
  }
  return Bench{words[0], words[1], words[2], words[3]}.run();
}

}  // namespace
}  // namespace flashflood::bench

int main(int count, char** arguments) {
  try {
    return flashflood::bench::run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "flashflood_bench: {}\n", error.what());
    return 1;
  }
}
