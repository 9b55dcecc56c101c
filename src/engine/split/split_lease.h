// How long splits can be read: their lease, their presigned URLs, and both anew.
//
// Threads: pure functions, but for the store requests; a Presigner and NewLeases belong to one
// thread.
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

// Throws InvalidArgument unless splits can be valid for so long.
void check_valid_for(std::chrono::seconds valid_for);

// Throws StoreUnsuitable when the store cannot presign, InvalidArgument when not for so long.
void check_presigning(const Context& context, std::chrono::seconds duration);

// What holds a snapshot for its splits.
struct Hold {
  std::string lease;  // key; empty when there is none
  Timestamp made{};
  Timestamp expires{};
  void describe(format::Split& split) const;
};

// Leases that were written for splits. Unless the splits are handed out they are taken back: nobody
// would read by them what they keep from being collected.
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

// Hands the snapshot over to its splits. Without the right to write, plain splits are good for as
// long as a snapshot without a lease; for presigned ones throws PermissionDenied.
Hold hold(const Context& context, std::uint64_t catalog, std::chrono::nanoseconds began,
          SnapshotLease& lease, const SplitOptions& options, NewLeases& leases);

// A new hold on the snapshot of a split that is held still. Throws SnapshotExpired when it is not,
// or not for long.
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
