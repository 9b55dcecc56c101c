#include "engine/rank.h"

#include "base/hash.h"

namespace flashflood::engine {

using format::EntryClass;
using format::EntryKind;
using format::EntryView;

namespace {

int level(const Rank& rank) {
  if (rank.entry_class == EntryClass::single) return 3;
  return rank.kind == EntryKind::hidden ? 2 : 1;
}

int sign(bool positive) { return positive ? 1 : -1; }

}  // namespace

std::uint64_t content_hash(const EntryView& entry) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  auto date = static_cast<std::uint64_t>(entry.date.time_since_epoch().count());
  return xxh3(entry.data) ^ (date * odd);
}

int compare_ranks(const Rank& a, const Rank& b) {
  int level_a = level(a), level_b = level(b);
  if (level_a != level_b) return level_a - level_b;
  if (level_a == 2 || a.order == b.order) return 0;
  return level_a == 3 ? sign(a.order > b.order) : sign(a.order < b.order);
}

int compare_entries(const EntryView& a, const EntryView& b) {
  int ranks = compare_ranks(rank_of(a), rank_of(b));
  if (ranks != 0 || a.entry_class == EntryClass::single || a.kind == EntryKind::hidden)
    return ranks;
  std::uint64_t hash_a = content_hash(a), hash_b = content_hash(b);
  if (hash_a != hash_b) return sign(hash_a < hash_b);
  if (a.date != b.date) return sign(a.date < b.date);
  return b.data.compare(a.data);
}

}  // namespace flashflood::engine
