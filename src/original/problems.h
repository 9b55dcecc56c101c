// What is wrong in a bucket, by reason: how often, and the first few names.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flashflood/reports.h"

namespace flashflood::original {

// A key as messages and reports show it: as it is, unless it is no plain text.
std::string shown(std::string key);

class Problems {
 public:
  explicit Problems(std::size_t names_max) : names_max_(names_max) {}

  // `where`: a key, or an event of a journal.
  void add(std::string_view reason, const std::string& where) {
    for (ImportProblem& problem : all_) {
      if (problem.reason == reason) return note(problem, where);
    }
    note(all_.emplace_back(ImportProblem{std::string(reason), 0, {}}), where);
  }
  bool empty() const { return all_.empty(); }
  const std::vector<ImportProblem>& all() const { return all_; }

 private:
  void note(ImportProblem& problem, const std::string& where) {
    ++problem.count;
    if (problem.names.size() < names_max_) problem.names.push_back(shown(where));
  }

  const std::size_t names_max_;
  std::vector<ImportProblem> all_;  // one for each reason: few
};

}  // namespace flashflood::original
