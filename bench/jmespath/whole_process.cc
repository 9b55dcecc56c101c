#include "bench/jmespath/whole_process.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "bench/process.h"

namespace flashflood::bench {

namespace {

constexpr int pairs = 7;
constexpr const char* filter = "country=='France'";
constexpr const char* query = "sum(events[?country=='France'].quantity)";

long long sum_of_lines(const std::string& path) {
  std::ifstream file(path);
  long long sum = 0;
  for (long long number = 0; file >> number;) sum += number;
  return sum;
}

bool has_command(const std::string& command) {
  try {
    run_process({command, "query", "--help"});
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

void compare_query_with_replay(const std::string& command, const std::string& retail,
                               const std::filesystem::path& folder) {
  fmt::print("\nwhole process: flashflood query \"{}\"\n", query);
  if (!has_command(command)) {
    fmt::print("  left out: this flashflood has no command 'query'\n");
    return;
  }
  auto place = [&](const char* name) { return (folder / name).string(); };
  std::string flood = place("flood");
  run_process({command, "--store", flood, "record", retail, "--id",
               "join('-', [invoice, to_string(line)])", "--date", "date"});
  run_process({command, "--store", flood, "journal"});

  run_process({command, "--store", flood, "query", query}, place("sum"));
  run_process({command, "--store", flood, "replay", "--where", filter, "--query", "quantity"},
              place("quantities"));
  long long sum = sum_of_lines(place("quantities"));
  if (sum_of_lines(place("sum")) != sum) {
    throw std::runtime_error(fmt::format("the query does not give the sum {}", sum));
  }

  auto run_query = [&] { return run_process({command, "--store", flood, "query", query}); };
  auto run_replay = [&] {
    return run_process({command, "--store", flood, "replay", "--where", filter});
  };
  Comparison result = compare(pairs, run_query, run_replay);
  fmt::print("  answer: {}\n", sum);
  fmt::print("  query {:.3f} s, replay --where {:.3f} s to /dev/null, medians of {} pairs\n",
             result.a_seconds, result.b_seconds, pairs);
  fmt::print("  goal: {:<40} {:>8.2f}   <= {:<5} {}\n", "query, time of the replay", result.ratio,
             1.3, result.ratio <= 1.3 ? "met" : "MISSED");
  fmt::print("  resident memory of the query: {:.0f} MiB\n",
             static_cast<double>(result.a_peak_kib) / 1024);
}

}  // namespace flashflood::bench
