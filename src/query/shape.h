// How documents are built: the kinds of their tokens, one after the other.
//
// The documents of a flood come from few programs, so most are built like one that was seen before.
// What is known of a shape need not be found out again: that its brackets match, which of its
// tokens are numbers or words, where the values of a plan stand.
//
// Threads: one at a time. Lifetime: a shape lives until the next learn() or release().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "query/json/structure.h"
#include "query/plan.h"
#include "query/route.h"

namespace flashflood::query {

class Shape {
 public:
  // Of a document that is JSON.
  explicit Shape(const Tokens& tokens);

  bool is_of(const Tokens& tokens) const;
  // Whether all numbers and words of a document of this shape are JSON. If they are, and there are
  // no escapes, all of it is.
  bool has_valid_scalars(const Tokens& tokens) const;
  // The route of a plan through documents of this shape, one of which is at hand; null when there
  // is none.
  const Route* route(const Plan& plan, const Tokens& tokens);

 private:
  static constexpr std::size_t routes_max = 4;

  struct KnownRoute {
    std::uint64_t plan = 0;
    std::optional<Route> route{};
  };

  std::size_t count_ = 0;
  std::vector<char> kinds_;
  std::vector<std::uint32_t> scalars_;
  std::vector<KnownRoute> routes_;
  std::size_t next_route_ = 0;
};

class Shapes {
 public:
  // The shape of a document; null when it is not known.
  Shape* find(const Tokens& tokens);
  // Whether a document that find() did not know is worth to be learnt. Where each document is built
  // in its own way, few are.
  bool wants(const Tokens& tokens);
  // Learns the shape of a document that is JSON.
  Shape* learn(const Tokens& tokens);
  void release();

 private:
  static constexpr std::size_t sets = 16;
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t tokens_max = 2048;  // a shape is no larger
  // Where shapes do not come again, one document in so many is learnt.
  static constexpr std::size_t cost = 32;
  static constexpr std::size_t budget_max = 64 * cost;

  struct Set {
    std::array<std::unique_ptr<Shape>, ways> shapes{};
    std::size_t next = 0;
  };

  Set& set_of(const Tokens& tokens) { return sets_[tokens.count() % sets]; }

  std::array<Set, sets> sets_;
  std::size_t budget_ = budget_max;
  bool is_first_ = true;  // a document alone is not worth to be learnt
};

}  // namespace flashflood::query
