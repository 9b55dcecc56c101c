#include "model/search.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "model/model.h"

namespace flashflood::model {
namespace {

// A set of 64-bit hashes of states. Two states with one hash would be taken for one; at 30 million
// states the chance that there is any such pair is about 1 in 40,000.
class HashSet {
 public:
  // False: it was there.
  bool insert(std::uint64_t hash) {
    if (used_ * 10 > slots_.size() * 7) grow();
    const std::size_t slot = find(hash);
    if (slots_[slot] == hash) return false;
    slots_[slot] = hash;
    ++used_;
    return true;
  }

 private:
  std::size_t find(std::uint64_t hash) const {
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2);
    old.swap(slots_);
    for (const std::uint64_t hash : old) {
      if (hash != 0) slots_[find(hash)] = hash;
    }
  }
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1U << 16);
  std::uint64_t used_ = 0;
};

std::uint64_t hash_of(const State& s) {
  unsigned char bytes[(sizeof(State) + 7) / 8 * 8] = {};
  std::memcpy(bytes, &s, sizeof s);
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (std::size_t at = 0; at < sizeof bytes; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, 8);
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    hash = (hash ^ hash >> 32) * 0xc4ceb9fe1a85ec53;
    hash ^= hash >> 29;
  }
  return hash != 0 ? hash : 1;
}

// How a state was reached first: from which, and by which of its steps.
struct Origin {
  std::uint32_t from;
  std::uint16_t step;
};
struct Waiting {
  State state;
  std::uint32_t index;
};

std::vector<std::string> replay(Model& model, const std::vector<Origin>& origins, Origin last) {
  std::vector<std::uint16_t> steps{last.step};
  for (std::uint32_t at = last.from; at != 0; at = origins[at].from) {
    steps.push_back(origins[at].step);
  }
  std::reverse(steps.begin(), steps.end());
  std::vector<std::string> trace;
  State s = model.initial();
  model.describe = true;
  for (const std::uint16_t wanted : steps) {
    std::uint16_t step = 0;
    State next{};
    model.successors(s, [&](State& n) {
      if (step++ != wanted) return;
      next = n;
      model.tidy(next);
      trace.push_back(model.label);
    });
    s = next;
  }
  return trace;
}

}  // namespace

Result search(const Scenario& scenario, std::uint64_t states_max) {
  const auto began = std::chrono::steady_clock::now();
  Model model(scenario);
  HashSet seen;
  std::vector<Origin> origins{{0, 0}};
  std::vector<Waiting> level{{model.initial(), 0}};
  std::vector<Waiting> next_level;
  seen.insert(hash_of(level[0].state));
  Result result;
  Origin bad{};
  while (!level.empty() && result.violation.empty() && origins.size() <= states_max) {
    next_level.clear();
    for (const Waiting& waiting : level) {
      std::uint16_t step = 0;
      model.successors(waiting.state, [&](State& next) {
        const Origin origin{waiting.index, step++};
        if (!result.violation.empty()) return;
        model.check(next);
        model.tidy(next);
        if (model.violation != nullptr) {
          result.violation = model.violation;
          bad = origin;
          return;
        }
        const std::uint64_t hash = hash_of(next);
        if (!seen.insert(hash)) return;
        origins.push_back(origin);
        next_level.push_back({next, std::uint32_t(origins.size() - 1)});
        if (scenario.drain == 0 || hash % std::uint64_t(scenario.drain) != 0) return;
        model.check_drain(next);
        if (model.violation != nullptr) {
          result.violation = model.violation;
          bad = origin;
        }
      });
      model.violation = nullptr;
      if (!result.violation.empty() || origins.size() > states_max) break;
    }
    level.swap(next_level);
    ++result.depth;
  }
  result.complete = !result.violation.empty() || level.empty();
  result.states = origins.size();
  if (!result.violation.empty()) result.trace = replay(model, origins, bad);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

}  // namespace flashflood::model
