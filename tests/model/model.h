// Model: the storage protocol as a transition system. From each state it gives every state that one
// step of one participant, of time, or of a fault can lead to, and says what is wrong with a state.
//
// Abstractions. A participant may pause between any two steps. Time is "the grace (the patience)
// has passed since catalog F appeared": whatever began before F appeared is late from then on, as
// its own monotonic clock tells it. A listing has two pages: catalogs and the first revision of the
// first id, then the rest; or, with pages for recorders, all but the second recorder's journal
// first. LOST: the store did it and the answer is lost. LATE: the request lands at any later time.
// Requests are atomic; what one process keeps in memory, others do not see.
//
// Threads: a Model belongs to one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/scenario.h"
#include "model/state.h"

namespace flashflood::model {

// What a listing means on top of a catalog, to a journaler.
struct Inputs {
  Mask seen = 0;   // not retired
  Mask twins = 0;  // of these what the index outranks
  Mask gone = 0;   // retired, and not listed any more
};

// What one process can know of an id: the winner of the entries that it saw.
struct Winner {
  int token = -1;
  int rank = 0;  // 1: bulk; revision + 1: single
  int revision = 0;
  bool live = false;
  Mask used = 0;  // the entries that made it (for the chain)
};

class Model {
 public:
  using Sink = std::function<void(State&)>;

  explicit Model(const Scenario& scenario) : in_(scenario) {}
  State initial() const;
  // Every state one step after `s`, always in the same order. Steps check what they acknowledge.
  void successors(const State& s, const Sink& sink);
  // Checks what must hold in every state.
  void check(const State& s);
  // Forgets what cannot matter any more, so that equal situations are equal states.
  void tidy(State& s) const;
  // Ends all faults, lets maintenance run, and checks that no orphan is left.
  void check_drain(State s);

  // The first thing that was wrong since it was last cleared.
  const char* violation = nullptr;
  // Describes the step that the sink is called for, while `describe` is set.
  bool describe = false;
  std::string label;

 private:
  bool has(std::uint32_t simpler) const { return (in_.simpler & simpler) != 0; }
  void fail(const char* what) {
    if (violation == nullptr) violation = what;
  }
  template <class Label>
  void step(State& next, Label&& text) {
    if (describe) label = text();
    (*sink_)(next);
  }

  // What a state says (fold.cc).
  static bool same_key(const State& s, int a, int b);
  static int holder(const State& s, int token);
  static bool retired(const State& s, int number, int token);
  Mask page1(const State& s) const;
  Mask page2(const State& s) const;
  static Mask arrived_until(const State& s, Mask tokens, Mask last);
  Mask sealed(const State& s, int number) const;
  // What the index says: the entries that it holds, and the one of an id (-1: none).
  Mask indexed(const State& s, int number) const;
  static int top_of_index(const State& s, int number, int id);
  bool index_has(const State& s, int number, int id, int revision) const;
  bool made_here(int token) const { return in_.made_here && token == 0; }
  bool outranked(const State& s, int number, int token) const;  // an old twin: rule 7
  Mask pending(const State& s, int number, Mask listed) const;
  static int rank(const State& s, int token);
  bool beats(const State& s, int token, int other) const;
  Winner fold(const State& s, int id, Mask sealed_entries, Mask pending_entries) const;

  // What was promised (promises.cc).
  void decide(State& s, int token);
  bool below(const State& s, int id, const Winner& winner, int floor) const;
  void check_index(const State& s);
  void check_snapshot(const State& s);
  void finish_read(State& s);
  void acknowledge(State& s, Writer& writer);

  // The store (store.cc).
  bool land(State& s, int token, bool same_tick) const;
  bool tie_possible(const State& s, int token) const;
  static bool land_catalog(State& s, int number, const Catalog& body);
  static void remove_token(State& s, int key);
  static void remove_output(State& s, int output);

  // Participants.
  void writer_steps(const State& s, int i);
  void writer_looks_up(const State& s, int i, int id, int kind, int number, Mask listed);
  void writer_puts(const State& s, int i);
  void writer_looks_again(const State& s, int i);
  void late_puts(const State& s);
  void recorder_steps(const State& s, int i);
  void recorder_puts(const State& s, int i);
  void time_steps(const State& s);
  void lease_time_steps(const State& s);
  void reader_steps(const State& s);
  void journaler_steps(const State& s, int i);
  void journaler_leases_steps(const State& s, int i);
  Inputs inputs_of(const State& s, int base, Mask listed) const;
  void journaler_plans(const State& s, int i);
  void plan_index_merges(const State& s, int i);
  void journaler_commits(const State& s, int i);
  bool may_rebase(const State& s, const Journaler& j) const;
  bool sealed_since(const State& s, const Journaler& j) const;
  static Byte free_output(State& s);
  void write_outputs(State& s, Journaler& j, Mask twins) const;
  Catalog body_of(const State& s, const Journaler& j) const;
  void collector_steps(const State& s);
  Mask collectable_tokens(const State& s) const;
  static Mask collectable_outputs(const State& s);

  std::string name(const State& s, int token) const;

  const Scenario in_;
  const Sink* sink_ = nullptr;
};

}  // namespace flashflood::model
