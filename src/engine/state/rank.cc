#include "engine/state/rank.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace flashflood::engine {

using format::EntryClass;
using format::EntryKind;
using format::EntryView;

namespace {

int sign(bool positive) { return positive ? 1 : -1; }

// What tells bulk entries of one arrival apart: a marker stands for the entry that it was made for.
std::uint64_t rank_hash(const EntryView& entry) {
  if (entry.kind != EntryKind::hidden) return content_hash(entry);
  return entry.data.size() == sizeof(std::uint64_t) ? load<std::uint64_t>(entry.data.data()) : 0;
}

}  // namespace

std::uint64_t content_hash(const EntryView& entry) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  auto date = static_cast<std::uint64_t>(entry.date.time_since_epoch().count());
  return xxh3(entry.data) ^ (date * odd);
}

int compare_ranks(const Rank& a, const Rank& b) {
  const bool single_a = a.entry_class == EntryClass::single;
  const bool single_b = b.entry_class == EntryClass::single;
  if (single_a != single_b) return sign(single_a);
  if (a.order == b.order) return 0;
  return single_a ? sign(a.order > b.order) : sign(a.order < b.order);
}

EntryView make_marker(Timestamp date, std::string_view id, const Rank& winner,
                      std::uint64_t winner_content, Bytes& data) {
  const bool bulk = winner.entry_class == EntryClass::bulk;
  data.clear();
  if (bulk) append(data, winner_content);
  return {date, id, data, EntryKind::hidden, EntryClass::bulk, bulk ? winner.order : 0};
}

int compare_entries(const EntryView& a, const EntryView& b) {
  int ranks = compare_ranks(rank_of(a), rank_of(b));
  if (ranks != 0 || a.entry_class == EntryClass::single) return ranks;
  std::uint64_t hash_a = rank_hash(a), hash_b = rank_hash(b);
  if (hash_a != hash_b) return sign(hash_a < hash_b);
  if ((a.kind == EntryKind::hidden) != (b.kind == EntryKind::hidden))
    return sign(a.kind == EntryKind::hidden);
  if (a.date != b.date) return sign(a.date < b.date);
  return b.data.compare(a.data);
}

}  // namespace flashflood::engine
