// The events that are recorded and replayed, and the text by which two sets of them are compared.
//
// Threads: plain values and pure functions, apart from the file system.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "flashflood/event.h"

namespace flashflood::bench {

using Events = std::vector<Event>;

// The first `count` retail events of a file, in order of (date, id).
Events retail_events(const std::string& path, std::size_t count);

// Events of `bytes` random bytes each, which nothing can compress; the same for the same arguments.
Events random_events(std::size_t count, std::size_t bytes);

std::size_t data_bytes(const Events& events);

// One line for each event: id, microseconds since 1970, data. Without ids the lines are sorted,
// since events of one date come in any order then.
template <typename Range>
std::string lines_of(Range&& events);
template <typename Range>
std::string sorted_lines_without_ids(Range&& events);

// The SHA-256 of a text, in hexadecimal.
std::string digest_of(const std::string& text);

// Throws std::runtime_error, which names `what`, unless two texts are the same.
void check_same(const std::string& what, const std::string& ours, const std::string& theirs);

// Implementation.

void append_line(std::string& text, Timestamp date, std::string_view data);
std::string joined_sorted(std::vector<std::string> lines);

template <typename Range>
std::string lines_of(Range&& events) {
  std::string text;
  for (const auto& event : events) {
    text += event.id;
    text += '\t';
    append_line(text, event.date, event.data);
  }
  return text;
}

template <typename Range>
std::string sorted_lines_without_ids(Range&& events) {
  std::vector<std::string> lines;
  for (const auto& event : events) append_line(lines.emplace_back(), event.date, event.data);
  return joined_sorted(std::move(lines));
}

}  // namespace flashflood::bench
