#include "engine/split/presign_preparation.h"

#include <algorithm>
#include <set>

#include "engine/journal/commit.h"
#include "engine/journal/compact.h"
#include "engine/journal/journaling.h"
#include "engine/read/merge.h"
#include "engine/state/catalog_pages.h"
#include "flashflood/error.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

using format::SealedJournal;

namespace {

constexpr int conflicts_max = 16;
constexpr std::size_t merge_journals_max = 64;
constexpr std::size_t read_bytes_max = std::size_t{4} << 20;

// The dates of a journal at which others have entries, too.
struct Overlap {
  std::size_t journal;
  Timestamp from{};
  Timestamp to{};
};

// `journals`: in order of their first dates.
std::vector<Overlap> overlaps_of(const std::vector<SealedJournal>& journals) {
  std::vector<Overlap> overlaps;
  std::optional<Timestamp> covered_to;  // by the journals before
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const SealedJournal& journal = journals[i];
    const bool before = covered_to && *covered_to >= journal.from;
    const bool behind = i + 1 < journals.size() && journals[i + 1].from <= journal.to;
    if (before || behind)
      overlaps.push_back({i, before ? journal.from : journals[i + 1].from,
                          behind ? journal.to : std::min(journal.to, *covered_to)});
    if (!covered_to || *covered_to < journal.to) covered_to = journal.to;
  }
  return overlaps;
}

// The journals in which an entry of one of `handed_out` is outranked, with those that outrank it;
// at most about merge_journals_max, the earliest ones. In order.
std::vector<SealedJournal> find_outdated(const Context& context, std::uint64_t catalog,
                                         const std::vector<SealedJournal>& handed_out,
                                         SnapshotLease& lease,
                                         const std::vector<SealedJournal>& around) {
  const auto overlaps = overlaps_of(around);
  std::vector<SealedJournal> inputs;
  for (const Overlap& overlap : overlaps) inputs.push_back(around[overlap.journal]);
  const auto ahead = std::make_shared<ReadAhead>(0);
  auto open = [&](const SealedJournal& journal) {
    const auto i = static_cast<std::size_t>(
        std::lower_bound(inputs.begin(), inputs.end(), journal) - inputs.begin());
    auto tail = load_sealed_tail(context, catalog, journal);
    format::EventRange range;
    // The range is open below; a date is whole microseconds.
    if (overlaps[i].from > timestamp_min)
      range.after = format::EventPosition{overlaps[i].from - std::chrono::microseconds{1}, {}};
    range.upto = format::EventPosition{overlaps[i].to, {}};
    const auto blocks = blocks_in(*tail, range);
    // Most blocks are not looked into: what nothing overlaps goes by unopened.
    auto run = std::make_unique<SparseRun>(
        context, JournalRun::Source{journal.key(), catalog, tail}, blocks, read_bytes_max);
    run->sealed = true;
    run->tag = i;
    return run;
  };
  Merge merge(context, {}, std::make_unique<RunQueue>(context, inputs, open, ahead));
  std::set<std::size_t> involved;
  merge.watch([&](const Run& loser, const Run& winner) {
    if (!std::binary_search(handed_out.begin(), handed_out.end(), inputs[loser.tag])) return;
    involved.insert({loser.tag, winner.tag});
  });
  while (involved.size() + 2 <= merge_journals_max && merge.next()) lease.keep();
  std::vector<SealedJournal> outdated;
  for (std::size_t i : involved) outdated.push_back(inputs[i]);
  return outdated;
}

// One look: nothing when everything is well; else what to merge.
std::vector<SealedJournal> look(const Context& context, std::optional<Timestamp> from,
                                std::optional<Timestamp> to, PresignPreparation& prepared) {
  const format::Catalog& catalog = *prepared.head.catalog;
  prepared.journals = journals_between(context, catalog, from, to);
  if (prepared.journals.empty()) return {};
  // Whole journals are handed out, so all of their dates count.
  Timestamp first = timestamp_max, last = timestamp_min;
  for (const SealedJournal& journal : prepared.journals) {
    first = std::min(first, journal.from);
    last = std::max(last, journal.to);
  }
  std::optional<Timestamp> before;
  if (first > timestamp_min) before = first - std::chrono::microseconds{1};
  return find_outdated(context, catalog.number, prepared.journals, *prepared.lease,
                       journals_between(context, catalog, before, last));
}

std::size_t merges_max(const Context& context, const format::Catalog& catalog) {
  return 16 + journals_between(context, catalog, std::nullopt, std::nullopt).size();
}

}  // namespace

PresignPreparation prepare_presigning(const Context& context, std::optional<Timestamp> from,
                                      std::optional<Timestamp> to) {
  JournalReport report;
  const JournalOptions defaults;
  if (!seal_everything(context, SealLimits{}, report))
    throw StoreUnavailable(
        "other journalers were faster again and again, so that the pending journals could not be "
        "sealed; make the splits again");
  // Each merge leaves fewer journals that are outdated, unless events are deleted meanwhile.
  std::optional<std::size_t> merges_left;
  for (int conflicts = 0; conflicts < conflicts_max;) {
    Survey surveyed = survey(context);
    PresignPreparation prepared;
    prepared.head = surveyed.head;
    prepared.lease = std::make_unique<SnapshotLease>(context, surveyed.head.catalog->number,
                                                     surveyed.head.began);
    try {
      auto outdated = look(context, from, to, prepared);
      if (outdated.empty()) return prepared;
      if (!merges_left) merges_left = merges_max(context, *prepared.head.catalog);
      if ((*merges_left)-- == 0)
        throw StoreUnavailable(
            "events were deleted and updated faster than their journals could be rewritten; make "
            "the splits again when there is less of that");
      if (merge_journals(context, surveyed, std::move(outdated), defaults.journal_bytes, report) ==
          MergeOutcome::merged) {
        conflicts = 0;
        continue;
      }
    } catch (const SnapshotExpired&) {
      // It was collected while it was read: another look.
    }
    pause_after_conflict(context, conflicts++, report);
  }
  throw StoreUnavailable(
      "other journalers were faster again and again, so that journals with deleted events could "
      "not be rewritten; make the splits again");
}

}  // namespace flashflood::engine
