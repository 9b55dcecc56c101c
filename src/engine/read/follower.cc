#include "engine/read/follower.h"

#include <algorithm>
#include <unordered_map>

#include "engine/read/journal_access.h"
#include "engine/read/snapshot.h"
#include "engine/state/id_index.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryClass;

namespace {

template <typename Call>
void for_each_pending(const Head& head, const Call& call) {
  for (const auto& bulk : head.bulks) call(bulk.key);
  for (const auto& single : head.singles) call(single.key);
}

// Pending bulk journals that arrived before `arrival`, and hold the id, overrule it.
bool overruled_by_pending(const Context& context, const Head& head, const IdHash& hash,
                          const Entry& entry, std::uint64_t arrival) {
  if (!head.singles_of(hash).empty()) return true;
  for (const PendingBulk& other : head.bulks) {
    if (other.arrival >= arrival) continue;
    TailPtr tail = load_pending_tail(context, other);
    if (!tail) continue;
    for (std::uint64_t row : tail->rows_of(entry.id)) {
      auto place = tail->place(row);
      auto block = read_intact(context, [&]() -> BlockPtr {
        auto bytes = fetch(context, other.key, blocks_range(*tail, place.block, place.block));
        if (!bytes) return nullptr;
        return format::decode_block(*bytes, tail->blocks()[place.block], other.key);
      });
      if (block && block->id(place.index) == entry.id) return true;
    }
  }
  return false;
}

}  // namespace

Follower::Follower(const Context& context, const Head& head)
    : context_(context), catalog_(head.catalog->number) {
  for_each_pending(head, [&](const std::string& key) { seen_.insert(key); });
}

// The names of pending journals that were not seen, in the order of their names.
void Follower::look(const Head& head, std::vector<std::string>& keys) const {
  for_each_pending(head, [&](const std::string& key) {
    if (!seen_.contains(key)) keys.push_back(key);
  });
  for (const auto& retired : head.catalog->retired)
    if (retired.number > catalog_ && retired.key.starts_with(format::head_prefix) &&
        !seen_.contains(retired.key))
      keys.push_back(retired.key);
}

std::optional<Entry> Follower::read_single(const Head& head, const std::string& key) const {
  auto journal = read_intact(context_, [&]() -> std::optional<format::SingleJournal> {
    auto bytes = fetch(context_, key);
    if (!bytes) return std::nullopt;
    return format::decode_single(*bytes, key);
  });
  if (!journal || !journal->entry.view().live()) return std::nullopt;
  // A late twin of what was sealed long ago is no news.
  if (journal->properties.epoch < head.catalog->swept && !journal->properties.id_made_here) {
    auto sealed = find_in_index(context_, IndexView(*head.catalog), IdHash::of(journal->entry.id));
    if (sealed && sealed->entry_class == EntryClass::single &&
        sealed->order >= journal->entry.order)
      return std::nullopt;
  }
  return std::move(journal->entry);
}

// The entries of a new bulk journal that count.
std::vector<Entry> Follower::read_bulk(const Head& head, const std::string& key) const {
  auto listed = context_.store->list(key, {}, 1);
  if (listed.objects.empty() || listed.objects[0].key != key) return {};
  PendingBulk bulk;
  bulk.key = key;
  bulk.size = listed.objects[0].size;
  bulk.etag = listed.objects[0].etag;
  bulk.arrival = static_cast<std::uint64_t>(listed.objects[0].modified.time_since_epoch().count());
  std::vector<Entry> entries = read_intact(context_, [&]() -> std::vector<Entry> {
    auto bytes = fetch(context_, key);
    if (!bytes) return {};
    auto tail = format::parse_journal_tail(*bytes, bulk.size, key);
    std::vector<Entry> read;
    for (std::size_t i = 0; i < tail->blocks().size(); ++i) {
      const auto& info = tail->blocks()[i];
      auto block =
          format::decode_block(BytesView(*bytes).substr(info.offset, info.stored_bytes), info, key);
      for (std::size_t row = 0; row < block->size(); ++row) {
        read.emplace_back(block->entry(row));
        read.back().order = bulk.arrival;
      }
    }
    return read;
  });
  if (entries.empty()) return {};
  std::vector<IdHash> hashes;
  for (const Entry& entry : entries) hashes.push_back(IdHash::of(entry.id));
  std::unordered_map<IdHash, format::IndexEntry, IdHashHasher> sealed;
  std::vector<IdHash> sorted = hashes;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  find_many_in_index(
      context_, IndexView(*head.catalog), sorted,
      [&](std::size_t i, const format::IndexEntry& e) { sealed.emplace(sorted[i], e); });
  std::vector<Entry> counting;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto known = sealed.find(hashes[i]);
    bool counts = known != sealed.end()
                      ? known->second.entry_class == EntryClass::bulk &&
                            known->second.order == bulk.arrival &&
                            known->second.date == entries[i].date
                      : !overruled_by_pending(context_, head, hashes[i], entries[i], bulk.arrival);
    if (counts) counting.push_back(std::move(entries[i]));
  }
  return counting;
}

std::vector<std::unique_ptr<Run>> Follower::news(std::optional<Timestamp> from,
                                                 std::optional<Timestamp> to) {
  Head head = load_head(context_);
  if (head.catalog->swept > catalog_)
    throw SnapshotExpired(
        "following the flood fell behind by more than its patience; begin the replay again");
  std::vector<std::string> keys;
  look(head, keys);
  std::vector<std::unique_ptr<Run>> runs;
  // Of several new revisions of one event the merge gives the last.
  std::vector<Entry> singles;
  auto add_run = [&](std::vector<Entry>& entries) {
    std::erase_if(entries,
                  [&](const Entry& entry) { return !format::in_range(entry.date, from, to); });
    if (entries.empty()) return;
    std::vector<const Entry*> pointers;
    for (const Entry& entry : entries) pointers.push_back(&entry);
    runs.push_back(std::make_unique<MemoryRun>(context_, winners_by_date(pointers)));
  };
  for (const std::string& key : keys) {
    if (format::parse_single_key(key)) {
      if (auto entry = read_single(head, key)) singles.push_back(std::move(*entry));
    } else if (format::parse_bulk_key(key)) {
      auto entries = read_bulk(head, key);
      add_run(entries);
    }
  }
  add_run(singles);
  catalog_ = head.catalog->number;
  seen_.clear();
  for_each_pending(head, [&](const std::string& key) { seen_.insert(key); });
  return runs;
}

}  // namespace flashflood::engine
