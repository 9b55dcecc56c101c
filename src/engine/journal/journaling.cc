#include "engine/journal/journaling.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/journal/compact.h"
#include "engine/journal/seal.h"
#include "flashflood/error.h"

namespace flashflood::engine {

namespace {

constexpr int conflicts_max = 16;  // in a row; somebody else is journaling, then
constexpr std::chrono::milliseconds pause_max{200};

// Tells of the events that were sealed, out of those that were pending at the beginning. What comes
// in meanwhile is sealed too.
class Teller {
 public:
  Teller() = default;
  Teller(const ProgressCallback& progress, std::uint64_t pending)
      : progress_(progress), pending_(pending) {}

  void tell(const JournalReport& report) const {
    if (!progress_) return;
    progress_(
        {report.sealed_events, std::max(pending_, report.sealed_events), report.sealed_data_bytes});
  }

 private:
  ProgressCallback progress_;
  std::uint64_t pending_ = 0;
};

// As seal_everything, from a survey that was made just before.
bool seal_from(const Context& context, Survey surveyed, const SealLimits& limits,
               JournalReport& report, const Teller& teller) {
  for (int conflicts = 0; conflicts < conflicts_max; surveyed = survey(context)) {
    if (surveyed.head.singles.empty() && surveyed.head.bulks.empty()) return true;
    switch (seal_pending(context, surveyed, limits, report)) {
      case SealOutcome::sealed_all:
        teller.tell(report);
        return true;
      case SealOutcome::sealed_some:
        teller.tell(report);
        conflicts = 0;
        break;
      case SealOutcome::conflict:
        pause_after_conflict(context, conflicts++, report);
        break;
    }
  }
  return false;
}

class Journaling {
 public:
  Journaling(const Context& context, const JournalOptions& options)
      : context_(context), options_(options) {
    if (options.journal_bytes < (std::size_t{1} << 20) ||
        options.journal_bytes > (std::size_t{1} << 30))
      throw InvalidArgument("journal_bytes takes 1 MiB to 1 GiB");
    limits_.journal_bytes = options.journal_bytes;
  }

  JournalReport run() {
    if (options_.min_data_bytes > 0) check_data();
    Survey surveyed = survey(context_);
    check_listed(surveyed.head);
    if (options_.progress) teller_ = {options_.progress, pending_events(surveyed.head)};
    teller_.tell(report_);
    // When others are faster, they seal what was pending.
    static_cast<void>(seal_from(context_, std::move(surveyed), limits_, report_, teller_));
    const Due due = what_is_due();
    if (due.journals) merge_all_journals();
    if (due.index) merge_index_runs();
    return report_;
  }

 private:
  void check_listed(const Head& head) {
    if (options_.min_events == 0 && options_.min_bytes == 0) return;
    const std::uint64_t events = pending_events(head);
    std::uint64_t bytes = 0;
    for (const auto& single : head.singles) bytes += single.size;
    for (const auto& bulk : head.bulks) bytes += bulk.size;
    if (events < options_.min_events)
      throw JournalingConditionNotMet(
          fmt::format("pending events: {}, fewer than {}", events, options_.min_events));
    if (bytes < options_.min_bytes)
      throw JournalingConditionNotMet(
          fmt::format("pending bytes: {}, fewer than {}", bytes, options_.min_bytes));
  }

  std::uint64_t pending_events(const Head& head) const {
    std::uint64_t events = head.singles.size();
    for (const auto& bulk : head.bulks)
      if (TailPtr tail = load_pending_tail(context_, bulk)) events += tail->entries();
    return events;
  }

  void check_data() {
    std::uint64_t bytes = 0;
    retry_until_consistent(context_, [&] {
      Head head = load_head(context_);
      bytes = 0;
      for (const PendingBulk& bulk : head.bulks)
        if (TailPtr tail = load_pending_tail(context_, bulk)) bytes += pending_data_bytes(*tail);
      return for_each_single(context_, head, [&](SingleEntry&& single) {
        bytes += single.entry.data.size();
        return bytes < options_.min_data_bytes;
      });
    });
    if (bytes < options_.min_data_bytes)
      throw JournalingConditionNotMet(
          fmt::format("bytes of pending data: {}, fewer than {}", bytes, options_.min_data_bytes));
  }

  struct Due {
    bool journals = true;
    bool index = true;
  };
  // Mostly there is nothing to merge, which the catalog tells, so that nothing has to be surveyed.
  Due what_is_due() {
    try {
      const auto catalog = load_newest_catalog(context_).catalog;
      return {options_.merge && !choose_merge(journals_between(context_, *catalog, {}, {}),
                                              options_.journal_bytes)
                                     .empty(),
              choose_index_merge(catalog->index) > 0};
    } catch (const SnapshotExpired&) {
      return {options_.merge, true};
    }
  }

  void merge_all_journals() {
    for (int conflicts = 0; conflicts < conflicts_max;) {
      switch (merge_sealed(context_, survey(context_), options_.journal_bytes, report_)) {
        case MergeOutcome::nothing_to_do:
          return;
        case MergeOutcome::merged:
          teller_.tell(report_);
          conflicts = 0;
          break;
        case MergeOutcome::conflict:
          pause_after_conflict(context_, conflicts++, report_);
          break;
      }
    }
  }

  void merge_index_runs() {
    for (int conflicts = 0; conflicts < conflicts_max;) {
      switch (merge_index(context_, survey(context_), report_)) {
        case MergeOutcome::nothing_to_do:
        case MergeOutcome::merged:
          return;
        case MergeOutcome::conflict:
          pause_after_conflict(context_, conflicts++, report_);
          break;
      }
    }
  }

  const Context& context_;
  const JournalOptions& options_;
  SealLimits limits_;
  Teller teller_;
  JournalReport report_;
};

}  // namespace

bool seal_everything(const Context& context, const SealLimits& limits, JournalReport& report) {
  return seal_from(context, survey(context), limits, report, Teller());
}

// They pause for different times.
void pause_after_conflict(const Context& context, int conflicts, JournalReport& report) {
  ++report.conflicts;
  std::uint32_t random = 0;
  context.env.random->fill(std::as_writable_bytes(std::span(&random, 1)));
  auto most = std::min<std::chrono::nanoseconds>(
      std::chrono::milliseconds{10} * (1 << std::min(conflicts, 5)), pause_max);
  context.env.clock->sleep_for(most * (random % 1024) / 1024);
}

JournalReport journal(const Context& context, const JournalOptions& options) {
  return Journaling(context, options).run();
}

}  // namespace flashflood::engine
