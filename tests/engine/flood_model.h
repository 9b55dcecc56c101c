// A flood as it should be: all operations in one vector, and rules that read like the promises.
//
// The promises, as far as one process can see them:
//  - get: the entry of the highest rank is the state of an event. Single operations (put, update,
//    erase) win over recorded entries, the higher revision over the lower; of recorded entries the
//    one that arrived first wins, of those that arrived at one instant the one with the lesser
//    hash.
//  - replay: at each (date, id) the entry of the highest rank, if it is live; in order.
//  - exception: a recorded entry at another date than the event's shows in replays until it is
//    journaled, unless an earlier one at its date was journaled and hidden.
//  - journaling and collecting garbage change nothing else.
//
// Threads: belongs to one thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flashflood/event.h"
#include "flashflood/replay.h"
#include "format/entry.h"

namespace flashflood::engine::testing {

class FloodModel {
 public:
  // The state of an id; revision 0: never used.
  struct State {
    bool live = false;
    Timestamp date{};
    std::uint64_t revision = 0;
    std::string data;
  };
  State state(const std::string& id) const;

  // A single operation that succeeded.
  void add_single(const std::string& id, Timestamp date, std::uint64_t revision, bool live,
                  std::string data);
  // An event of the pending journal `key`, which arrived at `arrival`.
  void add_bulk(const std::string& key, std::uint64_t arrival, const std::string& id,
                Timestamp date, std::string data);

  // Journaling happened; these are still pending.
  void note_pending(const std::set<std::string>& bulk_keys,
                    const std::function<bool(const std::string& id)>& single_pending);

  // What a replay without expressions gives.
  struct Expected {
    Event event;
    bool optional = false;  // by the exception: may be there or not
  };
  std::vector<Expected> replay(std::optional<Timestamp> from, std::optional<Timestamp> to) const;
  std::vector<std::string> ids() const;

 private:
  struct Operation {
    format::Entry entry;
    std::string key;  // of its pending journal, for recorded entries
    bool sealed = false;
  };
  const Operation* best_of(const std::string& id, bool sealed_bulk_only) const;
  bool visible(const Operation& operation) const;
  bool may_be_hidden(const Operation& operation) const;

  std::vector<Operation> operations_;
};

}  // namespace flashflood::engine::testing
