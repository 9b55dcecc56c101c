#include "bench/table.h"

#include <fmt/format.h>

#include <cstdio>

namespace flashflood::bench {

bool Goal::reached_by(double measured) const {
  switch (kind) {
    case Kind::none:
      return true;
    case Kind::at_least:
      return measured >= value;
    case Kind::at_most:
      return measured <= value;
    case Kind::below:
      return measured < value;
  }
  return false;
}

std::string Goal::text() const {
  switch (kind) {
    case Kind::none:
      return {};
    case Kind::at_least:
      return fmt::format(">= {}", value);
    case Kind::at_most:
      return fmt::format("<= {}", value);
    case Kind::below:
      return fmt::format("< {}", value);
  }
  return {};
}

void print_line(std::string_view what, double value, const Goal& goal, std::string_view detail) {
  const std::string_view missed = goal.reached_by(value) ? "" : "missed";
  fmt::print("{:<58} {:>9.2f}   {:<8} {:<7} {}\n", what, value, goal.text(), missed, detail);
  std::fflush(stdout);
}

}  // namespace flashflood::bench
