// Who wins: of several entries of one id, the one of the highest rank is the state of the event.
//
// There are two comparisons. Ranks are all that the index knows, and leave ties between bulk
// entries of one arrival; whole entries never tie unless they are equal. Merges and look-ups
// compare entries; sealing and verify compare ranks, and the contents where these tie.
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

// Positive when a wins over b, negative when b wins, 0 when the ranks alone do not decide: single
// operations win over bulk ones, the higher revision over the lower; of bulk entries, markers among
// them, the one that arrived first wins.
int compare_ranks(const Rank& a, const Rank& b);

// Decides between bulk entries with the same arrival; the smaller one wins.
std::uint64_t content_hash(const format::EntryView& entry);

// A marker at (date, id), which hides the bulk entries there that lose against `winner` at another
// date. It has the winner's rank, so that an entry which arrived even earlier, and is sealed later,
// wins over the marker as it does over the winner. Against a single operation all bulk entries
// lose: such a marker has order 0. `data` takes what tells entries of one arrival apart, and is
// borrowed.
format::EntryView make_marker(Timestamp date, std::string_view id, const Rank& winner,
                              std::uint64_t winner_content, std::string& data);

// The same for entries. Returns 0 only if they have the same class and order and, for bulk entries,
// the same date and data: a hash of both decides between bulk entries with the same arrival. Of
// equals the sealed one counts, which the caller must know.
int compare_entries(const format::EntryView& a, const format::EntryView& b);

}  // namespace flashflood::engine
