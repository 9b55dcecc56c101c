// The oracle: knows from the bucket itself what every event's state was after each step, and judges
// what the actors were told.
//
// What counts is taken from the first creation of each pending journal: `e-` objects arbitrate, so
// that the first of a revision is that revision; of bulk journals the earliest arrival counts.
// Every answer must agree with the state at some step between its question and itself. Since the
// states are a legal history, so are the answers: the operations on one id are linearizable.
//
// Threads: one at a time (the scheduler sees to it).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "format/catalog.h"
#include "format/entry.h"
#include "simulation/bucket.h"
#include "simulation/scheduler.h"

namespace flashflood::simulation {

// Steps of the scheduler, both included.
struct Interval {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

enum class OperationKind { put, update, erase };

enum class Outcome {
  done,
  exists,     // EventExists
  not_found,  // EventNotFound
  conflict,   // RevisionConflict
  refused,    // an error that says that nothing happened
  unknown,    // it may have happened, or happen yet
};

class Oracle final : public Bucket::Observer {
 public:
  Oracle(Scheduler& scheduler, const Bucket& bucket, std::chrono::seconds grace,
         std::chrono::seconds patience)
      : scheduler_(scheduler), bucket_(bucket), grace_(grace), patience_(patience) {}

  void created(const std::string& key, const Bucket::Object& object,
               std::uint64_t operation) override;
  void removed(const std::string& key, const Bucket::Object& object) override;

  std::uint64_t new_operation() { return ++operations_; }
  // What became of a single operation; `revision` where the caller was told one.
  void finish(std::uint64_t operation, OperationKind kind, const std::string& id,
              std::optional<std::uint64_t> expected, Interval when, Outcome outcome,
              std::optional<std::uint64_t> revision);
  // A get; nothing: there is no such event.
  void check_get(const std::string& id, const std::optional<Event>& answer, Interval when);
  // A replay that was made in `when`, and its events. `settled`: everything is journaled, so that
  // the exceptions for bulk events under way do not apply.
  void check_replay(const std::vector<Event>& events, std::optional<Timestamp> from,
                    std::optional<Timestamp> to, Interval when, bool settled);
  // A bulk put that was acknowledged.
  void check_recorded(const std::string& id, Interval when);

  // At the end of the run.
  void check_operations();
  // Nothing may be left of what is not needed.
  void check_tidy();

  void fail(const std::string& what);
  // The first thing that went wrong; empty when all is well.
  const std::string& failure() const { return failure_; }
  std::vector<std::string> ids() const;
  std::uint64_t catalogs() const { return newest_.number; }

 private:
  // What an id's state is, from one step on.
  struct State {
    std::uint64_t step = 0;
    bool live = false;
    bool single = false;
    std::uint64_t revision = 0;
    Timestamp date{};
    std::string data;
    std::string object;         // the pending journal it came with
    std::vector<Event> tied{};  // bulk events that arrived at the same instant
    bool is(const Event& event) const;
  };
  struct BulkEvent {
    std::uint64_t arrival = 0;
    std::uint64_t content = 0;
    Event event;
    std::string object;
  };
  struct SingleEvent {
    Event event;
    std::string object;
    std::uint64_t step = 0;
  };
  struct History {
    std::vector<State> states;  // by step
    std::vector<BulkEvent> bulk;
    std::vector<SingleEvent> singles;
    std::map<std::uint64_t, std::uint64_t> operations;  // by revision
  };
  // When a pending journal was pending: a key may be created again after it was collected.
  struct Pending {
    std::uint64_t created = 0;
    std::optional<std::uint64_t> retired;
  };
  struct Finished {
    OperationKind kind;
    std::string id;
    Interval when;
    Outcome outcome;
    std::optional<std::uint64_t> revision;
  };
  struct Effect {
    std::uint64_t step;
    std::string id;
    std::uint64_t revision;
  };

  void created_single(const std::string& key, const Bucket::Object& object,
                      std::uint64_t operation);
  void created_bulk(const std::string& key, const Bucket::Object& object);
  void created_catalog(const std::string& key, const Bucket::Object& object);
  void add_bulk(BulkEvent&& event);
  void check_watermarks(const format::Catalog& next);
  void check_named();
  // Whether some state of the id in the interval fits.
  bool any_state(const std::string& id, Interval when,
                 const std::function<bool(const State&)>& fits) const;
  bool pending_in(const std::string& object, Interval when) const;
  bool explains(const History& history, const State& state, std::vector<Event> shown,
                std::optional<Timestamp> from, std::optional<Timestamp> to, Interval when,
                bool settled) const;
  std::string describe(const std::string& id, Interval when) const;

  Scheduler& scheduler_;
  const Bucket& bucket_;
  const std::chrono::seconds grace_;
  const std::chrono::seconds patience_;
  std::uint64_t operations_ = 0;
  std::map<std::string, History> histories_;
  std::map<std::string, std::vector<Pending>> pending_;    // by key
  std::map<std::uint64_t, std::vector<Effect>> effects_;   // by operation
  std::map<std::uint64_t, Finished> finished_;             // by operation
  std::map<std::string, std::uint64_t> retired_;           // number of the catalog, by key
  std::map<std::uint64_t, StoreTimestamp> catalog_dates_;  // of their first creation
  format::Catalog newest_;
  std::set<std::string> named_;  // by the newest catalog
  std::string failure_;
};

}  // namespace flashflood::simulation
