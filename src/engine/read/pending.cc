#include "engine/read/pending.h"

#include <algorithm>
#include <utility>

#include "engine/state/id_index.h"
#include "engine/state/rank.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryClass;
using format::EntryView;

std::vector<EntryView> winners_by_date(std::span<const Entry* const> entries) {
  std::vector<EntryView> views;
  for (const Entry* entry : entries) views.push_back(entry->view());
  std::sort(views.begin(), views.end(), [](const EntryView& a, const EntryView& b) {
    if (a.date != b.date) return a.date < b.date;
    if (a.id != b.id) return a.id < b.id;
    return compare_entries(a, b) > 0;
  });
  views.erase(std::unique(views.begin(), views.end(),
                          [](const EntryView& a, const EntryView& b) {
                            return a.date == b.date && a.id == b.id;
                          }),
              views.end());
  return views;
}

std::optional<std::vector<SingleEntry>> read_singles(
    const Context& context, const Head& head, std::span<const PendingSingle> singles,
    const std::function<void(const PendingSingle&)>& ignored) {
  std::vector<std::optional<format::SingleJournal>> read(singles.size());
  parallel_for(*context.env.io, singles.size(), context.env.io->width(), [&](std::size_t i) {
    read_intact(context, [&] {
      if (auto bytes = fetch(context, singles[i].key))
        read[i] = format::decode_single(*bytes, singles[i].key);
    });
  });
  std::vector<SingleEntry> entries;
  for (std::size_t i = 0; i < singles.size(); ++i) {
    if (!read[i]) return std::nullopt;
    const PendingSingle& pending = singles[i];
    Entry& entry = read[i]->entry;
    if (entry.order != pending.name.revision || IdHash::of(entry.id) != pending.name.id)
      throw CorruptData(pending.key + ": holds an entry that belongs under another name");
    const auto& properties = read[i]->properties;
    if (properties.epoch < head.catalog->swept && !properties.id_made_here) {
      auto sealed = find_in_index(context, IndexView(*head.catalog), pending.name.id);
      if (sealed && sealed->entry_class == EntryClass::single && sealed->order >= entry.order) {
        ignored(pending);
        continue;
      }
    }
    entries.push_back({&pending, std::move(entry)});
  }
  return entries;
}

bool for_each_single(const Context& context, const Head& head,
                     const std::function<bool(SingleEntry&&)>& visit) {
  constexpr std::size_t group = 1024;
  std::span<const PendingSingle> rest = head.singles;
  while (!rest.empty()) {
    auto some = rest.first(std::min(group, rest.size()));
    rest = rest.subspan(some.size());
    auto entries = read_singles(context, head, some, [](const PendingSingle&) {});
    if (!entries) return false;
    for (SingleEntry& single : *entries)
      if (!visit(std::move(single))) return true;
  }
  return true;
}

std::optional<std::vector<OpenBulk>> open_bulks(const Context& context, std::uint64_t fence,
                                                std::span<const PendingBulk> bulks,
                                                std::uint64_t whole_bytes) {
  std::vector<OpenBulk> opened(bulks.size());
  std::vector<bool> in_one_piece(bulks.size());
  for (std::size_t i = 0; i < bulks.size(); ++i) {
    in_one_piece[i] = bulks[i].size <= whole_bytes;
    if (in_one_piece[i]) whole_bytes -= bulks[i].size;
  }
  parallel_for(*context.env.io, bulks.size(), context.env.io->width(), [&](std::size_t i) {
    OpenBulk& bulk = opened[i];
    bulk.pending = bulks[i];
    bulk.may_be_missing = bulks[i].name.epoch < fence;
    if (!in_one_piece[i]) {
      bulk.tail = load_pending_tail(context, bulks[i]);
    } else {
      read_intact(context, [&] {
        auto bytes = fetch(context, bulks[i].key);
        if (!bytes) return;
        bulk.whole = std::make_shared<const Bytes>(std::move(*bytes));
        bulk.tail = format::parse_journal_tail(*bulk.whole, bulks[i].size, bulks[i].key);
      });
    }
    if (bulk.tail) bulk.tail = bulk.tail->without_id_table();  // there may be many of them
  });
  for (const OpenBulk& bulk : opened)
    if (!bulk.tail && !bulk.may_be_missing) return std::nullopt;
  std::erase_if(opened, [](const OpenBulk& bulk) { return !bulk.tail; });
  return opened;
}

}  // namespace flashflood::engine
