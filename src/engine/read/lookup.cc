#include "engine/read/lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/state/id_index.h"
#include "engine/state/rank.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryClass;
using format::IndexEntry;

namespace {

constexpr int attempts_max = 8;

// An object was collected between the listing and the read: what it held is elsewhere by now.
struct Superseded {};

Entry read_single(const Context& context, const PendingSingle& pending, std::string_view id) {
  Entry entry = read_intact(context, [&] {
    auto bytes = fetch(context, pending.key);
    if (!bytes) throw Superseded{};
    return format::decode_single(*bytes, pending.key).entry;
  });
  if (entry.id != id)
    throw CorruptData(fmt::format("{}: holds the event {} instead of {}", pending.key,
                                  quote(entry.id), quote(id)));
  if (entry.order != pending.name.revision)
    throw CorruptData(fmt::format("{}: holds revision {}", pending.key, entry.order));
  return entry;
}

// The entry of the id in a pending bulk journal, if there is one.
std::optional<Entry> read_bulk(const Context& context, const Head& head, const PendingBulk& pending,
                               std::string_view id) {
  TailPtr tail = load_pending_tail(context, pending);
  if (!tail) {
    // Below the fence it can only be a late twin of a sealed journal, which says the same (rule 7).
    if (pending.name.epoch < head.catalog->fence) return std::nullopt;
    throw Superseded{};
  }
  for (std::uint64_t row : tail->rows_of(id)) {
    auto place = tail->place(row);
    auto blocks =
        load_blocks(context, pending.key + " " + pending.etag, *tail, place.block, place.block,
                    [&](ByteRange range) { return fetch(context, pending.key, range); });
    if (!blocks) throw Superseded{};
    const BlockPtr& block = blocks->front();
    if (block->id(place.index) != id) continue;
    Entry entry(block->entry(place.index));
    entry.order = pending.arrival;
    return entry;
  }
  return std::nullopt;
}

void take(IdState& state, Entry&& entry) {
  state.known = true;
  state.kind = entry.kind;
  state.date = entry.date;
  state.revision = entry.view().revision();
  state.data = std::move(entry.data);
}

// `sealed`: what the index of the head's catalog says of the id.
IdState state_in(const Context& context, const Head& head, std::string_view id, const IdHash& hash,
                 const std::optional<IndexEntry>& sealed, bool want_data) {
  IdState state;
  state.began = head.began;
  state.catalog = head.catalog->number;

  bool sealed_single = sealed && sealed->entry_class == EntryClass::single;
  auto singles = head.singles_of(hash);
  // A pending single operation outranks every bulk entry, so the one of the highest revision
  // decides, and no recorder's journal is read. It loses only against a sealed one of its revision
  // or a higher one; that also disposes of late twins, whatever their epoch.
  if (!singles.empty() && !(sealed_single && sealed->order >= singles.back().name.revision)) {
    take(state, read_single(context, singles.back(), id));
    return state;
  }
  // Among bulk entries the earliest arrival wins. A journal that arrived after the best one so far
  // cannot win, and is not read.
  if (!sealed_single) {
    std::optional<Entry> best;
    for (const PendingBulk& pending : head.bulks) {
      if (sealed && sealed->order < pending.arrival) continue;
      if (best && best->order < pending.arrival) continue;
      auto entry = read_bulk(context, head, pending, id);
      if (entry && (!best || compare_entries(entry->view(), best->view()) > 0))
        best = std::move(entry);
    }
    // The same arrival: the contents decide, which the index does not hold.
    if (best && sealed && sealed->order == best->order) {
      Entry other = read_sealed_entry(context, *head.catalog, *sealed, id);
      if (compare_entries(other.view(), best->view()) >= 0) best.reset();
    }
    if (best) {
      take(state, std::move(*best));
      return state;
    }
  }
  if (!sealed) return state;
  state.known = true;
  state.kind = sealed->kind;
  state.date = sealed->date;
  state.revision = sealed->revision();
  if (want_data && sealed->live())
    state.data = read_sealed_entry(context, *head.catalog, *sealed, id).data;
  return state;
}

IdState state_of(const Context& context, const Head& head, std::string_view id, const IdHash& hash,
                 bool want_data) {
  const auto sealed = find_in_index(context, IndexView(*head.catalog), hash);
  return state_in(context, head, id, hash, sealed, want_data);
}

std::vector<IdState> states_of(const Context& context, const Head& head,
                               std::span<const std::string_view> ids,
                               const std::vector<IdHash>& hashes) {
  std::vector<IdHash> sorted = hashes;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<std::optional<IndexEntry>> sealed(sorted.size());
  find_many_in_index(context, IndexView(*head.catalog), sorted,
                     [&](std::size_t i, const IndexEntry& entry) { sealed[i] = entry; });
  std::vector<IdState> states;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), hashes[i]) - sorted.begin();
    states.push_back(
        state_in(context, head, ids[i], hashes[i], sealed[static_cast<std::size_t>(at)], true));
  }
  return states;
}

// What `answer` makes of a head that `list` gives, again until that took no longer than half the
// patience since the head was listed. `what` names what is looked up, for errors.
template <typename List, typename Answer, typename What>
auto look(const Context& context, const List& list, const Answer& answer, const What& what) {
  // A look-up that lasts longer may combine a listing with objects that others have collected
  // since, and overlook an event.
  const auto limit = context.patience() / 2;
  bool slow = false;
  for (int tries = 0; tries < attempts_max; ++tries) {
    const auto began = context.steady_now();
    try {
      const Head head = list();
      auto found = answer(head);
      if (elapsed_since(context, head.began) <= limit) return found;
    } catch (const Superseded&) {
    } catch (const SnapshotExpired&) {
    }
    slow = slow || elapsed_since(context, began) > limit;
  }
  if (slow)
    throw StoreUnavailable(
        fmt::format("{}: looking up {} takes longer than half the flood's patience ({} s)",
                    context.store->describe(), what(), context.settings.patience.count()));
  throw CorruptData(
      fmt::format("the journals of {} are listed in {} and cannot be read: objects are missing",
                  what(), context.store->describe()));
}

}  // namespace

IdState look_up(const Context& context, std::string_view id, const IdHash& hash, bool want_data) {
  return look(
      context, [&] { return load_head_of(context, hash); },
      [&](const Head& head) { return state_of(context, head, id, hash, want_data); },
      [&] { return quote(id); });
}

std::vector<IdState> look_up_many(const Context& context, std::span<const std::string_view> ids) {
  if (ids.empty()) return {};
  std::vector<IdHash> hashes;
  for (const std::string_view id : ids) hashes.push_back(IdHash::of(id));
  return look(
      context, [&] { return load_head(context); },
      [&](const Head& head) { return states_of(context, head, ids, hashes); },
      [&] { return fmt::format("{} ids", ids.size()); });
}

bool is_current(const Context& context, const IdHash& hash, std::uint64_t revision,
                BytesView object) {
  Head head = load_head_of(context, hash);
  auto singles = head.singles_of(hash);
  auto own = std::find_if(singles.begin(), singles.end(),
                          [&](const auto& s) { return s.name.revision == revision; });
  if (own == singles.end()) return false;
  auto there = fetch(context, own->key);
  if (!there || *there != object) return false;
  auto sealed = find_in_index(context, IndexView(*head.catalog), hash);
  return !sealed || sealed->entry_class != EntryClass::single || sealed->order < revision;
}

}  // namespace flashflood::engine
