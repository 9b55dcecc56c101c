// The table that a benchmark prints: what was measured, the goal, and whether it was reached.
//
// Threads: one at a time.
#pragma once

#include <string>
#include <string_view>

namespace flashflood::bench {

struct Goal {
  enum class Kind { none, at_least, at_most, below };
  Kind kind = Kind::none;
  double value = 0;

  static Goal none() { return {}; }
  static Goal at_least(double value) { return {Kind::at_least, value}; }
  static Goal at_most(double value) { return {Kind::at_most, value}; }
  static Goal below(double value) { return {Kind::below, value}; }

  bool reached_by(double measured) const;
  std::string text() const;  // ">= 0.8"; empty without a goal
};

// Prints a line of the table.
void print_line(std::string_view what, double value, const Goal& goal = {},
                std::string_view detail = {});

}  // namespace flashflood::bench
