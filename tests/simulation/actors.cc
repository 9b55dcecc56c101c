// What the actors of the simulation do in each turn.
#include <fmt/format.h>

#include "engine/journal/compact.h"
#include "engine/journal/journaling.h"
#include "engine/journal/seal.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/upkeep/collector.h"
#include "engine/upkeep/verifier.h"
#include "engine/write/recorder.h"
#include "engine/write/single.h"
#include "simulation/world.h"

namespace flashflood::simulation {

using namespace std::chrono_literals;

std::string World::any_id() { return fmt::format("id-{}", scheduler_.dice().below(plan_.ids)); }

Timestamp World::any_date() {
  return Timestamp(std::chrono::hours(24 * scheduler_.dice().below(5)));
}

// Tells which operation wrote it.
std::string World::make_data(std::uint64_t operation) {
  return fmt::format(R"({{"operation": {}}})", operation);
}

Outcome World::outcome_of(Actor& actor, const std::function<void()>& change) {
  Outcome outcome = Outcome::done;
  try {
    change();
  } catch (const EventExists&) {
    outcome = Outcome::exists;
  } catch (const EventNotFound&) {
    outcome = Outcome::not_found;
  } catch (const RevisionConflict&) {
    outcome = Outcome::conflict;
  } catch (const OutcomeUnknown&) {
    outcome = Outcome::unknown;
  } catch (const StoreUnavailable&) {
    outcome = Outcome::refused;
  } catch (const StoreFull&) {
    outcome = Outcome::refused;
  } catch (const CorruptData&) {
    if (!plan_.damage) throw;
    outcome = Outcome::refused;
  }
  if (actor.crashed) throw Crash{};
  return outcome;
}

void World::write(Actor& actor, const ContextPtr& context) {
  Dice& dice = scheduler_.dice();
  std::string id = any_id();
  auto kind = static_cast<OperationKind>(std::array{0, 0, 0, 0, 1, 1, 1, 2, 2}[dice.below(9)]);
  std::optional<std::uint64_t> expected;
  if (kind != OperationKind::put && dice.chance(0.4)) {
    try {
      expected = engine::look_up(*context, id, IdHash::of(id), false).revision;
    } catch (const Error&) {
      expected = 1;
    }
    if (dice.chance(0.2)) ++*expected;
    if (*expected == 0) expected = 1;
  }
  const std::uint64_t operation = oracle_.new_operation();
  actor.operation = operation;
  Interval when{scheduler_.step(), 0};
  std::optional<std::uint64_t> revision;
  Outcome outcome = outcome_of(actor, [&] {
    switch (kind) {
      case OperationKind::put: {
        NewEvent event{id, any_date(), make_data(operation)};
        if (dice.chance(0.15)) event.id.reset();
        if (dice.chance(0.1)) event.date.reset();
        if (!event.id) id.clear();
        id = engine::put_event(*context, event);
        break;
      }
      case OperationKind::update:
        revision = engine::update_event(*context, id, make_data(operation), expected);
        break;
      case OperationKind::erase:
        engine::erase_event(*context, id, expected);
        break;
    }
  });
  when.end = scheduler_.step();
  actor.operation = 0;
  scheduler_.note(fmt::format("operation {} ({}) on {}: outcome {}", operation,
                              static_cast<int>(kind), id, static_cast<int>(outcome)));
  oracle_.finish(operation, kind, id, expected, when, outcome, revision);
}

void World::record(Actor& actor, const ContextPtr& context) {
  Dice& dice = scheduler_.dice();
  RecorderOptions options;
  options.eager = dice.chance(0.5);
  options.in_flight = 1 + dice.below(3);
  engine::BulkRecorder recorder(context, options);
  std::vector<std::string> ids;
  Interval when{scheduler_.step(), 0};
  try {
    for (std::size_t count = 1 + dice.below(5); count > 0; --count) {
      ids.push_back(dice.chance(0.7) ? any_id() : fmt::format("bulk-{}", ++bulk_ids_));
      recorder.put(ids.back(), any_date(), make_data(oracle_.new_operation()));
    }
    recorder.flush();
  } catch (const OutcomeUnknown&) {
    return;
  } catch (const StoreFull&) {
    return;
  } catch (const CorruptData&) {
    if (!plan_.damage) throw;
    return;
  }
  when.end = scheduler_.step();
  if (actor.crashed) throw Crash{};
  scheduler_.note(fmt::format("recorded {} events", ids.size()));
  for (const std::string& id : ids) oracle_.check_recorded(id, when);
}

void World::attempt(const std::string& what, const std::function<void()>& action) {
  try {
    action();
    scheduler_.note(what);
  } catch (const StoreUnavailable&) {
  } catch (const OutcomeUnknown&) {
  } catch (const StoreFull&) {
  } catch (const CorruptData&) {
    if (!plan_.damage) throw;
  }
  if (Scheduler::current()->crashed) throw Crash{};
}

void World::journal(Actor&, const ContextPtr& context) {
  Dice& dice = scheduler_.dice();
  if (dice.chance(0.5)) {
    attempt("journaled", [&] {
      JournalOptions options;
      options.journal_bytes = 1 << 20;
      options.merge = dice.chance(0.7);
      engine::journal(*context, options);
    });
    return;
  }
  // Parts of what is pending, to small journals.
  engine::SealLimits limits;
  limits.singles_max = 1 + dice.below(3);
  limits.bulks_max = 1 + dice.below(2);
  limits.journal_bytes = dice.chance(0.5) ? 60 : 1000;
  JournalReport report;
  attempt("sealed some", [&] {
    engine::seal_pending(*context, engine::survey(*context), limits, report);
    if (dice.chance(0.5)) engine::merge_sealed(*context, engine::survey(*context), 500, report);
    if (dice.chance(0.5)) engine::merge_index(*context, engine::survey(*context), report);
  });
}

void World::collect(Actor&, const ContextPtr& context) {
  CollectOptions options;
  options.advance = scheduler_.dice().chance(0.8);
  options.dry_run = scheduler_.dice().chance(0.1);
  attempt("collected", [&] { engine::collect_garbage(*context, options); });
}

void World::read(Actor&, const ContextPtr& context) {
  double kind = scheduler_.dice().unit();
  attempt("read", [&] {
    if (kind < 0.4) {
      get(*context, any_id());
    } else if (kind < 0.95) {
      replay(context);
    } else {
      verify(*context);
    }
  });
}

void World::get(const engine::Context& context, const std::string& id) {
  Interval when{scheduler_.step(), 0};
  auto state = engine::look_up(context, id, IdHash::of(id), true);
  when.end = scheduler_.step();
  std::optional<Event> event;
  if (state.live()) event = Event{id, state.date, state.data, state.revision};
  oracle_.check_get(id, event, when);
}

void World::replay(const ContextPtr& context) {
  Dice& dice = scheduler_.dice();
  ReplayOptions options;
  if (dice.chance(0.3)) options.from = any_date() - 1h * dice.below(2);
  if (dice.chance(0.3)) options.to = any_date() + 1h * dice.below(2);
  if (options.from && options.to && *options.from > *options.to)
    std::swap(options.from, options.to);
  const bool slow = dice.chance(0.3);
  Interval when{scheduler_.step(), 0};
  nanoseconds began = scheduler_.now();
  std::vector<Event> events;
  try {
    engine::Replayer replayer(context, options);
    when.end = scheduler_.step();
    for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch()) {
      for (const EventView& event : batch) events.push_back(event.copy());
      if (slow) scheduler_.wait(dice.duration(1s, 40min));
    }
  } catch (const SnapshotExpired& error) {
    if (scheduler_.now() - began <= nanoseconds(grace_) * 3 / 4)
      oracle_.fail(fmt::format("a snapshot expired too early: {}", error.what()));
    return;
  }
  oracle_.check_replay(events, options.from, options.to, when, false);
}

void World::verify(const engine::Context& context) {
  try {
    auto report = engine::verify(context, {});
    if (plan_.damage) return;
    for (const auto& problem : report.problems)
      oracle_.fail(fmt::format("verify: {}: {}", problem.key, problem.what));
  } catch (const SnapshotExpired&) {
  }
}

}  // namespace flashflood::simulation
