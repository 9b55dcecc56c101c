#include "engine/journaling.h"

#include <fmt/format.h>

#include "engine/compact.h"
#include "engine/seal.h"
#include "flashflood/error.h"

namespace flashflood::engine {

namespace {

constexpr int conflicts_max = 16;  // in a row; somebody else is journaling, then
constexpr std::chrono::milliseconds pause_max{200};

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
    check_conditions();
    seal_everything();
    if (options_.merge) merge_journals();
    merge_index_runs();
    return report_;
  }

 private:
  void check_conditions() {
    if (options_.min_events == 0 && options_.min_bytes == 0) return;
    Head head = load_head(context_);
    std::uint64_t events = head.singles.size(), bytes = 0;
    for (const auto& single : head.singles) bytes += single.size;
    for (const auto& bulk : head.bulks) {
      bytes += bulk.size;
      if (TailPtr tail = load_pending_tail(context_, bulk)) events += tail->entries();
    }
    if (events < options_.min_events)
      throw JournalingConditionNotMet(
          fmt::format("pending events: {}, fewer than {}", events, options_.min_events));
    if (bytes < options_.min_bytes)
      throw JournalingConditionNotMet(
          fmt::format("pending bytes: {}, fewer than {}", bytes, options_.min_bytes));
  }

  void seal_everything() {
    for (int conflicts = 0; conflicts < conflicts_max;) {
      Survey surveyed = survey(context_);
      if (surveyed.head.singles.empty() && surveyed.head.bulks.empty()) return;
      switch (seal_pending(context_, surveyed, limits_, report_)) {
        case SealOutcome::sealed_all:
          tell_progress();
          return;
        case SealOutcome::sealed_some:
          tell_progress();
          conflicts = 0;
          break;
        case SealOutcome::conflict:
          note_conflict(conflicts++);
          break;
      }
    }
  }

  void merge_journals() {
    for (int conflicts = 0; conflicts < conflicts_max;) {
      switch (merge_sealed(context_, survey(context_), options_.journal_bytes, report_)) {
        case MergeOutcome::nothing_to_do:
          return;
        case MergeOutcome::merged:
          tell_progress();
          conflicts = 0;
          break;
        case MergeOutcome::conflict:
          note_conflict(conflicts++);
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
          note_conflict(conflicts++);
          break;
      }
    }
  }

  // Journalers that collide pause for different times.
  void note_conflict(int conflicts) {
    ++report_.conflicts;
    std::uint32_t random = 0;
    context_.env.random->fill(std::as_writable_bytes(std::span(&random, 1)));
    auto most = std::min<std::chrono::nanoseconds>(
        std::chrono::milliseconds{10} * (1 << std::min(conflicts, 5)), pause_max);
    context_.env.clock->sleep_for(most * (random % 1024) / 1024);
  }

  void tell_progress() const {
    if (options_.progress) options_.progress({report_.sealed_events, 0, 0});
  }

  const Context& context_;
  const JournalOptions& options_;
  SealLimits limits_;
  JournalReport report_;
};

}  // namespace

JournalReport journal(const Context& context, const JournalOptions& options) {
  return Journaling(context, options).run();
}

}  // namespace flashflood::engine
