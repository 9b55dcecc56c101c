#include "engine/split/split_lease.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/state/head.h"
#include "engine/state/store_age.h"
#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::engine {

using format::Split;

namespace {

constexpr std::chrono::seconds valid_for_max{365 * 24 * 3600};

Timestamp date_of(StoreTimestamp date) {
  return std::chrono::floor<std::chrono::microseconds>(date);
}

// A lease can be renewed within three quarters of its term. These hold all of the time in which the
// splits are valid, and the grace in which they are made.
std::chrono::seconds term_for(const Context& context, std::chrono::seconds valid_for) {
  return (valid_for + context.settings.grace) * 4 / 3 + std::chrono::seconds{1};
}

}  // namespace

void check_valid_for(std::chrono::seconds valid_for) {
  if (valid_for < std::chrono::seconds{1} || valid_for > valid_for_max)
    throw InvalidArgument("splits can be valid for 1 s to 365 days");
}

void check_presigning(const Context& context, std::chrono::seconds duration) {
  if (!context.store->presign(format::settings_key, duration))
    throw StoreUnsuitable(
        context.store->describe() +
        ": cannot be presigned: no server answers for it. Splits that are not presigned are read "
        "by whoever may read the flood");
}

NewLeases::~NewLeases() { give_back_leases(context_, keys_); }

void Hold::describe(Split& split) const {
  split.lease = lease;
  split.made = made;
  split.expires = expires;
}

Hold hold(const Context& context, std::uint64_t catalog, std::chrono::nanoseconds began,
          SnapshotLease& lease, const SplitOptions& options, NewLeases& leases) {
  const auto valid_for = options.presign ? *options.presign : options.valid_for;
  Hold held;
  held.made = date_of(context.store->now().date);
  if (auto key = lease.hand_over(term_for(context, valid_for))) {
    leases.add(*key);
    held.lease = *key;
    held.expires = held.made + valid_for;
    return held;
  }
  if (options.presign)
    throw PermissionDenied(fmt::format(
        "{}: presigned splits need a lease on catalog {}, and writing one is refused; let somebody "
        "make them who may write",
        context.store->describe(), catalog));
  auto left = std::chrono::nanoseconds{context.grace() * 3 / 4} - elapsed_since(context, began);
  held.expires = held.made + std::chrono::duration_cast<std::chrono::microseconds>(
                                 std::max(left, std::chrono::nanoseconds{0}));
  return held;
}

Hold renew(const Context& context, const Split& split, std::chrono::seconds valid_for,
           NewLeases& leases) {
  auto expired = [] {
    return SnapshotExpired(
        "the lease of the split has ended or is about to, so that its snapshot may be gone; make "
        "new splits");
  };
  if (split.lease.empty()) throw expired();
  auto listed = context.store->list(split.lease, {}, 1);
  const auto old = read_lease(context, split.lease);
  if (!old || listed.objects.empty() || listed.objects[0].key != split.lease) throw expired();
  Hold held;
  held.made = date_of(context.store->now().date);
  held.expires = held.made + valid_for;
  held.lease = write_lease(context, split.catalog, term_for(context, valid_for));
  leases.add(held.lease);
  // The new one has to be there by three quarters of the old one's term.
  auto age = store_age(context.store->now(), listed.objects[0].modified, old->boot_id,
                       static_cast<std::int64_t>(old->boot_clock_ns));
  if (old->catalog != split.catalog || age > std::chrono::nanoseconds{old->term} * 3 / 4)
    throw expired();
  return held;
}

void Presigner::sign(Split& split, std::chrono::seconds duration) {
  for (format::SplitJournal& journal : split.journals) {
    auto [signed_before, is_new] = urls_.try_emplace({journal.key, duration});
    if (is_new) {
      auto presigned = context_.store->presign(journal.key, duration);
      if (!presigned) throw StoreUnsuitable(journal.key + ": cannot be presigned");
      signed_before->second = std::move(*presigned);
    }
    journal.url = signed_before->second.url;
    split.expires = std::min(split.expires, date_of(signed_before->second.expires));
  }
  split.expires = std::max(split.expires, split.made);
}

}  // namespace flashflood::engine
