#include "engine/read/snapshot.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <queue>
#include <utility>

#include "engine/state/catalog_pages.h"
#include "engine/state/id_index.h"
#include "engine/state/rank.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryClass;
using format::EntryView;
using format::SealedJournal;

namespace {

constexpr int attempts_max = 8;
constexpr std::size_t windows_bytes = std::size_t{64} << 20;  // of all runs together, about
constexpr std::size_t singles_run_bytes = std::size_t{8} << 20;

std::vector<const Entry*> pointers_to(const std::vector<Entry>& entries) {
  std::vector<const Entry*> pointers;
  for (const Entry& entry : entries) pointers.push_back(&entry);
  return pointers;
}

// So that they are held compressed.
bool add_singles(const Context& context, const Head& head, std::optional<Timestamp> from,
                 std::optional<Timestamp> to, Snapshot& snapshot) {
  std::vector<Entry> gathered;
  std::size_t gathered_bytes = 0;
  auto make_run = [&] {
    if (gathered.empty()) return;
    snapshot.runs.push_back(
        std::make_unique<MemoryRun>(context, winners_by_date(pointers_to(gathered))));
    gathered.clear();
    gathered_bytes = 0;
  };
  const bool whole = for_each_single(context, head, [&](SingleEntry&& single) {
    if (format::in_range(single.entry.date, from, to)) {
      gathered_bytes += single.entry.id.size() + single.entry.data.size();
      gathered.push_back(std::move(single.entry));
      if (gathered_bytes > singles_run_bytes) make_run();
    }
    return true;
  });
  make_run();
  return whole;
}

// How many of the journals, which are in order of their first dates, hold one date at the most.
std::size_t most_at_one_date(const std::vector<SealedJournal>& journals) {
  std::priority_queue<Timestamp, std::vector<Timestamp>, std::greater<>> ends;
  std::size_t most = 0;
  for (const SealedJournal& journal : journals) {
    while (!ends.empty() && ends.top() < journal.from) ends.pop();
    ends.push(journal.to);
    most = std::max(most, ends.size());
  }
  return most;
}

// The same bytes, with the room that they take for as long as they are kept.
std::shared_ptr<const Bytes> with_room(std::shared_ptr<const Bytes> bytes, ReadAhead& ahead) {
  if (!bytes) return nullptr;
  auto room = ahead.take(bytes->size());
  auto both = std::make_shared<std::pair<std::shared_ptr<const Bytes>, ReadAhead::Room>>(
      std::move(bytes), std::move(room));
  return {both, both->first.get()};
}

bool try_snapshot(const Context& context, std::optional<Timestamp> from,
                  std::optional<Timestamp> to, Snapshot& snapshot) {
  Head head = load_head(context);
  snapshot.began = head.began;
  snapshot.catalog = head.catalog->number;
  auto journals = journals_between(context, *head.catalog, from, to);
  if (!add_singles(context, head, from, to, snapshot)) return false;
  auto bulks = open_bulks(context, head.catalog->fence, head.bulks, whole_bytes_max);
  if (!bulks) return false;
  if (elapsed_since(context, head.began) > context.patience() / 2) return false;

  const JournalRun::Reading reading{window_bytes_for(context, journals, bulks->size()),
                                    snapshot.ahead};
  auto make_run = [&context, from, to, reading](JournalRun::Source source, std::uint64_t arrival) {
    auto run = std::make_unique<JournalRun>(context, std::move(source), from, to, reading);
    run->arrival = arrival;
    return run;
  };
  for (OpenBulk& bulk : *bulks)
    snapshot.runs.push_back(
        make_run({bulk.pending.key, snapshot.catalog, bulk.tail, bulk.may_be_missing, bulk.whole},
                 bulk.pending.arrival));

  const auto is_inside = [from, to](const SealedJournal& journal) {
    return format::in_range(journal.from, from, to) && format::in_range(journal.to, from, to);
  };
  auto open = [&context, catalog = snapshot.catalog, make_run, is_inside,
               reading](const SealedJournal& journal) {
    auto [tail, whole] =
        open_sealed(context, catalog, journal, is_inside(journal) ? reading.window_bytes : 0);
    auto run = make_run({journal.key(), catalog, std::move(tail), false,
                         with_room(std::move(whole), *reading.ahead)},
                        0);
    run->sealed = true;
    return run;
  };
  // Those that reach beyond the range are few, and only their tails tell what lies in it.
  auto inner = std::stable_partition(journals.begin(), journals.end(), std::not_fn(is_inside));
  std::vector<std::unique_ptr<Run>> outer(static_cast<std::size_t>(inner - journals.begin()));
  parallel_for(*context.env.io, outer.size(), context.env.io->width(),
               [&](std::size_t i) { outer[i] = open(journals[i]); });
  std::move(outer.begin(), outer.end(), std::back_inserter(snapshot.runs));
  journals.erase(journals.begin(), inner);

  for (const auto& run : snapshot.runs)
    for (std::size_t i = 0; i < run->size(); ++i) snapshot.entries += run->block(i).count;
  for (const SealedJournal& journal : journals) snapshot.entries += journal.entries;
  snapshot.later = std::make_unique<RunQueue>(context, std::move(journals), open, snapshot.ahead);
  snapshot.head = std::move(head);
  return true;
}

}  // namespace

std::size_t window_bytes_for(const Context& context, const std::vector<SealedJournal>& journals,
                             std::size_t bulks) {
  const std::size_t together = most_at_one_date(journals) + bulks + 1;
  return std::clamp(windows_bytes / together, context.block_bytes, ReadAhead::window_bytes);
}

Snapshot take_snapshot(const Context& context, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, std::size_t read_ahead_bytes) {
  Snapshot snapshot;
  retry_until_consistent(context, [&] {
    snapshot = {};
    snapshot.ahead = std::make_shared<ReadAhead>(read_ahead_bytes);
    return try_snapshot(context, from, to, snapshot);
  });
  return snapshot;
}

void retry_until_consistent(const Context& context, const std::function<bool()>& attempt) {
  bool slow = false;
  for (int attempts = 0; attempts < attempts_max; ++attempts) {
    auto began = context.steady_now();
    try {
      if (attempt()) return;
    } catch (const SnapshotExpired&) {
    }
    slow = slow || elapsed_since(context, began) > context.patience() / 2;
  }
  if (slow)
    throw StoreUnavailable(context.store->describe() +
                           ": reading what is pending takes longer than half the flood's patience");
  throw CorruptData(context.store->describe() +
                    ": pending journals are listed and cannot be read: objects are missing");
}

}  // namespace flashflood::engine
