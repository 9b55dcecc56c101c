// Random pairs of a filter and a document, from so few names and texts that many match.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace flashflood::query {

class PairSource {
 public:
  explicit PairSource(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }
  bool one_of(std::size_t count) { return below(count) == 0; }

  // A condition of and, or, not, comparisons, functions and projections; it may fail on a document.
  std::string filter(int depth = 3);
  // A JSON object. Every character of its strings may be spelled as an escape, when `escapes`;
  // there are blanks, keys that occur twice, and all kinds of values.
  std::string document(bool escapes);

 private:
  std::string path();
  std::string literal();
  std::string list(int depth);
  std::string call(int depth);
  std::string value(int depth);
  std::string object(int depth);
  std::string spelled(std::string_view text);
  std::string blanks();

  std::mt19937_64 engine_;
  bool escapes_ = false;
};

}  // namespace flashflood::query
