// Which copy of an event counts, where a bucket of the original FlashFlood has several, and which
// of the updates and deletes that it has not applied yet.
//
// Copies come from crashes (a journal and the ones that it was made from both exist), from
// concurrent puts of one id, and from a put after a delete that is not applied yet. A copy is as
// new as the journal that holds it, or as the marker that is applied to it: the newest counts. An
// event as put() wrote it counts as the oldest, since no journal has been made from it yet.
//
// Threads: values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flashflood/event.h"
#include "original/names.h"

namespace flashflood::original {

struct EventCopy {
  std::size_t journal = 0;             // its number
  std::size_t row = 0;                 // in the manifest
  std::optional<Timestamp> version{};  // of the journal; nothing: "new"
  Timestamp date{};                    // of the event
};

// Where a marker belongs.
struct EventMarker {
  std::size_t marker = 0;  // its number
  Timestamp date{};
  Action action = Action::update;
  std::optional<std::size_t> journal{};  // number of the journal that it names, if that is there
};

struct Verdict {
  std::optional<std::size_t> copy{};    // index of the one that counts; nothing: it is deleted
  std::optional<std::size_t> update{};  // index of the marker whose data replaces the copy's
  bool deleted = false;                 // a delete was applied
  std::size_t duplicates = 0;           // copies that do not count, and were not deleted either
  std::size_t superseded = 0;           // markers that something newer outranks
};

// At least one copy. `is_indexed` tells whether the key index of the bucket names the event; it is
// only asked where a delete and a put of the same id cannot be told apart otherwise.
Verdict judge(const std::vector<EventCopy>& copies, const std::vector<EventMarker>& markers,
              const std::function<bool()>& is_indexed);

}  // namespace flashflood::original
