// Where in documents of one shape the values of a plan stand.
//
// In two documents with the same sequence of kinds of tokens, members of the same position have the
// same place in the tree, but may have other names. A route knows, of one such document, where the
// plan's values are and which keys prove it: those on the way to them, and those of their
// neighbours that come later and must not have a wanted name, since the last of equal keys counts.
//
// Threads: immutable once it is made. Lifetime: owns what it holds.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "query/json/structure.h"
#include "query/plan.h"

namespace flashflood::query {

struct Route {
  // Up to eight bytes of a key as they must be.
  struct KeyPart {
    std::uint32_t token = 0;
    std::uint32_t offset = 0;  // from the opening quote
    std::uint64_t mask = 0;
    std::uint64_t bytes = 0;
  };
  // The tokens of a value; both 0 when there is none.
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  std::vector<KeyPart> key_parts;  // by token and offset
  std::vector<Place> places;       // of each slot

  // Whether the values of a document of the route's shape are at its places. What this says no to
  // may have them there all the same.
  bool leads_through(const Tokens& tokens) const {
    if (key_parts.empty()) return true;
    const char* const text = tokens.text;
    const KeyPart& last = key_parts.back();
    const std::size_t size = last.offset + sizeof last.bytes;
    if (static_cast<std::size_t>(tokens.readable_end - (text + tokens.begin[last.token])) < size) {
      return false;
    }
    std::uint64_t difference = 0;
    for (const KeyPart& part : key_parts) {
      std::uint64_t bytes;
      std::memcpy(&bytes, text + tokens.begin[part.token] + part.offset, sizeof bytes);
      difference |= (bytes & part.mask) ^ part.bytes;
    }
    return difference == 0;
  }
};

// The route of a plan through a document that is JSON, and an object. Nothing when a key that
// matters is spelt with escapes.
std::optional<Route> find_route(const Plan& plan, const Tokens& tokens);

}  // namespace flashflood::query
