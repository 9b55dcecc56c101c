// Ranges of events: by their dates as users ask for them, and by the order of (date, id) in which
// events are replayed.
//
// Threads: plain values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flashflood/event.h"

namespace flashflood::format {

// A place in the order of events: right behind (date, id), or without an id behind all of the date.
struct EventPosition {
  Timestamp date{};
  std::optional<std::string> id{};

  // Whether the event stands before this place.
  bool is_behind(Timestamp event_date, std::string_view event_id) const {
    if (event_date != date) return event_date < date;
    return !id || event_id <= *id;
  }
  bool operator==(const EventPosition&) const = default;
};
bool operator<(const EventPosition& a, const EventPosition& b);

// A part of the order of events: those behind `after` and not behind `upto`; open where not set.
struct EventRange {
  std::optional<EventPosition> after{};
  std::optional<EventPosition> upto{};

  bool contains(Timestamp date, std::string_view id) const {
    return (!after || !after->is_behind(date, id)) && (!upto || upto->is_behind(date, id));
  }
  // Whether it may contain events of the dates from `first` to `last`.
  bool overlaps(Timestamp first, Timestamp last) const {
    if (after && (after->id ? last < after->date : last <= after->date)) return false;
    return !upto || first <= upto->date;
  }
  bool operator==(const EventRange&) const = default;
};

// Whether a date lies in the range (from, to]; without an end it is open on that side.
inline bool in_range(Timestamp date, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  return (!from || date > *from) && (!to || date <= *to);
}

// The same range as a part of the order of events.
inline EventRange event_range(std::optional<Timestamp> from, std::optional<Timestamp> to) {
  EventRange range;
  if (from) range.after = EventPosition{*from, {}};
  if (to) range.upto = EventPosition{*to, {}};
  return range;
}

}  // namespace flashflood::format
