#include "engine/upkeep/inventory.h"

#include <algorithm>

#include "engine/read/journal_access.h"
#include "engine/read/run.h"
#include "engine/read/snapshot.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/head.h"

namespace flashflood::engine {

using format::Catalog;

namespace {

JournalInfo info_of(const PendingBulk& bulk, const TailPtr& tail) {
  JournalInfo info;
  info.key = bulk.key;
  info.object_bytes = bulk.size;
  if (tail) {
    info.entries = tail->entries();
    info.from = tail->blocks().front().first;
    info.to = tail->blocks().back().last;
  }
  return info;
}

JournalInfo info_of(const PendingSingle& single) {
  JournalInfo info;
  info.key = single.key;
  info.object_bytes = single.size;
  info.entries = 1;
  return info;
}

JournalInfo info_of(const PendingSingle& single, const format::Entry& entry) {
  JournalInfo info = info_of(single);
  info.from = info.to = entry.date;
  info.data_bytes = entry.id.size() + entry.data.size();
  return info;
}

// False when something was collected meanwhile.
bool try_list_journals(const Context& context, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, bool read_pending,
                       std::vector<JournalInfo>& journals) {
  Head head = load_head(context);
  for (const auto& sealed : journals_between(context, *head.catalog, from, to))
    journals.push_back({sealed.key(), true, sealed.from, sealed.to, sealed.entries,
                        sealed.raw_bytes, sealed.object_bytes});
  for (const PendingBulk& bulk : head.bulks)
    journals.push_back(info_of(bulk, load_pending_tail(context, bulk)));
  if (!read_pending) {
    for (const PendingSingle& single : head.singles) journals.push_back(info_of(single));
    return true;
  }
  return for_each_single(context, head, [&](SingleEntry&& single) {
    if (format::in_range(single.entry.date, from, to))
      journals.push_back(info_of(*single.pending, single.entry));
    return true;
  });
}

}  // namespace

std::vector<JournalInfo> list_journals(const Context& context, std::optional<Timestamp> from,
                                       std::optional<Timestamp> to, bool read_pending) {
  check_range(from, to);
  std::vector<JournalInfo> journals;
  retry_until_consistent(context, [&] {
    journals.clear();
    return try_list_journals(context, from, to, read_pending, journals);
  });
  return journals;
}

FloodStats stats(const Context& context) {
  Head head = load_head(context);
  const Catalog& catalog = *head.catalog;
  FloodStats stats;
  stats.url = context.store->describe();
  stats.catalog = catalog.number;
  stats.fence = catalog.fence;
  stats.swept = catalog.swept;
  stats.grace = context.settings.grace;
  stats.patience = context.settings.patience;
  auto add = [&](std::uint64_t count, const auto& of) {
    stats.sealed_journals += count;
    stats.sealed_entries += of.entries;
    stats.sealed_data_bytes += of.raw_bytes;
    stats.sealed_object_bytes += of.object_bytes;
    stats.from = stats.from ? std::min(*stats.from, of.from) : of.from;
    stats.to = stats.to ? std::max(*stats.to, of.to) : of.to;
  };
  for (const auto& journal : catalog.journals) add(1, journal);
  for (const auto& page : catalog.pages) add(page.count, page);
  stats.pending_singles = head.singles.size();
  stats.pending_bulk_journals = head.bulks.size();
  for (const auto& single : head.singles) stats.pending_object_bytes += single.size;
  for (const auto& bulk : head.bulks) stats.pending_object_bytes += bulk.size;
  stats.index_runs = catalog.index.size();
  for (const auto& run : catalog.index) {
    stats.index_entries += run.entries();
    for (const auto& part : run.parts) stats.index_bytes += part.object_bytes;
  }
  stats.retired_objects = catalog.retired.size();
  return stats;
}

}  // namespace flashflood::engine
