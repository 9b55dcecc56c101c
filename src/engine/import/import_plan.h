// Deciding what of a bucket of the original FlashFlood is recorded: each event once, as its newest
// update has it, and none that was deleted.
//
// All manifests are read for it, and no data. Memory: `memory_bytes` of the options, 64 MiB of
// manifests that are kept for later, and about 200 bytes for each event that has several copies or
// an update or delete to be applied.
//
// Threads: a plan is built by one thread, and may then be read by any number; a ManifestReader
// belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/lru_cache.h"
#include "flashflood/reports.h"
#include "original/bucket.h"
#include "original/problems.h"

namespace flashflood::engine {

using ManifestPtr = std::shared_ptr<const original::Manifest>;

// Reads manifests, several at once, and keeps those that were read last.
class ManifestReader {
 public:
  ManifestReader(ObjectStore& store, Executor& io, const original::Bucket& bucket)
      : store_(store), io_(io), bucket_(bucket) {}

  struct Item {
    std::size_t journal = 0;
    ManifestPtr manifest{};  // none: broken
  };
  // Takes journals off the front, as many as are read at once.
  std::vector<Item> read_some(std::span<const std::size_t>& journals);
  // Journals whose manifest was found to be broken, and why.
  const std::map<std::size_t, std::string>& broken() const { return broken_; }

 private:
  ObjectStore& store_;
  Executor& io_;
  const original::Bucket& bucket_;
  LruCache cache_{std::size_t{64} << 20};
  std::map<std::size_t, std::string> broken_;
};

class ImportPlan {
 public:
  // What becomes of a row that is not simply recorded.
  struct Change {
    std::optional<std::size_t> update{};  // marker whose data it gets; nothing: it is left out
  };
  const Change* change_of(std::size_t journal, std::size_t row) const {
    const auto found = changes_.find(journal);
    if (found == changes_.end()) return nullptr;
    const auto change = found->second.find(row);
    return change == found->second.end() ? nullptr : &change->second;
  }
  // How many events of a journal are recorded, and whether there are some that cannot be.
  std::uint64_t rows_of(std::size_t journal) const { return rows_[journal]; }
  bool has_faults(std::size_t journal) const { return has_faults_[journal]; }

 private:
  friend class ImportPlanner;
  std::unordered_map<std::size_t, std::unordered_map<std::size_t, Change>> changes_;
  std::vector<std::uint64_t> rows_;  // of each journal
  std::vector<bool> has_faults_;     //
};

// Fills in what `report` says about the source. Names what is skipped in `problems`.
ImportPlan plan_import(ObjectStore& store, ManifestReader& reader, const original::Bucket& bucket,
                       const ImportOptions& options, ImportReport& report,
                       original::Problems& problems);

// For messages: an event of a journal.
std::string event_in(const original::Journal& journal, std::string_view event);

}  // namespace flashflood::engine
