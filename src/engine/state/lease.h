// Leases: a reader that lasts longer than the grace holds back the fence.
//
// Threads: a SnapshotLease belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/context.h"

namespace flashflood::engine {

// Keeps the snapshot of one catalog alive for a reader. Costs nothing while the reader is quick.
class SnapshotLease {
 public:
  // `began`: the steady clock before the snapshot's listing.
  SnapshotLease(const Context& context, std::uint64_t catalog, std::chrono::nanoseconds began);
  ~SnapshotLease();  // removes what it wrote; what cannot be removed expires
  SnapshotLease(const SnapshotLease&) = delete;
  SnapshotLease& operator=(const SnapshotLease&) = delete;

  // To be called now and then: takes the lease past a quarter of the grace, and renews it past half
  // of its term. Throws SnapshotExpired when the snapshot may be gone: because a lease came too
  // late, or was not renewed in time.
  void keep();

  // Leaves the snapshot to others for `term` (at least the grace): writes a lease that stays when
  // this ends, and returns its key; nothing when this handle may not write. Throws SnapshotExpired
  // as keep() does.
  std::optional<std::string> hand_over(std::chrono::seconds term);

 private:
  void take();
  const Context& context_;
  const std::uint64_t catalog_;
  const std::chrono::nanoseconds began_;
  std::chrono::nanoseconds valid_since_;  // steady clock before the request that holds it now
  std::vector<std::string> keys_;
};

// Writes a lease; returns its key.
std::string write_lease(const Context& context, std::uint64_t catalog, std::chrono::seconds term);

// Removes leases. What cannot be removed expires, so it throws nothing. Where the calling thread is
// stopped the store has a second for it: not to be called in a task of `context.env.io`.
void give_back_leases(const Context& context, const std::vector<std::string>& keys) noexcept;

// A lease; nothing when it is gone.
std::optional<format::Lease> read_lease(const Context& context, const std::string& key);

struct FoundLease {
  std::string key;
  std::uint64_t catalog = 0;
  bool expired = false;
};
// All leases, judged by the store's clock at `now`.
std::vector<FoundLease> list_leases(const Context& context, const StoreTime& now);

}  // namespace flashflood::engine
