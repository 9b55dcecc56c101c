// Where documents end in text that has no line for each: JSON values one after the other, with or
// without blanks between them, or in arrays; and the events of a stream of server-sent events.
//
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flashflood::cli {

// How the documents of an input follow one another.
enum class Shape { lines, json, sse };

// Of JSON: where in the sequence of values a place lies. The elements of an array that is no part
// of another value are values of their own.
enum class JsonPlace : std::uint8_t {
  outside,       // of arrays
  array_begin,   // behind the bracket
  array_next,    // behind a comma
  array_behind,  // behind a value
};

// Finds the ends of values in pieces of one input. Does not check that they are JSON.
class JsonScanner {
 public:
  // Position in `piece`, the bytes after those of the last call, behind the last value whose end
  // shows in it. 0: that of a number which the last piece ended with.
  std::optional<std::size_t> scan(std::string_view piece);
  // There.
  JsonPlace place() const { return place_at_end_; }

 private:
  void begin_value(char c);

  JsonPlace place_ = JsonPlace::outside;
  JsonPlace place_at_end_ = JsonPlace::outside;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_scalar_ = false;
};

// Position behind the last blank line, which ends an event; 0 when there is none.
std::size_t end_of_sse_events(std::string_view text);

}  // namespace flashflood::cli
