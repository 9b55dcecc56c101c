#include "engine/journal/commit.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/state/id_index.h"
#include "flashflood/error.h"
#include "format/keys.h"

namespace flashflood::engine {

using format::Catalog;
using format::IndexRun;
using format::Retired;

namespace {

bool is_single(const Retired& retired) { return format::parse_single_key(retired.key).has_value(); }

std::vector<IndexRun>::const_iterator find_runs(const std::vector<IndexRun>& all,
                                                const std::vector<IndexRun>& some) {
  return std::search(all.begin(), all.end(), some.begin(), some.end());
}

// Whether the runs that were added since the base hold one of our ids. (A run merged since counts
// as added; that errs on the safe side.)
bool index_holds_our_ids(const Context& context, const CommitPlan& plan, const Catalog& onto) {
  if (plan.new_run_ids.empty()) return false;
  std::vector<IndexRun> added;
  for (const IndexRun& run : onto.index)
    if (std::find(plan.base->index.begin(), plan.base->index.end(), run) == plan.base->index.end())
      added.push_back(run);
  bool holds = false;
  find_many_in_index(context, IndexView(onto.number, added), plan.new_run_ids,
                     [&](std::size_t, const format::IndexEntry&) { holds = true; });
  return holds;
}

// Rule 9: whether the plan still holds on top of a newer catalog.
bool may_rebase(const Context& context, const CommitPlan& plan, const Catalog& onto) {
  const std::uint64_t base = plan.base->number;
  if (onto.fence > base) return false;
  if (onto.swept > base && plan.retires_singles) return false;
  for (const std::string& key : plan.retired)
    if (find_retired(onto, key)) return false;
  if (!plan.replaced.empty() && find_runs(onto.index, plan.replaced) == onto.index.end())
    return false;
  return !index_holds_our_ids(context, plan, onto);
}

void retire_parts(const IndexRun& run, std::uint64_t number, Catalog& next) {
  for (const auto& part : run.parts)
    next.retired.push_back({format::output_key(format::index_prefix, part.name), number});
}

void edit_index(const CommitPlan& plan, const Catalog& onto, Catalog& next) {
  next.index = onto.index;
  if (!plan.replaced.empty()) {
    auto first = find_runs(next.index, plan.replaced) - next.index.cbegin();
    auto begin = next.index.begin() + first;
    auto end = begin + static_cast<std::ptrdiff_t>(plan.replaced.size());
    for (auto run = begin; run != end; ++run) retire_parts(*run, next.number, next);
    begin = next.index.erase(begin, end);
    if (!plan.replacement.parts.empty()) next.index.insert(begin, plan.replacement);
  }
  if (!plan.new_run.parts.empty()) next.index.push_back(plan.new_run);
}

// Rule 10: a retired name leaves once its watermark has reached it and the object is gone.
bool may_forget(const CommitPlan& plan, const Retired& retired, const Catalog& next) {
  if (retired.number > plan.base->number) return false;
  if (retired.number > (is_single(retired) ? next.swept : next.fence)) return false;
  if (retired.key.starts_with(format::head_prefix))
    return !std::binary_search(plan.lingering.begin(), plan.lingering.end(), retired.key);
  return std::binary_search(plan.gone_outputs.begin(), plan.gone_outputs.end(), retired.key);
}

// The next catalog on top of `onto`, its new pages written; nothing when a journal that the plan
// merges is not there any more.
std::optional<Catalog> next_catalog(const Context& context, const CommitPlan& plan,
                                    const Catalog& onto) {
  auto edited = edit_journals(context, onto, plan.journals, plan.base->number);
  if (!edited) return std::nullopt;
  Catalog next;
  next.number = onto.number + 1;
  next.fence = std::max(onto.fence, plan.fence);
  next.swept = std::max(onto.swept, plan.swept);
  next.token = context.make_token();
  if (plan.tells_boot) {
    const StoreTime now = context.store->now();
    next.boot_id = now.boot_id;
    next.boot_clock_ns = now.boot_clock.count();
  }
  next.settings = context.settings_object;
  next.journals = std::move(edited->journals);
  next.pages = std::move(edited->pages);
  edit_index(plan, onto, next);
  for (const Retired& retired : onto.retired)
    if (!may_forget(plan, retired, next)) next.retired.push_back(retired);
  for (const std::string& key : plan.retired) next.retired.push_back({key, next.number});
  for (const std::string& key : edited->retired_pages) next.retired.push_back({key, next.number});
  for (const auto& journal : plan.journals.removed)
    next.retired.push_back({journal.key(), next.number});
  std::sort(next.retired.begin(), next.retired.end(),
            [](const Retired& a, const Retired& b) { return a.key < b.key; });
  for (const auto& [key, bytes] : edited->new_pages) context.store->put(key, bytes);
  return next;
}

}  // namespace

CommitPlan::CommitPlan(const Survey& surveyed)
    : base(surveyed.head.catalog),
      tells_boot(!surveyed.now.boot_id.empty()),
      fence(surveyed.fence),
      swept(surveyed.swept),
      lingering(surveyed.head.lingering) {}

bool CommitPlan::changes_anything() const {
  return !journals.removed.empty() || !journals.added.empty() || !new_run.parts.empty() ||
         !replaced.empty() || !retired.empty() || fence > base->fence || swept > base->swept ||
         !gone_outputs.empty();
}

CommitOutcome commit(const Context& context, const CommitPlan& plan) {
  std::shared_ptr<const Catalog> onto = plan.base;
  for (;;) {
    auto next = next_catalog(context, plan, *onto);
    if (!next) return CommitOutcome::conflict;
    std::string key = format::catalog_key(next->number);
    switch (create_object(context, key, format::encode_catalog(*next))) {
      case Creation::unknown:
        throw OutcomeUnknown(
            fmt::format("{}: it may or may not have been committed; journal again", key));
      case Creation::ours: {
        // A number below the fence was used and collected long ago: that was no commit.
        auto newest = load_newest_catalog(context);
        if (newest.catalog->fence > next->number) return CommitOutcome::conflict;
        context.env.log.tell(LogRecord::Level::info, [&] {
          return fmt::format(
              "{}: committed catalog {}, with {} more sealed journals and {} fewer; "
              "{} objects are retired",
              context.store->describe(), next->number, plan.journals.added.size(),
              plan.journals.removed.size(), plan.retired.size());
        });
        return CommitOutcome::committed;
      }
      case Creation::foreign:
        break;
    }
    onto = load_newest_catalog(context).catalog;
    if (onto->number < next->number || !may_rebase(context, plan, *onto))
      return CommitOutcome::conflict;
  }
}

}  // namespace flashflood::engine
