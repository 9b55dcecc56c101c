#include "engine/upkeep/collector.h"

#include <algorithm>
#include <unordered_set>

#include "engine/journal/commit.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/head.h"
#include "engine/state/lease.h"
#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::engine {

using format::Catalog;

namespace {

constexpr std::size_t batch_max = 1000;  // keys in one remove request

struct Found {
  std::string key;
  std::uint64_t bytes = 0;
};

bool contains(const std::vector<std::string>& sorted, const std::string& key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

// Everything below a prefix whose names carry an epoch, judged against what the catalog says.
class Outputs {
 public:
  Outputs(const Context& context, const Catalog& catalog) : context_(context), catalog_(catalog) {
    for (const auto& journal : journals_between(context, catalog, std::nullopt, std::nullopt))
      named_.push_back(journal.key());
    for (const auto& page : catalog.pages)
      named_.push_back(format::output_key(format::pages_prefix, page.name));
    for (const auto& run : catalog.index)
      for (const auto& part : run.parts)
        named_.push_back(format::output_key(format::index_prefix, part.name));
    std::sort(named_.begin(), named_.end());
  }

  // Adds what may go to `found`, counts what has to wait in `kept`, and notes
  // which retired ones are there.
  void judge(std::string_view prefix, std::vector<Found>& found, std::uint64_t& kept) {
    for_each_object(*context_.store, prefix, {}, [&](ObjectInfo&& object) {
      auto epoch = epoch_of(prefix, object.key);
      if (!epoch || contains(named_, object.key)) return;
      const auto* retired = find_retired(catalog_, object.key);
      if (retired) lingering_.insert(object.key);
      bool may_go = retired ? retired->number <= catalog_.fence : *epoch < catalog_.fence;
      if (may_go) {
        found.push_back({std::move(object.key), object.size});
      } else {
        ++kept;
      }
    });
  }

  // Retired outputs that are not there any more, and were gone before this listing, in order.
  std::vector<std::string> gone() const {
    std::vector<std::string> keys;
    for (const auto& retired : catalog_.retired)
      if (!retired.key.starts_with(format::head_prefix) && !lingering_.contains(retired.key))
        keys.push_back(retired.key);
    return keys;
  }

 private:
  static std::optional<std::uint64_t> epoch_of(std::string_view prefix, const std::string& key) {
    if (prefix == format::journals_prefix) {
      auto parsed = format::parse_sealed_key(key);
      return parsed ? std::optional(parsed->name.epoch) : std::nullopt;
    }
    auto parsed = format::parse_output_key(prefix, key);
    return parsed ? std::optional(parsed->epoch) : std::nullopt;
  }

  const Context& context_;
  const Catalog& catalog_;
  std::vector<std::string> named_;
  std::unordered_set<std::string> lingering_;  // retired, and there
};

// Retired single operations go by `swept`, retired bulk journals by `fence`, old catalogs by
// `fence`.
void judge_head(const Context& context, const Catalog& catalog, std::vector<Found>& found,
                std::uint64_t& kept) {
  for (ObjectInfo& object : list_all(*context.store, format::head_prefix)) {
    if (auto number = format::parse_catalog_key(object.key)) {
      if (*number < catalog.fence) found.push_back({std::move(object.key), object.size});
      continue;
    }
    const auto* retired = find_retired(catalog, object.key);
    if (!retired) continue;
    bool single = format::parse_single_key(object.key).has_value();
    if (retired->number <= (single ? catalog.swept : catalog.fence)) {
      found.push_back({std::move(object.key), object.size});
    } else {
      ++kept;
    }
  }
}

// One pass over the store by one catalog.
struct Pass {
  std::vector<Found> found;
  std::uint64_t kept = 0;
  std::vector<std::string> gone_outputs;
};

// Leftovers of trials of the store: who created the flood might not delete, or was killed. No trial
// lasts as long as the grace.
std::vector<Found> find_trials(const Context& context, const StoreTime& now) {
  std::vector<Found> found;
  if (!context.store->traits().needs_probe) return found;
  for (ObjectInfo& object : list_all(*context.store, format::trials_prefix)) {
    if (now.date - object.modified > context.grace())
      found.push_back({std::move(object.key), object.size});
  }
  return found;
}

Pass find_garbage(const Context& context, const Catalog& catalog,
                  const std::vector<FoundLease>& leases) {
  Pass pass;
  judge_head(context, catalog, pass.found, pass.kept);
  Outputs outputs(context, catalog);
  for (auto prefix : {format::journals_prefix, format::index_prefix, format::pages_prefix})
    outputs.judge(prefix, pass.found, pass.kept);
  pass.gone_outputs = outputs.gone();
  for (const FoundLease& lease : leases)
    if (lease.expired) pass.found.push_back({lease.key, 0});
  return pass;
}

void remove(const Context& context, const std::vector<Found>& found, CollectReport& report) {
  for (std::size_t begin = 0; begin < found.size(); begin += batch_max) {
    std::vector<std::string> keys;
    for (std::size_t i = begin; i < std::min(found.size(), begin + batch_max); ++i)
      keys.push_back(found[i].key);
    context.store->remove(keys);
    for (std::size_t i = begin; i < begin + keys.size(); ++i)
      report.removed_bytes += found[i].bytes;
    report.removed_objects += keys.size();
  }
}

}  // namespace

CollectReport collect_garbage(const Context& context, const CollectOptions& options) {
  CollectReport report;
  Survey surveyed = survey(context);
  Pass pass = find_garbage(context, *surveyed.head.catalog, surveyed.leases);
  for (Found& trial : find_trials(context, surveyed.now)) pass.found.push_back(std::move(trial));
  if (options.dry_run) {
    for (const Found& found : pass.found) {
      ++report.removed_objects;
      report.removed_bytes += found.bytes;
      report.keys.push_back(found.key);
    }
    report.kept_objects = pass.kept;
    return report;
  }
  remove(context, pass.found, report);
  report.kept_objects = pass.kept;
  // Moving the watermarks is worth a commit only while something waits for them.
  if (!options.advance || (pass.kept == 0 && surveyed.head.catalog->retired.empty())) return report;

  CommitPlan plan(surveyed);
  plan.gone_outputs = std::move(pass.gone_outputs);
  if (!plan.changes_anything()) return report;
  if (commit(context, plan) == CommitOutcome::conflict) return report;  // the next call goes on
  pass = find_garbage(context, *load_newest_catalog(context).catalog, {});
  remove(context, pass.found, report);
  report.kept_objects = pass.kept;
  report.removed_objects += context.store->sweep(context.settings.grace);
  return report;
}

}  // namespace flashflood::engine
