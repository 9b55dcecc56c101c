// Reads a JSON text to values.
//
// Threads: one at a time. Lifetime: the values point into the text and into the arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "query/arena.h"
#include "query/structure.h"
#include "query/value.h"

namespace flashflood::query {

// What is wrong with a text, in words ("it is empty"), and the byte at which it shows.
struct ReadProblem {
  const char* what;
  std::size_t at;
  bool too_deep = false;
};

class Reader {
 public:
  struct Options {
    std::size_t depth_max;
    // An escape such as \ud800 without its other half has no meaning in UTF-8. Accepted, it is read
    // as U+FFFD.
    bool lone_surrogates = false;
  };

  // The one document in `text`, or nothing and problem(). StructureFinder::padding blanks follow
  // the text. Time and memory are proportional to its size; nothing recurses.
  std::optional<Value> read(std::string_view text, Arena& arena, const Options& options);

  const ReadProblem& problem() const { return problem_; }
  const StructureFinder& structure() const { return structure_; }
  // Frees the memory for big texts.
  void release();

 private:
  struct Frame {
    std::size_t base;  // index into the stack of the first element
    bool is_object;
  };

  std::nullopt_t fail(const char* what, std::size_t at);
  bool read_string(const char* text, const std::uint32_t* token, bool has_escapes, Value& value);
  bool read_scalar(const char* text, std::size_t at, Value& value);
  bool unescape(std::string_view raw, std::size_t at, Value& value);

  StructureFinder structure_;
  std::unique_ptr<char[]> stack_;  // values whose array or object is still open
  std::size_t stack_capacity_ = 0;
  std::vector<Frame> frames_;
  ReadProblem problem_{};

  Arena* arena_ = nullptr;
  bool lone_surrogates_ = false;
};

}  // namespace flashflood::query
