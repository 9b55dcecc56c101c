#include "engine/lease.h"

#include <algorithm>

#include "engine/head.h"
#include "engine/store_age.h"
#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::engine {

SnapshotLease::SnapshotLease(const Context& context, std::uint64_t catalog,
                             std::chrono::nanoseconds began)
    : context_(context), catalog_(catalog), began_(began), valid_since_(began) {}

SnapshotLease::~SnapshotLease() {
  if (keys_.empty()) return;
  try {
    context_.store->remove(keys_);
  } catch (const Error&) {
    // It expires by itself; a destructor has nobody to tell.
  }
}

void SnapshotLease::keep() {
  const std::chrono::nanoseconds grace = context_.grace();
  auto elapsed = elapsed_since(context_, valid_since_);
  if (keys_.empty() ? elapsed > grace / 4 : elapsed > grace / 2) take();
  if (elapsed_since(context_, valid_since_) > grace * 3 / 4)
    throw SnapshotExpired(
        "the snapshot was read for longer than three quarters of the flood's grace without a "
        "lease; "
        "begin the replay again");
}

void SnapshotLease::take() {
  auto asked = context_.steady_now();
  // A first lease counts if it is there by half the grace, a renewal by three quarters of its term.
  auto limit = keys_.empty() ? context_.grace() / 2 : context_.grace() * 3 / 4;
  StoreTime now = context_.store->now();
  format::Lease lease;
  lease.catalog = catalog_;
  lease.term = context_.settings.grace;
  lease.token = context_.make_token();
  lease.boot_id = now.boot_id;
  lease.boot_clock_ns = static_cast<std::uint64_t>(now.boot_clock.count());
  std::string key = format::output_key(format::leases_prefix, {catalog_, context_.make_token()});
  try {
    context_.store->put(key, format::encode_lease(lease));
  } catch (const PermissionDenied&) {
    return;  // a reader that may not write has three quarters of the grace, and no longer
  }
  keys_.push_back(key);
  if (elapsed_since(context_, valid_since_) <= limit) valid_since_ = asked;
}

std::vector<FoundLease> list_leases(const Context& context, const StoreTime& now) {
  std::vector<FoundLease> leases;
  for (const ObjectInfo& object : list_all(*context.store, format::leases_prefix)) {
    auto bytes = fetch(context, object.key);
    if (!bytes) continue;  // given back meanwhile
    auto lease = format::decode_lease(*bytes, object.key);
    auto age = store_age(now, object.modified, lease.boot_id,
                         static_cast<std::int64_t>(lease.boot_clock_ns));
    leases.push_back({object.key, lease.catalog, age > lease.term});
  }
  return leases;
}

}  // namespace flashflood::engine
