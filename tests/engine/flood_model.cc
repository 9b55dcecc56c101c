#include "flood_model.h"

#include <algorithm>
#include <tuple>

#include "engine/state/rank.h"

namespace flashflood::engine::testing {

using format::Entry;
using format::EntryClass;
using format::EntryKind;

const FloodModel::Operation* FloodModel::best_of(const std::string& id,
                                                 bool sealed_bulk_only) const {
  const Operation* best = nullptr;
  for (const Operation& operation : operations_) {
    if (operation.entry.id != id) continue;
    bool bulk = operation.entry.entry_class == EntryClass::bulk;
    if (sealed_bulk_only && !(bulk && operation.sealed)) continue;
    if (!best || compare_entries(operation.entry.view(), best->entry.view()) > 0) best = &operation;
  }
  return best;
}

FloodModel::State FloodModel::state(const std::string& id) const {
  const Operation* best = best_of(id, false);
  if (!best) return {};
  return {best->entry.kind != EntryKind::remove, best->entry.date, best->entry.view().revision(),
          best->entry.data};
}

void FloodModel::add_single(const std::string& id, Timestamp date, std::uint64_t revision,
                            bool live, std::string data) {
  Operation operation;
  operation.entry.id = id;
  operation.entry.date = date;
  operation.entry.order = revision;
  operation.entry.kind = live ? EntryKind::put : EntryKind::remove;
  operation.entry.entry_class = EntryClass::single;
  operation.entry.data = std::move(data);
  operations_.push_back(std::move(operation));
}

void FloodModel::add_bulk(const std::string& key, std::uint64_t arrival, const std::string& id,
                          Timestamp date, std::string data) {
  for (const Operation& operation : operations_)
    if (operation.key == key && operation.entry.id == id) return;  // the first of a batch counts
  Operation operation;
  operation.entry.id = id;
  operation.entry.date = date;
  operation.entry.order = arrival;
  operation.entry.data = std::move(data);
  operation.key = key;
  operations_.push_back(std::move(operation));
}

void FloodModel::note_pending(const std::set<std::string>& bulk_keys,
                              const std::function<bool(const std::string&)>& single_pending) {
  for (Operation& operation : operations_) {
    if (operation.sealed) continue;
    bool bulk = operation.entry.entry_class == EntryClass::bulk;
    operation.sealed =
        bulk ? !bulk_keys.contains(operation.key) : !single_pending(operation.entry.id);
  }
}

// Whether a replay sees the entry at all, other entries at its (date, id) left aside.
bool FloodModel::visible(const Operation& operation) const {
  if (operation.entry.entry_class == EntryClass::single || !operation.sealed) return true;
  for (const Operation& other : operations_)
    if (other.entry.id == operation.entry.id && other.sealed &&
        other.entry.entry_class == EntryClass::single)
      return false;
  return best_of(operation.entry.id, true) == &operation;
}

// A pending loser at the date of a sealed one.
bool FloodModel::may_be_hidden(const Operation& operation) const {
  if (operation.entry.entry_class == EntryClass::single || operation.sealed) return false;
  if (best_of(operation.entry.id, false)->entry.date == operation.entry.date) return false;
  return std::any_of(operations_.begin(), operations_.end(), [&](const Operation& other) {
    return other.sealed && other.entry.id == operation.entry.id &&
           other.entry.date == operation.entry.date;
  });
}

std::vector<FloodModel::Expected> FloodModel::replay(std::optional<Timestamp> from,
                                                     std::optional<Timestamp> to) const {
  std::vector<const Operation*> seen;
  for (const Operation& operation : operations_) {
    const Timestamp date = operation.entry.date;
    if ((!from || date > *from) && (!to || date <= *to) && visible(operation))
      seen.push_back(&operation);
  }
  std::sort(seen.begin(), seen.end(), [](const Operation* a, const Operation* b) {
    auto place = [](const Entry& e) { return std::tie(e.date, e.id); };
    if (place(a->entry) != place(b->entry)) return place(a->entry) < place(b->entry);
    return compare_entries(a->entry.view(), b->entry.view()) > 0;
  });
  std::vector<Expected> events;
  const Entry* last = nullptr;
  for (const Operation* operation : seen) {
    const Entry& entry = operation->entry;
    bool repeated = last && last->date == entry.date && last->id == entry.id;
    last = &entry;
    if (repeated || entry.kind == EntryKind::remove) continue;
    events.push_back(
        {{entry.id, entry.date, entry.data, entry.view().revision()}, may_be_hidden(*operation)});
  }
  return events;
}

std::vector<std::string> FloodModel::ids() const {
  std::set<std::string> found;
  for (const Operation& operation : operations_) found.insert(operation.entry.id);
  return {found.begin(), found.end()};
}

}  // namespace flashflood::engine::testing
