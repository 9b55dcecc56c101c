// One run of the simulation: a flood, its actors, and what they do.
//
// Threads: run() may be called on any thread; it makes and ends the actors' threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/state/context.h"
#include "simulation/faulty_store.h"
#include "simulation/oracle.h"
#include "simulation/scheduler.h"

namespace flashflood::simulation {

// What differs from seed to seed.
struct Plan {
  StoreConfig store;
  nanoseconds tick{1};  // of the store's clock
  nanoseconds think_max{};
  bool retries = false;  // actors' stores repeat requests
  bool damage = false;   // answers may be damaged on their way
  std::size_t ids = 4;
  std::size_t writers = 3, recorders = 2, journalers = 2, collectors = 1, readers = 2;
  std::size_t turns = 12;
  double rest = 0.1;  // how often an actor rests until the next half hour
  std::uint64_t check_every = 60;

  static Plan of_seed(Dice& dice);
};

struct Result {
  std::string failure;  // empty: all is well
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t catalogs = 0;
  std::uint64_t operations = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed);
  Result run(bool print_trace);

 private:
  using ContextPtr = std::shared_ptr<engine::Context>;
  using Turn = void (World::*)(Actor&, const ContextPtr&);

  ContextPtr open();
  void start(const std::string& name, std::size_t count, Turn turn);
  void live(Actor& actor, Turn turn, std::shared_ptr<ContextPtr> process);
  void think(Actor& actor);

  void write(Actor& actor, const ContextPtr& context);
  void record(Actor& actor, const ContextPtr& context);
  void journal(Actor& actor, const ContextPtr& context);
  void collect(Actor& actor, const ContextPtr& context);
  void read(Actor& actor, const ContextPtr& context);
  void get(const engine::Context& context, const std::string& id);
  void replay(const ContextPtr& context);
  void verify(const engine::Context& context);
  // Errors that a change of one event may end with, as its outcome.
  Outcome outcome_of(Actor& actor, const std::function<void()>& change);
  // Runs what may fail without consequences.
  void attempt(const std::string& what, const std::function<void()>& action);

  void check_now(bool settled);
  void settle();

  std::string any_id();
  Timestamp any_date();
  std::string make_data(std::uint64_t operation);

  const std::chrono::seconds grace_{3600};
  const std::chrono::seconds patience_{600};
  Scheduler scheduler_;
  Plan plan_;
  Bucket bucket_;
  Oracle oracle_;
  ContextPtr observer_;  // reads instantly
  std::uint64_t next_check_ = 0;
  std::uint64_t bulk_ids_ = 0;
};

}  // namespace flashflood::simulation
