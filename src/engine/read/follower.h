// Following a flood: events recorded or changed since the last poll.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/read/run.h"
#include "engine/state/context.h"
#include "engine/state/head.h"

namespace flashflood::engine {

// Remembers the names of pending journals. A journal that was sealed between two polls is listed by
// the catalog as retired, and exists for the flood's patience.
class Follower {
 public:
  // Everything in `head` counts as seen.
  Follower(const Context& context, const Head& head);

  // The events of (from, to] that were put or updated since the last poll, to be merged: each once,
  // in its newest state; of bulk entries only those that count. Throws SnapshotExpired after a
  // pause longer than the flood's patience: a journal may have been collected unseen.
  std::vector<std::unique_ptr<Run>> news(std::optional<Timestamp> from,
                                         std::optional<Timestamp> to);

 private:
  void look(const Head& head, std::vector<std::string>& keys) const;
  std::vector<format::Entry> read_bulk(const Head& head, const std::string& key) const;
  std::optional<format::Entry> read_single(const Head& head, const std::string& key) const;

  const Context& context_;
  std::uint64_t catalog_;
  std::unordered_set<std::string> seen_;  // names of the pending journals of the last poll
};

}  // namespace flashflood::engine
