// Search: breadth first through all states of a scenario, so that a trace is a shortest one.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/scenario.h"

namespace flashflood::model {

struct Result {
  bool complete = false;    // every state was visited, or a violation was found
  std::string violation{};  // empty: none
  std::vector<std::string> trace{};
  std::uint64_t states = 0;
  int depth = 0;
  double seconds = 0;
};

// Gives up, incomplete, beyond `states_max` states.
Result search(const Scenario& scenario, std::uint64_t states_max);

}  // namespace flashflood::model
