#include "simulation/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/state/head.h"
#include "engine/state/rank.h"
#include "format/journal.h"
#include "format/keys.h"

namespace flashflood::simulation {

using format::Catalog;
using format::EntryKind;

void Oracle::fail(const std::string& what) {
  if (failure_.empty()) {
    failure_ = fmt::format("step {}, {:.6f} s: {}", scheduler_.step(),
                           static_cast<double>(scheduler_.now().count()) / 1e9, what);
    scheduler_.note("FAILED: " + what);
  }
  scheduler_.stop();
}

void Oracle::created(const std::string& key, const Bucket::Object& object,
                     std::uint64_t operation) {
  if (format::parse_single_key(key)) {
    pending_[key].push_back({scheduler_.step(), {}});
    created_single(key, object, operation);
  } else if (format::parse_bulk_key(key)) {
    pending_[key].push_back({scheduler_.step(), {}});
    created_bulk(key, object);
  } else if (format::parse_catalog_key(key)) {
    created_catalog(key, object);
    return;
  } else {
    return;
  }
  // A name that the newest catalog still lists as retired is not pending.
  auto& retired = newest_.retired;
  if (std::any_of(retired.begin(), retired.end(), [&](const auto& r) { return r.key == key; }))
    pending_[key].back().retired = scheduler_.step();
}

void Oracle::created_single(const std::string& key, const Bucket::Object& object,
                            std::uint64_t operation) {
  auto entry = format::decode_single(object.bytes, key).entry;
  History& history = histories_[entry.id];
  if (!history.operations.emplace(entry.order, operation).second) return;  // a late twin
  const State* last = history.states.empty() ? nullptr : &history.states.back();
  if (last && last->single && entry.order <= last->revision &&
      !(entry.order == 1 && last->revision > 1)) {
    fail(fmt::format("revision {} of {} came after revision {}", entry.order, entry.id,
                     last->revision));
    return;
  }
  effects_[operation].push_back({scheduler_.step(), entry.id, entry.order});
  if (entry.view().live())
    history.singles.push_back(
        {{entry.id, entry.date, entry.data, entry.order}, key, scheduler_.step()});
  // A put under way while a bulk put of the id was updated: outranked from the beginning.
  if (last && last->single && entry.order < last->revision) return;
  history.states.push_back(
      {scheduler_.step(), entry.view().live(), true, entry.order, entry.date, entry.data, key});
}

void Oracle::created_bulk(const std::string& key, const Bucket::Object& object) {
  if (pending_[key].size() > 1) return;  // delivered again, after it was collected
  auto tail = format::parse_journal_tail(object.bytes, object.bytes.size(), key);
  auto arrival = static_cast<std::uint64_t>(object.modified.time_since_epoch().count());
  for (const auto& info : tail->blocks()) {
    auto stored = BytesView(object.bytes).substr(info.offset, info.stored_bytes);
    auto block = format::decode_block(stored, info, key);
    for (std::size_t i = 0; i < block->size(); ++i) {
      auto entry = block->entry(i);
      Event event{std::string(entry.id), entry.date, std::string(entry.data), 1};
      add_bulk({arrival, engine::content_hash(entry), std::move(event), key});
    }
  }
}

void Oracle::add_bulk(BulkEvent&& added) {
  History& history = histories_[added.event.id];
  history.bulk.push_back(std::move(added));
  if (!history.states.empty() && history.states.back().single) return;
  auto best = std::min_element(
      history.bulk.begin(), history.bulk.end(), [](const BulkEvent& a, const BulkEvent& b) {
        return std::pair(a.arrival, a.content) < std::pair(b.arrival, b.content);
      });
  State state{scheduler_.step(), true, false, 1, best->event.date, best->event.data, best->object};
  for (const BulkEvent& other : history.bulk)
    if (other.arrival == best->arrival) state.tied.push_back(other.event);
  history.states.push_back(std::move(state));
}

void Oracle::created_catalog(const std::string& key, const Bucket::Object& object) {
  Catalog next = format::decode_catalog(object.bytes, key);
  if (next.number < newest_.fence) return;  // a collected number again; nobody reads it
  if (next.number != newest_.number + 1) {
    fail(fmt::format("catalog {} was created after {}, with the fence at {}", next.number,
                     newest_.number, newest_.fence));
    return;
  }
  check_watermarks(next);
  catalog_dates_[next.number] = object.modified;
  newest_ = std::move(next);
  for (const auto& retired : newest_.retired) {
    // A late twin may be retired once more; a late DELETE of its first self may hit it before.
    retired_.emplace(retired.key, retired.number);
    auto pending = pending_.find(retired.key);
    if (pending != pending_.end() && !pending->second.back().retired)
      pending->second.back().retired = scheduler_.step();
  }
  // A twin that came while its name was still listed as retired, after the listing by which this
  // catalog has forgotten the name: from now on it is pending.
  for (auto& [pending_key, times] : pending_) {
    const Pending& last = times.back();
    if (last.retired == last.created && !engine::find_retired(newest_, pending_key) &&
        bucket_.find(pending_key))
      times.push_back({scheduler_.step(), {}});
  }
  named_.clear();
  auto name = [&](const std::vector<format::SealedJournal>& journals) {
    for (const auto& journal : journals) named_.insert(journal.key());
  };
  name(newest_.journals);
  for (const auto& page : newest_.pages) {
    std::string page_key = format::output_key(format::pages_prefix, page.name);
    named_.insert(page_key);
    if (auto bytes = bucket_.find(page_key))
      name(format::decode_catalog_page(bytes->bytes, page_key).journals);
  }
  for (const auto& run : newest_.index)
    for (const auto& part : run.parts)
      named_.insert(format::output_key(format::index_prefix, part.name));
  for (const std::string& named : named_)
    if (!bucket_.find(named))
      fail(fmt::format("catalog {} names {}, which is missing", newest_.number, named));
}

void Oracle::check_watermarks(const Catalog& next) {
  if (next.fence < newest_.fence || next.swept < newest_.swept || next.fence > newest_.number ||
      next.swept > newest_.number) {
    fail(fmt::format("catalog {}: a watermark fell, or passed the catalog", next.number));
    return;
  }
  auto aged = [&](std::uint64_t number, std::chrono::seconds span) {
    return number == 0 || catalog_dates_[number] + span <= bucket_.now();
  };
  if (!aged(next.fence, grace_))
    fail(
        fmt::format("catalog {}: the fence {} is younger than the grace", next.number, next.fence));
  if (!aged(next.swept, patience_))
    fail(fmt::format("catalog {}: swept {} is younger than the patience", next.number, next.swept));
}

void Oracle::removed(const std::string& key, const Bucket::Object& object) {
  if (auto number = format::parse_catalog_key(key)) {
    if (*number >= newest_.fence) fail(fmt::format("catalog {} was removed", *number));
    return;
  }
  if (key.starts_with(format::leases_prefix)) return;
  if (named_.contains(key)) {
    fail(fmt::format("{} was removed, and catalog {} names it", key, newest_.number));
    return;
  }
  auto retired = retired_.find(key);
  const bool single = format::parse_single_key(key).has_value();
  if (retired != retired_.end()) {
    std::uint64_t mark = single ? newest_.swept : newest_.fence;
    if (retired->second > mark)
      fail(fmt::format("{} was removed: retired by {}, watermark {}", key, retired->second, mark));
    return;
  }
  std::optional<std::uint64_t> epoch;
  if (auto sealed = format::parse_sealed_key(key)) epoch = sealed->name.epoch;
  for (auto prefix : {format::index_prefix, format::pages_prefix})
    if (auto name = format::parse_output_key(prefix, key)) epoch = name->epoch;
  if (!epoch || *epoch >= newest_.fence)
    fail(fmt::format("{} was removed, which nothing had retired (created {})", key, object.number));
}

void Oracle::finish(std::uint64_t operation, OperationKind kind, const std::string& id,
                    std::optional<std::uint64_t> expected, Interval when, Outcome outcome,
                    std::optional<std::uint64_t> revision) {
  finished_[operation] = {kind, id, when, outcome, revision};
  auto live = [](const State& state) { return state.live; };
  auto dead = [](const State& state) { return !state.live; };
  switch (outcome) {
    case Outcome::done: {
      auto effect = effects_.find(operation);
      if (effect == effects_.end() || effect->second.size() != 1) {
        fail(fmt::format("operation {} on {} was acknowledged and did not happen once", operation,
                         id));
        return;
      }
      const Effect& done = effect->second.front();
      if (done.id != id || (revision && done.revision != *revision) ||
          (expected && done.revision != *expected + 1) || done.step < when.begin ||
          done.step > when.end)
        fail(fmt::format("operation {} on {} happened otherwise than its caller was told",
                         operation, id));
      return;
    }
    case Outcome::exists:
      if (!any_state(id, when, live))
        fail(fmt::format("put of {}: EventExists, but {}", id, describe(id, when)));
      return;
    case Outcome::not_found:
      if (!any_state(id, when, dead))
        fail(fmt::format("change of {}: EventNotFound, but {}", id, describe(id, when)));
      return;
    case Outcome::conflict:
      if (!any_state(id, when,
                     [&](const State& state) { return state.live && state.revision != *expected; }))
        fail(fmt::format("change of {}: RevisionConflict, but {}", id, describe(id, when)));
      return;
    case Outcome::refused:
    case Outcome::unknown:
      return;
  }
}

void Oracle::check_operations() {
  for (const auto& [operation, effects] : effects_) {
    auto found = finished_.find(operation);
    if (found == finished_.end()) continue;
    const Finished& finished = found->second;
    if (effects.size() > 1)
      fail(fmt::format("operation {} on {} happened {} times", operation, finished.id,
                       effects.size()));
    if (finished.outcome != Outcome::done && finished.outcome != Outcome::unknown)
      fail(fmt::format("operation {} on {} was refused, and happened (revision {}, step {})",
                       operation, finished.id, effects.front().revision, effects.front().step));
    // What it was based on: the state of the revision before.
    const History& history = histories_[effects.front().id];
    const State* before = nullptr;
    for (const State& state : history.states)
      if (state.step < effects.front().step && state.revision < effects.front().revision)
        before = &state;
    bool was_live =
        before && before->live && (before->single || before->step < finished.when.begin);
    bool was_dead = !before || !before->live;
    if (finished.kind == OperationKind::put ? was_live : was_dead)
      fail(fmt::format("operation {} on {} does not fit the state before it", operation,
                       finished.id));
  }
}

void Oracle::check_tidy() {
  for (const auto& [key, object] : bucket_.objects()) {
    if (key == format::settings_key || named_.contains(key)) continue;
    auto number = format::parse_catalog_key(key);
    if (number && *number >= newest_.fence) continue;
    fail(fmt::format("{} is left over (catalog {}, fence {}, swept {})", key, newest_.number,
                     newest_.fence, newest_.swept));
    return;
  }
}

}  // namespace flashflood::simulation
