// Searches bytes for the first of a few needles or a backslash, many bytes at a time.
//
// At each place two bytes are looked at, at the same distance for all needles and chosen so that
// they are rare in JSON texts; where they could be those of a needle, the whole needle is compared.
// A backslash counts as a needle of its own: where there is one, a JSON string may spell a needle
// in other bytes.
//
//   ByteSearch search({"\"France\"", "\"EIRE\""});
//   auto hit = search.find(text, 0);
//
// Threads: immutable; any number at a time. Lifetime: owns its needles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/json/simd_level.h"

namespace flashflood::query {

class ByteSearch {
 public:
  static constexpr std::size_t needles_max = 16;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  // Up to needles_max needles, none empty.
  explicit ByteSearch(std::vector<std::string> needles, SimdLevel level = simd_levels().back());

  struct Hit {
    std::size_t at = npos;
    std::size_t size = 0;  // bytes from `at` on; of several needles at one place the shortest
  };
  // The first place at or after `from` where a needle or a backslash stands. Reads nothing beyond
  // the text.
  Hit find(std::string_view text, std::size_t from) const { return scan_(*this, text, from); }

  std::span<const std::string> needles() const { return needles_; }

  // For the kernels: the places in a needle that are looked at first; the hit that begins at `at`,
  // if one does.
  static constexpr std::size_t place_max = 31;
  std::size_t first_place() const { return first_place_; }
  std::size_t second_place() const { return second_place_; }  // not before the first
  Hit hit_at(std::string_view text, std::size_t at) const;

 private:
  using Scan = Hit (*)(const ByteSearch&, std::string_view, std::size_t);
  std::vector<std::string> needles_;  // the shortest first
  std::size_t first_place_ = 0;
  std::size_t second_place_ = 0;
  Scan scan_;
};

}  // namespace flashflood::query
