#include "engine/journal/compact.h"

#include <algorithm>

#include "engine/journal/sealed_writer.h"
#include "engine/read/merge.h"
#include "engine/read/merge_entries.h"
#include "engine/state/id_index.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::EntryView;
using format::IndexRun;
using format::SealedJournal;

namespace {

constexpr std::size_t merge_journals_max = 64;  // inputs of one merge
constexpr std::size_t small_journals_min = 4;   // neighbours that are worth a merge
constexpr std::size_t cover_max = 8;            // journals over one date that are well
constexpr std::uint64_t index_ratio = 3;

// The journals that cover the most covered date, if more than `cover_max` do.
std::vector<SealedJournal> choose_overlapping(const std::vector<SealedJournal>& journals) {
  std::vector<SealedJournal> covering, best;
  for (const SealedJournal& journal : journals) {
    std::erase_if(covering, [&](const SealedJournal& other) { return other.to < journal.from; });
    covering.push_back(journal);
    if (covering.size() > std::max(best.size(), cover_max)) best = covering;
    if (best.size() >= merge_journals_max) break;
  }
  return best;
}

// Neighbours that together make at most one journal, none of them most of it.
std::vector<SealedJournal> choose_small(const std::vector<SealedJournal>& journals,
                                        std::size_t journal_bytes) {
  for (std::size_t begin = 0; begin < journals.size(); ++begin) {
    std::uint64_t sum = 0, largest = 0;
    std::size_t end = begin;
    while (end < journals.size() && end - begin < merge_journals_max &&
           sum + journals[end].raw_bytes <= journal_bytes) {
      sum += journals[end].raw_bytes;
      largest = std::max(largest, journals[end].raw_bytes);
      ++end;
    }
    if (end - begin >= small_journals_min && largest * 4 <= sum * 3)
      return {journals.begin() + static_cast<std::ptrdiff_t>(begin),
              journals.begin() + static_cast<std::ptrdiff_t>(end)};
  }
  return {};
}

std::vector<SealedJournal> rewrite(const Context& context, std::uint64_t catalog,
                                   const std::vector<SealedJournal>& journals,
                                   std::size_t journal_bytes) {
  std::size_t window =
      std::max(context.block_bytes, (std::size_t{64} << 20) / (2 * journals.size()));
  std::vector<std::unique_ptr<Run>> runs;
  for (const SealedJournal& journal : journals) {
    auto [tail, whole] = open_sealed(context, catalog, journal, window);
    JournalRun::Source source{journal.key(), catalog, std::move(tail), false, std::move(whole)};
    runs.push_back(std::make_unique<JournalRun>(context, std::move(source), std::nullopt,
                                                std::nullopt, JournalRun::Reading{window}));
    runs.back()->sealed = true;
  }
  Merge merge(context, std::move(runs));
  SealedWriter writer(context, catalog, journal_bytes);
  for_each_entry(context, merge, [&](const EntryView& entry) { writer.add(entry); });
  return writer.finish();
}

MergeOutcome finish(const Context& context, const CommitPlan& plan, JournalReport& report) {
  if (commit(context, plan) == CommitOutcome::conflict) return MergeOutcome::conflict;
  ++report.commits;
  report.merged_journals += plan.journals.removed.size();
  report.written_journals += plan.journals.added.size();
  return MergeOutcome::merged;
}

}  // namespace

std::vector<SealedJournal> choose_merge(const std::vector<SealedJournal>& journals,
                                        std::size_t journal_bytes) {
  auto chosen = choose_overlapping(journals);
  return chosen.empty() ? choose_small(journals, journal_bytes) : chosen;
}

std::size_t choose_index_merge(const std::vector<IndexRun>& runs) {
  std::size_t chosen = 0;
  std::uint64_t sum = runs.empty() ? 0 : runs.back().entries();
  for (std::size_t count = 2; count <= runs.size(); ++count) {
    std::uint64_t next = runs[runs.size() - count].entries();
    if (next < index_ratio * sum) chosen = count;
    sum += next;
  }
  return chosen;
}

MergeOutcome merge_journals(const Context& context, const Survey& surveyed,
                            std::vector<SealedJournal> journals, std::size_t journal_bytes,
                            JournalReport& report) {
  try {
    CommitPlan plan(surveyed);
    plan.journals.removed = std::move(journals);
    plan.journals.added = rewrite(context, plan.base->number, plan.journals.removed, journal_bytes);
    return finish(context, plan, report);
  } catch (const SnapshotExpired&) {
    return MergeOutcome::conflict;
  }
}

MergeOutcome merge_sealed(const Context& context, const Survey& surveyed, std::size_t journal_bytes,
                          JournalReport& report) {
  try {
    auto chosen =
        choose_merge(journals_between(context, *surveyed.head.catalog, std::nullopt, std::nullopt),
                     journal_bytes);
    if (chosen.empty()) return MergeOutcome::nothing_to_do;
    return merge_journals(context, surveyed, std::move(chosen), journal_bytes, report);
  } catch (const SnapshotExpired&) {
    return MergeOutcome::conflict;
  }
}

MergeOutcome merge_index(const Context& context, const Survey& surveyed, JournalReport& report) {
  try {
    const auto& base = *surveyed.head.catalog;
    std::size_t count = choose_index_merge(base.index);
    if (count == 0) return MergeOutcome::nothing_to_do;
    CommitPlan plan(surveyed);
    plan.replaced.assign(base.index.end() - static_cast<std::ptrdiff_t>(count), base.index.end());
    IndexRunWriter writer(context, base.number);
    scan_index(context, IndexView(base.number, plan.replaced),
               [&](const format::IndexEntry& entry) { writer.add(entry); });
    plan.replacement = writer.finish();
    return finish(context, plan, report);
  } catch (const SnapshotExpired&) {
    return MergeOutcome::conflict;
  }
}

}  // namespace flashflood::engine
