#include "engine/journal/seal.h"

#include <algorithm>
#include <unordered_map>

#include "engine/journal/sealed_writer.h"
#include "engine/read/journal_access.h"
#include "engine/read/merge.h"
#include "engine/read/merge_entries.h"
#include "engine/state/id_index.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryClass;
using format::EntryKind;
using format::EntryView;
using format::IndexEntry;

namespace {

// Who wins, by id (rule 8): what goes into the sealed journals, and what into the index.
class Decisions {
 public:
  Decisions(const Context& context, const format::Catalog& base, const SealInputs& inputs)
      : context_(context), base_(base), inputs_(inputs) {}

  void decide(const std::vector<Candidate>& candidates) {
    std::vector<IdHash> ids;
    for (const Candidate& candidate : candidates)
      if (ids.empty() || ids.back() != candidate.id) ids.push_back(candidate.id);
    std::vector<std::optional<IndexEntry>> sealed(ids.size());
    find_many_in_index(context_, IndexView(base_), ids,
                       [&](std::size_t i, const IndexEntry& entry) { sealed[i] = entry; });
    std::span<const Candidate> rest = candidates;
    for (const auto& known : sealed) {
      std::size_t count = 1;
      while (count < rest.size() && rest[count].id == rest[0].id) ++count;
      decide_one(rest.first(count), known);
      rest = rest.subspan(count);
    }
  }

  // Whether an entry is sealed.
  bool keeps(const EntryView& entry) const {
    if (dropped_.empty() || entry.kind == EntryKind::hidden) return true;
    auto [begin, end] = dropped_.equal_range(entry.date.time_since_epoch().count());
    if (begin == end) return true;
    const Dropped it{IdHash::of(entry.id), revision_of(entry.entry_class, entry.order)};
    return std::none_of(begin, end, [&](const auto& item) { return item.second == it; });
  }

  // The winners, in order of id.
  const std::vector<IndexEntry>& index_entries() const { return index_entries_; }
  // What hides sealed entries that now lose against an entry at another date, in order.
  std::vector<Entry> markers() && {
    std::sort(markers_.begin(), markers_.end(), [](const Entry& a, const Entry& b) {
      return a.date != b.date ? a.date < b.date : a.id < b.id;
    });
    return std::move(markers_);
  }

 private:
  // `entries`: all of one id, the winner first.
  void decide_one(std::span<const Candidate> entries, const std::optional<IndexEntry>& sealed) {
    const Candidate& best = entries.front();
    const bool best_wins = !sealed || wins_against(best, *sealed);
    if (best_wins) {
      index_entries_.push_back(
          {best.id, best.date, best.rank.kind, best.rank.entry_class, best.rank.order});
      if (sealed && sealed->date != best.date) hide(*sealed, best);
    }
    const Timestamp winner_date = best_wins ? best.date : sealed->date;
    for (const Candidate& candidate : entries) {
      bool stays = candidate.rank.entry_class == EntryClass::single
                       ? single_stays(candidate, winner_date, sealed)
                       : best_wins && candidate.date == best.date;
      if (!stays)
        dropped_.emplace(
            candidate.date.time_since_epoch().count(),
            Dropped{candidate.id, revision_of(candidate.rank.entry_class, candidate.rank.order)});
    }
  }

  // Tombstones stay, wherever they are: they hide what is sealed there, now or later. What is live
  // stays unless it loses against another date (a put that was under way when a bulk entry of its
  // id was updated), or is at its place already (a twin).
  static bool single_stays(const Candidate& candidate, Timestamp winner_date,
                           const std::optional<IndexEntry>& sealed) {
    const bool live =
        candidate.rank.kind == EntryKind::put || candidate.rank.kind == EntryKind::update;
    if (live && candidate.date != winner_date) return false;
    return !sealed || sealed->entry_class != EntryClass::single || sealed->date != candidate.date ||
           sealed->order < candidate.rank.order;
  }

  bool wins_against(const Candidate& best, const IndexEntry& sealed) const {
    int ranks = compare_ranks(best.rank, {sealed.kind, sealed.entry_class, sealed.order});
    if (ranks != 0 || best.rank.entry_class == EntryClass::single) return ranks > 0;
    // They arrived at one instant: the contents decide.
    std::string id = read_id(context_, base_.number, inputs_, best);
    Entry entry = read_sealed_entry(context_, base_, sealed, id);
    return best.content < content_hash(entry.view());
  }

  // Hides a sealed entry that loses against one at another date.
  void hide(const IndexEntry& sealed, const Candidate& winner) {
    if (sealed.entry_class == EntryClass::bulk) {
      mark(sealed.date, winner);
    } else if (sealed.live()) {
      Entry tombstone;
      tombstone.date = sealed.date;
      tombstone.id = read_id(context_, base_.number, inputs_, winner);
      tombstone.kind = EntryKind::remove;
      tombstone.entry_class = EntryClass::single;
      tombstone.order = winner.rank.order;
      markers_.push_back(std::move(tombstone));
    }
  }

  void mark(Timestamp date, const Candidate& winner) {
    std::string data;
    std::string id = read_id(context_, base_.number, inputs_, winner);
    markers_.emplace_back(make_marker(date, id, winner.rank, winner.content, data));
  }

  const Context& context_;
  const format::Catalog& base_;
  const SealInputs& inputs_;
  std::vector<IndexEntry> index_entries_;
  std::vector<Entry> markers_;
  // By date: entries of single operations, and all bulk ones of an id.
  struct Dropped {
    IdHash id;
    std::uint64_t revision;  // 0: bulk
    bool operator==(const Dropped&) const = default;
  };
  static std::uint64_t revision_of(EntryClass entry_class, std::uint64_t order) {
    return entry_class == EntryClass::single ? order : 0;
  }
  std::unordered_multimap<std::int64_t, Dropped> dropped_;
};

std::vector<EntryView> views_of(const std::vector<Entry>& entries) {
  std::vector<EntryView> views;
  for (const Entry& entry : entries) views.push_back(entry.view());
  return views;
}

// The winners at each (date, id) of the single operations that are sealed, in order. The others
// must not take part in the merge: there they would win over a marker at their date, which would be
// lost with them.
std::vector<EntryView> single_views(const SealInputs& inputs, const Decisions& decisions) {
  std::vector<Entry const*> entries;
  for (const SingleEntry& single : inputs.singles)
    if (decisions.keeps(single.entry.view())) entries.push_back(&single.entry);
  return winners_by_date(entries);
}

// Writes what the decisions keep of the inputs.
std::vector<format::SealedJournal> write_journals(const Context& context, std::uint64_t catalog,
                                                  const SealInputs& inputs,
                                                  const Decisions& decisions,
                                                  const std::vector<Entry>& markers,
                                                  std::size_t journal_bytes) {
  std::vector<std::unique_ptr<Run>> runs;
  for (std::size_t i = 0; i < inputs.bulks.size(); ++i)
    runs.push_back(run_of(context, catalog, inputs, i));
  if (auto singles = single_views(inputs, decisions); !singles.empty())
    runs.push_back(std::make_unique<MemoryRun>(context, std::move(singles)));
  if (!markers.empty()) runs.push_back(std::make_unique<MemoryRun>(context, views_of(markers)));
  Merge merge(context, std::move(runs));
  SealedWriter writer(context, catalog, journal_bytes);
  // Bulk entries that are dropped lose against what else is written at their (date, id).
  for_each_entry(context, merge, [&](const EntryView& entry) {
    if (decisions.keeps(entry)) writer.add(entry);
  });
  return writer.finish();
}

SealOutcome seal(const Context& context, const Survey& surveyed, const SealLimits& limits,
                 JournalReport& report) {
  const Head& head = surveyed.head;
  const std::uint64_t catalog = head.catalog->number;
  auto inputs = open_inputs(context, head, limits);
  if (!inputs) return SealOutcome::conflict;

  Decisions decisions(context, *head.catalog, *inputs);
  decisions.decide(read_candidates(context, catalog, *inputs));

  CommitPlan plan(surveyed);
  IndexRunWriter index(context, catalog);
  for (const IndexEntry& entry : decisions.index_entries()) {
    index.add(entry);
    plan.new_run_ids.push_back(entry.id);
  }
  plan.new_run = index.finish();
  std::vector<Entry> markers = std::move(decisions).markers();
  plan.journals.added =
      write_journals(context, catalog, *inputs, decisions, markers, limits.journal_bytes);
  for (const SingleEntry& single : inputs->singles) plan.retired.push_back(single.pending->key);
  for (const PendingSingle* single : inputs->ignored) plan.retired.push_back(single->key);
  for (const OpenBulk& bulk : inputs->bulks) plan.retired.push_back(bulk.pending.key);
  plan.retires_singles = !inputs->singles.empty() || !inputs->ignored.empty();

  if (plan.changes_anything()) {
    if (commit(context, plan) == CommitOutcome::conflict) return SealOutcome::conflict;
    ++report.commits;
  }
  report.sealed_events += inputs->entries;
  report.sealed_data_bytes += inputs->data_bytes;
  report.pending_journals += plan.retired.size();
  report.written_journals += plan.journals.added.size();
  return inputs->all ? SealOutcome::sealed_all : SealOutcome::sealed_some;
}

}  // namespace

SealOutcome seal_pending(const Context& context, const Survey& surveyed, const SealLimits& limits,
                         JournalReport& report) {
  try {
    return seal(context, surveyed, limits, report);
  } catch (const SnapshotExpired&) {
    return SealOutcome::conflict;  // what it read was sealed by another journaler, and collected
  }
}

}  // namespace flashflood::engine
