// Following a flood: what was recorded or changed since the last look.
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

// Knows pending journals by name. A journal that was sealed between two looks is still named as
// retired, and still there for the flood's patience.
class Follower {
 public:
  // Everything in `head` counts as seen.
  Follower(const Context& context, const Head& head);

  // The events of (from, to] that were put or updated since the last look, to be merged: each once,
  // in its newest state; of bulk entries only those that count. Throws SnapshotExpired after a
  // pause of longer than the flood's patience: something may have been collected unseen.
  std::vector<std::unique_ptr<Run>> news(std::optional<Timestamp> from,
                                         std::optional<Timestamp> to);

 private:
  void look(const Head& head, std::vector<std::string>& keys) const;
  std::vector<format::Entry> read_bulk(const Head& head, const std::string& key) const;
  std::optional<format::Entry> read_single(const Head& head, const std::string& key) const;

  const Context& context_;
  std::uint64_t catalog_;
  std::unordered_set<std::string> seen_;  // names of the last look's pending journals
};

}  // namespace flashflood::engine
