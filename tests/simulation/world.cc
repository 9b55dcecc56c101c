#include "simulation/world.h"

#include <fmt/format.h>

#include "engine/journal/journaling.h"
#include "engine/read/lookup.h"
#include "engine/read/replayer.h"
#include "engine/state/open.h"
#include "engine/upkeep/collector.h"
#include "engine/upkeep/verifier.h"
#include "store/retry_store.h"

namespace flashflood::simulation {

using namespace std::chrono_literals;

Plan Plan::of_seed(Dice& dice) {
  Plan plan;
  auto pick = [&](auto... values) {
    std::common_type_t<decltype(values)...> all[] = {values...};
    return all[dice.below(sizeof...(values))];
  };
  const double rate = pick(0.0, 0.01, 0.03, 0.08);
  FaultRates& faults = plan.store.faults;
  for (double* fault : {&faults.request_lost, &faults.answer_lost, &faults.late, &faults.duplicate,
                        &faults.partial})
    *fault = dice.chance(0.7) ? rate : 0;
  faults.full = dice.chance(0.1) ? 0.02 : 0;
  faults.crash = pick(0.0, 0.0, 0.002, 0.01);
  faults.pause = pick(0.0, 0.002, 0.005, 0.02);
  if (dice.below(16) == 0) {
    plan.damage = true;
    faults.flipped_bit = 0.02;
    faults.truncated = 0.02;
  }
  plan.store.latency_max = pick(5ms, 300ms, 20000ms);
  plan.store.pause_max = pick(20min, 180min);
  plan.store.page_max = pick(std::size_t{3}, std::size_t{5}, std::size_t{1000});
  plan.tick = pick(nanoseconds(1), nanoseconds(1), nanoseconds(1ms), nanoseconds(1s));
  plan.think_max = pick(1s, 60s, 900s);
  plan.retries = dice.chance(0.4);
  plan.ids = pick(std::size_t{1}, std::size_t{3}, std::size_t{8});
  plan.writers = 2 + dice.below(4);
  plan.recorders = dice.below(4);
  plan.journalers = 1 + dice.below(3);
  plan.collectors = 1 + dice.below(2);
  plan.readers = 1 + dice.below(2);
  plan.turns = 8 + dice.below(10);
  plan.rest = pick(0.05, 0.15, 0.4);
  return plan;
}

World::World(std::uint64_t seed)
    : scheduler_(seed),
      plan_(Plan::of_seed(scheduler_.dice())),
      bucket_([this] { return StoreTimestamp(simulation_start + scheduler_.now()); }, plan_.tick),
      oracle_(scheduler_, bucket_, grace_, patience_) {}

World::ContextPtr World::open() {
  Dice& dice = scheduler_.dice();
  const bool mine = Scheduler::current() == nullptr;
  auto error = mine ? 0ns : nanoseconds(std::chrono::minutes(dice.below(20000))) - 200h;
  Environment env = make_environment(scheduler_, dice.bits(), error);
  std::shared_ptr<ObjectStore> store =
      std::make_shared<FaultyStore>(scheduler_, bucket_, plan_.store);
  if (plan_.retries && !mine) store = make_retry_store(std::move(store), env);
  OpenOptions options;
  options.grace = grace_;
  options.patience = patience_;
  options.compression = dice.chance(0.5) ? "none" : "lz4";
  options.cache_bytes = dice.chance(0.2) ? 0 : 1 << 20;
  options.block_cache_bytes = options.cache_bytes;
  auto context = engine::open_context(std::move(store), env, options);
  context->block_bytes = dice.chance(0.5) ? 40 : 4096;  // few entries in a block, or all
  return context;
}

void World::start(const std::string& name, std::size_t count, Turn turn) {
  // Every other actor is a second thread of the process before it.
  std::shared_ptr<ContextPtr> process;
  for (std::size_t i = 0; i < count; ++i) {
    if (!process || scheduler_.dice().chance(0.7)) process = std::make_shared<ContextPtr>();
    scheduler_.spawn(fmt::format("{}-{}", name, i),
                     [this, turn, process](Actor& actor) { live(actor, turn, process); });
  }
}

void World::live(Actor& actor, Turn turn, std::shared_ptr<ContextPtr> process) {
  for (std::size_t turns = plan_.turns; turns > 0;) {
    try {
      think(actor);
      if (!*process) {
        try {
          *process = open();
        } catch (const StoreUnavailable&) {
          continue;
        } catch (const CorruptData&) {
          if (!plan_.damage) throw;
          continue;
        } catch (const NotAFlood&) {
          if (!plan_.damage) throw;
          continue;
        }
      }
      --turns;
      ContextPtr context = *process;
      (this->*turn)(actor, context);
    } catch (const Crash&) {
      if (scheduler_.stopping()) return;
      actor.crashed = false;
      actor.operation = 0;
      process->reset();
    } catch (const std::exception& error) {
      oracle_.fail(fmt::format("{}: {}", actor.name, error.what()));
      return;
    }
  }
}

void World::think(Actor& actor) {
  Dice& dice = scheduler_.dice();
  nanoseconds pause = dice.duration(1ms, plan_.think_max);
  if (dice.chance(plan_.rest)) {  // together with the others
    nanoseconds half_hour = 30min;
    nanoseconds halves = half_hour * static_cast<std::int64_t>(dice.below(3));
    pause = half_hour - scheduler_.now() % half_hour + halves + dice.duration(1ms, 2s);
  }
  scheduler_.wait(pause);
  if (actor.crashed) throw Crash{};
}

// Reads everything instantly: what is there now must be the state of now.
void World::check_now(bool settled) {
  try {
    std::vector<Event> events;
    engine::Replayer replayer(observer_, {});
    for (auto batch = replayer.next_batch(); !batch.empty(); batch = replayer.next_batch())
      for (const EventView& event : batch) events.push_back(event.copy());
    oracle_.check_replay(events, std::nullopt, std::nullopt, {scheduler_.step(), scheduler_.step()},
                         settled);
    auto ids = oracle_.ids();
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (settled || i < plan_.ids) get(*observer_, ids[i]);
  } catch (const std::exception& error) {
    oracle_.fail(fmt::format("instant reader: {}", error.what()));
  }
}

// Faults are over: maintenance finishes, and leaves nothing behind.
void World::settle() {
  try {
    std::uint64_t catalogs = 0;
    for (int round = 0; round < 20; ++round) {
      scheduler_.advance(2h);
      engine::journal(*observer_, {});
      check_now(false);
      engine::collect_garbage(*observer_, {});
      if (!oracle_.failure().empty()) return;
      if (catalogs == oracle_.catalogs()) break;
      catalogs = oracle_.catalogs();
    }
    check_now(true);
    oracle_.check_tidy();
    oracle_.check_operations();
    for (const auto& problem : engine::verify(*observer_, {}).problems)
      oracle_.fail(fmt::format("verify: {}: {}", problem.key, problem.what));
  } catch (const std::exception& error) {
    oracle_.fail(fmt::format("when all is calm: {}", error.what()));
  }
}

Result World::run(bool print_trace) {
  scheduler_.print_trace(print_trace);
  observer_ = open();
  bucket_.observe(&oracle_);
  start("writer", plan_.writers, &World::write);
  start("recorder", plan_.recorders, &World::record);
  start("journaler", plan_.journalers, &World::journal);
  start("collector", plan_.collectors, &World::collect);
  start("reader", plan_.readers, &World::read);
  scheduler_.run([this] {
    if (scheduler_.step() < next_check_) return;
    next_check_ = scheduler_.step() + plan_.check_every;
    check_now(false);
  });
  if (oracle_.failure().empty()) settle();
  return {oracle_.failure(), scheduler_.trace_hash(), scheduler_.step(), oracle_.catalogs(),
          oracle_.new_operation() - 1};
}

}  // namespace flashflood::simulation
