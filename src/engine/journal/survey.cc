#include "engine/journal/survey.h"

#include <algorithm>

#include "engine/state/store_age.h"

namespace flashflood::engine {

namespace {

// The newest catalog that is at least `span` old by the store's clock; 0 when none is.
std::uint64_t newest_aged(const Context& context, const Survey& s, std::chrono::nanoseconds span) {
  auto aged = [&](const CatalogStamp& stamp) {
    // Only a folder's catalogs need their body for it.
    if (s.now.boot_id.empty()) return s.now.date - stamp.modified >= span;
    auto catalog = load_catalog(context, stamp);
    if (!catalog) return true;  // collected
    return store_age(s.now, stamp.modified, catalog->boot_id, catalog->boot_clock_ns) >= span;
  };
  // Newest first, so the aged ones are at the end.
  auto first = std::partition_point(s.head.catalogs.begin(), s.head.catalogs.end(),
                                    [&](const CatalogStamp& stamp) { return !aged(stamp); });
  return first == s.head.catalogs.end() ? 0 : first->number;
}

}  // namespace

Survey survey(const Context& context) {
  Survey s;
  // A listing that lasts may miss both a lease and the one that renews it: a lease is renewed at
  // half its term, and the old one lives for the other half.
  std::chrono::nanoseconds began{};
  do {
    began = context.steady_now();
    s.now = context.store->now();
    s.leases = list_leases(context, s.now);
  } while (elapsed_since(context, began) > context.grace() / 4);
  s.head = load_head(context);
  s.fence = newest_aged(context, s, context.settings.grace);
  s.swept = newest_aged(context, s, context.settings.patience);
  for (const FoundLease& lease : s.leases)
    if (!lease.expired) s.fence = std::min(s.fence, lease.catalog);
  return s;
}

}  // namespace flashflood::engine
