#include "query/shape.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "query/json/reader.h"

namespace flashflood::query {
namespace {

constexpr std::size_t vector_size = 16;
typedef unsigned char Vector __attribute__((vector_size(vector_size)));

Vector load(const char* at) {
  Vector vector;
  std::memcpy(&vector, at, sizeof vector);
  return vector;
}

bool is_zero(const Vector& vector) {
  std::uint64_t halves[2];
  std::memcpy(halves, &vector, sizeof halves);
  return (halves[0] | halves[1]) == 0;
}

}  // namespace

Shape::Shape(const Tokens& tokens)
    : count_(tokens.count()), kinds_(tokens.kinds, tokens.kinds + count_) {
  for (std::size_t token = 0; token < count_; ++token) {
    if (kinds_[token] == scalar_kind) scalars_.push_back(static_cast<std::uint32_t>(token));
  }
}

bool Shape::is_of(const Tokens& tokens) const {
  if (tokens.count() != count_) return false;
  const char* const ours = kinds_.data();
  const char* const theirs = tokens.kinds;
  if (count_ < vector_size) return std::memcmp(ours, theirs, count_) == 0;
  // The last vector begins where it ends with the last token.
  const std::size_t last = count_ - vector_size;
  Vector difference = load(ours + last) ^ load(theirs + last);
  for (std::size_t at = 0; at < last; at += vector_size) {
    difference |= load(ours + at) ^ load(theirs + at);
  }
  return is_zero(difference);
}

bool Shape::has_valid_scalars(const Tokens& tokens) const {
  for (const std::uint32_t scalar : scalars_) {
    if (!is_scalar(tokens, tokens.begin + scalar)) return false;
  }
  return true;
}

const Route* Shape::route(const Plan& plan, const Tokens& tokens) {
  auto known = std::find_if(routes_.begin(), routes_.end(),
                            [&](const KnownRoute& other) { return other.plan == plan.id; });
  if (known == routes_.end()) {
    if (routes_.size() < routes_max) {
      known = routes_.emplace(routes_.end());
    } else {
      known = routes_.begin() + static_cast<std::ptrdiff_t>(next_route_++ % routes_max);
    }
    *known = {plan.id, find_route(plan, tokens)};
  }
  return known->route ? &*known->route : nullptr;
}

Shape* Shapes::find(const Tokens& tokens) {
  budget_ = std::min(budget_ + 1, budget_max);
  for (auto& shape : set_of(tokens).shapes) {
    if (shape != nullptr && shape->is_of(tokens)) return shape.get();
  }
  return nullptr;
}

bool Shapes::wants(const Tokens& tokens) {
  if (std::exchange(is_first_, false)) return false;
  return budget_ >= cost && tokens.count() <= tokens_max;
}

Shape* Shapes::learn(const Tokens& tokens) {
  budget_ -= cost;
  Set& set = set_of(tokens);
  auto& place = set.shapes[set.next++ % ways];
  place = std::make_unique<Shape>(tokens);
  return place.get();
}

void Shapes::release() {
  for (Set& set : sets_) set = {};
  is_first_ = true;
}

}  // namespace flashflood::query
