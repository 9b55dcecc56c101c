// Reads JSON: checks tokens, and makes values of them.
//
// Threads: one at a time. Lifetime: the values point into the text and into the arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/json/arena.h"
#include "query/json/structure.h"
#include "query/json/value.h"

namespace flashflood::query {

// What is wrong with a text, in words ("it is empty"), and the byte at which it shows.
struct ReadProblem {
  const char* what = nullptr;
  std::size_t at = 0;
  bool too_deep = false;
};

// The problem as a sentence.
std::string describe(const ReadProblem& problem, std::size_t depth_max);

// Reads the number, true, false, null or, where there are no escapes, string that is one token.
// False, with `problem` set, when it is none.
bool read_scalar(const char* text, const std::uint32_t* token, Value& value, ReadProblem& problem);

// Whether read_scalar() would read a token that begins neither a string nor an array or object.
bool is_scalar(const Tokens& tokens, const std::uint32_t* token);

class Reader {
 public:
  struct Options {
    std::size_t depth_max;
    // An escape such as \ud800 without its other half has no meaning in UTF-8. Accepted, it is read
    // as U+FFFD.
    bool lone_surrogates = false;
  };

  // Reads the one value that the tokens make, or returns nothing and sets problem(). Time and
  // memory are proportional to the size of the text; nothing recurses. Blanks
  // (StructureFinder::padding) follow the text unless its last token is a closing bracket or brace.
  std::optional<Value> read(const Tokens& tokens, Arena& arena, const Options& options);
  // Whether read() would find a value; makes none.
  bool check(const Tokens& tokens, const Options& options);

  const ReadProblem& problem() const { return problem_; }
  // Frees the memory for big texts.
  void release();

 private:
  struct Frame {
    std::size_t base;  // index into the stack of the first element
    bool is_object;
  };

  template <bool makes_values>
  bool run(const Tokens& tokens, const Options& options);
  template <bool makes_values>
  bool read_string(const std::uint32_t* token, Value*& top);
  template <bool makes_values>
  bool unescape(std::string_view raw, Value*& top);
  bool fail(const char* what, std::size_t at);

  std::unique_ptr<char[]> stack_;  // values whose array or object is still open
  std::size_t stack_capacity_ = 0;
  std::vector<Frame> frames_;
  ReadProblem problem_{};

  const char* text_ = nullptr;
  Arena* arena_ = nullptr;
  bool has_escapes_ = true;
  bool lone_surrogates_ = false;
};

}  // namespace flashflood::query
