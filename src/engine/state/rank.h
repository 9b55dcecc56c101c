// Who wins: of several entries of one id, the one of the highest rank is the state of the event.
//
// Readers, journaling, look-ups and verify share this one function.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "format/entry.h"

namespace flashflood::engine {

// What decides about rank, without the bytes.
struct Rank {
  format::EntryKind kind = format::EntryKind::put;
  format::EntryClass entry_class = format::EntryClass::bulk;
  std::uint64_t order = 0;  // revision, or arrival (see EntryView)

  bool operator==(const Rank&) const = default;
};

inline Rank rank_of(const format::EntryView& entry) {
  return {entry.kind, entry.entry_class, entry.order};
}

// Positive when a wins over b, negative when b does, 0 when the ranks alone do not tell: single
// operations win over bulk ones, the higher revision over the lower; of bulk entries, markers among
// them, the one that arrived first wins.
int compare_ranks(const Rank& a, const Rank& b);

// Tells bulk entries apart that arrived at one instant; the lesser wins.
std::uint64_t content_hash(const format::EntryView& entry);

// A marker at (date, id), which hides the bulk entries there that lose against `winner` at another
// date. It has the winner's rank, so that an entry which arrived even earlier, and is sealed later,
// wins over the marker as it does over the winner. Against a single operation all bulk entries
// lose: such a marker has order 0. `data` takes what tells entries of one arrival apart, and is
// borrowed.
format::EntryView make_marker(Timestamp date, std::string_view id, const Rank& winner,
                              std::uint64_t winner_content, std::string& data);

// The same for entries, never 0 unless they are equal in date and data: bulk entries that arrived
// at one instant are told apart by a hash of date and data. Of equals the sealed one counts, which
// is the caller's to know.
int compare_entries(const format::EntryView& a, const format::EntryView& b);

}  // namespace flashflood::engine
