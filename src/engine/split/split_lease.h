// How long splits can be read: their lease and their presigned URLs, and how both are renewed.
//
// Threads: every function may be called from several threads at once; a Presigner and NewLeases
// belong to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/state/context.h"
#include "engine/state/lease.h"
#include "flashflood/replay.h"
#include "format/split.h"

namespace flashflood::engine {

// Throws InvalidArgument unless splits can be valid for this long.
void check_valid_for(std::chrono::seconds valid_for);

// Throws StoreUnsuitable when the store cannot presign, InvalidArgument when not for this long.
void check_presigning(const Context& context, std::chrono::seconds duration);

// The lease that holds a snapshot for its splits, and their times.
struct Hold {
  std::string lease;  // key; empty when there is none
  Timestamp made{};
  Timestamp expires{};
  void describe(format::Split& split) const;
};

// Leases that were written for splits. They are removed again unless the splits are returned to the
// caller: they would keep objects from being collected that nobody can read.
class NewLeases {
 public:
  explicit NewLeases(const Context& context) : context_(context) {}
  ~NewLeases();  // removes them; what cannot be removed expires
  NewLeases(const NewLeases&) = delete;
  NewLeases& operator=(const NewLeases&) = delete;

  void add(const std::string& key) { keys_.push_back(key); }
  void hand_out() noexcept { keys_.clear(); }

 private:
  const Context& context_;
  std::vector<std::string> keys_;
};

// Passes the snapshot on to its splits. Without the right to write, plain splits are valid for as
// long as a snapshot without a lease; for presigned ones it throws PermissionDenied.
Hold hold(const Context& context, std::uint64_t catalog, std::chrono::nanoseconds began,
          SnapshotLease& lease, const SplitOptions& options, NewLeases& leases);

// A new hold on the snapshot of a split, while the old one lasts. Throws SnapshotExpired when that
// has ended, or is about to.
Hold renew(const Context& context, const format::Split& split, std::chrono::seconds valid_for,
           NewLeases& leases);

// Signs the journals of splits, each one once.
class Presigner {
 public:
  explicit Presigner(const Context& context) : context_(context) {}
  // The split expires no later than its URLs.
  void sign(format::Split& split, std::chrono::seconds duration);

 private:
  const Context& context_;
  std::map<std::pair<std::string, std::chrono::seconds>, PresignedUrl> urls_;
};

}  // namespace flashflood::engine
