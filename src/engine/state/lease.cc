#include "engine/state/lease.h"

#include <algorithm>
#include <future>

#include "base/stop.h"
#include "engine/state/head.h"
#include "engine/state/store_age.h"
#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::engine {

namespace {
// Who was stopped waits for its end, and no longer than this.
constexpr std::chrono::seconds give_back_time_max{1};
}  // namespace

SnapshotLease::SnapshotLease(const Context& context, std::uint64_t catalog,
                             std::chrono::nanoseconds began)
    : context_(context), catalog_(catalog), began_(began), valid_since_(began) {}

SnapshotLease::~SnapshotLease() { give_back_leases(context_, keys_); }

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

std::optional<std::string> SnapshotLease::hand_over(std::chrono::seconds term) {
  // As a first lease or a renewal, it has to come in time.
  auto limit = keys_.empty() ? context_.grace() / 2 : context_.grace() * 3 / 4;
  std::string key;
  try {
    key = write_lease(context_, catalog_, term);
  } catch (const PermissionDenied&) {
    return std::nullopt;
  }
  keys_.push_back(key);
  if (elapsed_since(context_, valid_since_) > limit)
    throw SnapshotExpired("the lease on the snapshot came too late; begin again");
  keys_.clear();  // a renewed lease is left alone until it has ended
  return key;
}

void SnapshotLease::take() {
  auto asked = context_.steady_now();
  // A first lease counts if it is there by half the grace, a renewal by three quarters of its term.
  auto limit = keys_.empty() ? context_.grace() / 2 : context_.grace() * 3 / 4;
  try {
    keys_.push_back(write_lease(context_, catalog_, context_.settings.grace));
  } catch (const PermissionDenied&) {
    return;  // a reader that may not write has three quarters of the grace, and no longer
  }
  if (elapsed_since(context_, valid_since_) <= limit) valid_since_ = asked;
}

void give_back_leases(const Context& context, const std::vector<std::string>& keys) noexcept {
  if (keys.empty()) return;
  try {
    try {
      return context.store->remove(keys);
    } catch (const Interrupted&) {
    }
    // Once more, as a task of its own: that can be waited for and stopped.
    std::stop_source limit;
    const StopScope scope(limit.get_token());
    std::future<void> removed =
        context.env.io->submit([&context, &keys] { context.store->remove(keys); });
    if (removed.wait_for(give_back_time_max) != std::future_status::ready) limit.request_stop();
    removed.get();
  } catch (...) {
    // They expire by themselves; who gives one back is at its end and has nobody to tell.
  }
}

std::string write_lease(const Context& context, std::uint64_t catalog, std::chrono::seconds term) {
  StoreTime now = context.store->now();
  format::Lease lease;
  lease.catalog = catalog;
  lease.term = term;
  lease.token = context.make_token();
  lease.boot_id = now.boot_id;
  lease.boot_clock_ns = static_cast<std::uint64_t>(now.boot_clock.count());
  std::string key = format::output_key(format::leases_prefix, {catalog, context.make_token()});
  context.store->put(key, format::encode_lease(lease));
  return key;
}

std::optional<format::Lease> read_lease(const Context& context, const std::string& key) {
  return read_intact(context, [&]() -> std::optional<format::Lease> {
    auto bytes = fetch(context, key);
    if (!bytes) return std::nullopt;
    return format::decode_lease(*bytes, key);
  });
}

std::vector<FoundLease> list_leases(const Context& context, const StoreTime& now) {
  std::vector<FoundLease> leases;
  for (const ObjectInfo& object : list_all(*context.store, format::leases_prefix)) {
    auto lease = read_lease(context, object.key);
    if (!lease) continue;  // given back meanwhile
    auto age = store_age(now, object.modified, lease->boot_id,
                         static_cast<std::int64_t>(lease->boot_clock_ns));
    leases.push_back({object.key, lease->catalog, age > lease->term});
  }
  return leases;
}

}  // namespace flashflood::engine
