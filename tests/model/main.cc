// The command: runs scenarios of the protocol model and compares them with what is expected.
#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "model/search.h"

namespace {

using namespace flashflood::model;

constexpr std::string_view usage =
    R"(protocol_model: checks the storage protocol in every state that bounded scenarios can reach.

  protocol_model short          the scenarios that run with the tests, well under a minute
  protocol_model all            all of them: some ten minutes and GB of memory
  protocol_model NAME...        single ones
  protocol_model list           names and what they are about

  --traces                      print the steps that lead to a violation
  --states-max N                give a scenario up beyond N states (default 60000000)

Exit code: 0 when every scenario ended as expected, 1 when not, 2 for wrong usage.
)";

std::vector<Scenario> scenarios() {
  const auto simpler = simpler_scenarios();
  const auto protocol = protocol_scenarios();
  std::vector<Scenario> all(simpler.begin(), simpler.end());
  all.insert(all.end(), protocol.begin(), protocol.end());
  return all;
}

// True: it ended as expected.
bool run(const Scenario& scenario, std::uint64_t states_max, bool traces) {
  const Result result = search(scenario, states_max);
  const bool violated = !result.violation.empty();
  const bool expected = result.complete && violated == (scenario.expect == Expect::violation);
  fmt::print("{:<22} {:<9} {:>10} states, depth {:>2}, {:5.1f} s{}{}{}\n", scenario.name,
             violated          ? "violation"
             : result.complete ? "passes"
                               : "too large",
             result.states, result.depth, result.seconds, violated ? ": " : "", result.violation,
             expected ? "" : "   <-- NOT EXPECTED");
  if (violated && (traces || !expected)) {
    int step = 0;
    for (const std::string& line : result.trace) fmt::print("    {:>2}. {}\n", ++step, line);
  }
  std::fflush(stdout);
  return expected;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  std::vector<std::string_view> names;
  std::uint64_t states_max = 60'000'000;
  bool traces = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--help") {
      fmt::print("{}", usage);
      return 0;
    }
    if (arguments[i] == "--traces") {
      traces = true;
    } else if (arguments[i] == "--states-max" && i + 1 < arguments.size()) {
      states_max = std::strtoull(argv[++i + 1], nullptr, 10);
    } else {
      names.push_back(arguments[i]);
    }
  }
  if (names.empty()) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  if (names[0] == "list") {
    for (const Scenario& scenario : scenarios()) {
      fmt::print("{:<22} {}\n", scenario.name, scenario.about);
    }
    return 0;
  }
  int unexpected = 0;
  for (const std::string_view name : names) {
    int ran = 0;
    for (const Scenario& scenario : scenarios()) {
      const bool wanted = name == scenario.name || name == "all" ||
                          (name == "short" && scenario.cost == Cost::short_run);
      if (!wanted) continue;
      ++ran;
      if (!run(scenario, states_max, traces)) ++unexpected;
    }
    if (ran == 0) {
      fmt::print(stderr, "no such scenario: {}\n", name);
      return 2;
    }
  }
  if (unexpected > 0) fmt::print("{} not as expected\n", unexpected);
  return unexpected > 0 ? 1 : 0;
}
