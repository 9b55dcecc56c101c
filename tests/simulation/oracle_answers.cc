// What readers were told, compared with the states.
#include <fmt/format.h>

#include <algorithm>

#include "simulation/oracle.h"

namespace flashflood::simulation {

namespace {

bool same(const Event& a, const Event& b) {
  return a.id == b.id && a.date == b.date && a.data == b.data && a.revision == b.revision;
}

bool in_range(Timestamp date, std::optional<Timestamp> from, std::optional<Timestamp> to) {
  return (!from || date > *from) && (!to || date <= *to);
}

std::string describe_event(const Event& event) {
  return fmt::format("revision {} at {}: {}", event.revision, format_timestamp(event.date),
                     event.data);
}

}  // namespace

bool Oracle::State::is(const Event& event) const {
  if (!live) return false;
  if (event.date == date && event.data == data && event.revision == revision) return true;
  return std::any_of(tied.begin(), tied.end(),
                     [&](const Event& other) { return same(other, event); });
}

bool Oracle::any_state(const std::string& id, Interval when,
                       const std::function<bool(const State&)>& fits) const {
  static const State nothing;
  auto found = histories_.find(id);
  if (found == histories_.end()) return fits(nothing);
  const auto& states = found->second.states;
  if (states.empty() || states.front().step >= when.begin)
    if (fits(nothing)) return true;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].step > when.end) break;
    if (i + 1 < states.size() && states[i + 1].step < when.begin) continue;
    if (fits(states[i])) return true;
  }
  return false;
}

std::string Oracle::describe(const std::string& id, Interval when) const {
  std::string text = fmt::format("between steps {} and {} it was:", when.begin, when.end);
  any_state(id, when, [&](const State& state) {
    text += fmt::format("\n  from step {}: {} revision {} at {}: {}", state.step,
                        state.live ? "live" : "not there,", state.revision,
                        format_timestamp(state.date), state.data);
    return false;
  });
  auto found = histories_.find(id);
  if (found == histories_.end()) return text;
  for (const BulkEvent& bulk : found->second.bulk) {
    text += fmt::format("\n  bulk, arrived {}: {} ({}; pending in steps", bulk.arrival,
                        describe_event(bulk.event), bulk.object);
    for (const Pending& pending : pending_.at(bulk.object))
      text += fmt::format(" {} to {}", pending.created,
                          pending.retired ? std::to_string(*pending.retired) : "now");
    text += ")";
  }
  return text;
}

void Oracle::check_get(const std::string& id, const std::optional<Event>& answer, Interval when) {
  bool fits = any_state(
      id, when, [&](const State& state) { return answer ? state.is(*answer) : !state.live; });
  if (!fits)
    fail(fmt::format("get {}: {}, but {}", id, answer ? describe_event(*answer) : "nothing",
                     describe(id, when)));
}

void Oracle::check_recorded(const std::string& id, Interval when) {
  auto found = histories_.find(id);
  if (found == histories_.end() || found->second.states.front().step > when.end)
    fail(fmt::format("{} was recorded and is not there", id));
}

bool Oracle::pending_in(const std::string& object, Interval when) const {
  auto found = pending_.find(object);
  if (found == pending_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Pending& pending) {
    return pending.created <= when.end && (!pending.retired || *pending.retired >= when.begin);
  });
}

// Whether a replay in this state may show these events of the id. Beside the state itself, a replay
// may show bulk events of the id at other dates while they, or what outranks them, are not
// journaled (the documented exceptions).
bool Oracle::explains(const History& history, const State& state, std::vector<Event> shown,
                      std::optional<Timestamp> from, std::optional<Timestamp> to, Interval when,
                      bool settled) const {
  auto winner =
      std::find_if(shown.begin(), shown.end(), [&](const Event& event) { return state.is(event); });
  const bool tie = state.tied.size() > 1;
  if (winner != shown.end()) {
    shown.erase(winner);
  } else if (state.live && in_range(state.date, from, to) && !tie) {
    return false;
  }
  const bool unsettled = !settled && (state.object.empty() || pending_in(state.object, when));
  return std::all_of(shown.begin(), shown.end(), [&](const Event& event) {
    if (event.date != state.date && state.single && !settled && !history.bulk.empty()) {
      for (const SingleEvent& other : history.singles)
        if (other.event.revision == 1 && same(other.event, event) && other.step <= when.end)
          return unsettled || pending_in(other.object, when);
    }
    return std::any_of(history.bulk.begin(), history.bulk.end(), [&](const BulkEvent& bulk) {
      if (!same(bulk.event, event)) return false;
      if (event.date == state.date && !tie && state.step > 0) return false;
      return tie || unsettled || (!settled && pending_in(bulk.object, when));
    });
  });
}

void Oracle::check_replay(const std::vector<Event>& events, std::optional<Timestamp> from,
                          std::optional<Timestamp> to, Interval when, bool settled) {
  std::map<std::string, std::vector<Event>> shown;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (i > 0 && std::pair(events[i - 1].date, events[i - 1].id) >= std::pair(event.date, event.id))
      fail(fmt::format("replay: {} is out of order, or twice", event.id));
    if (!in_range(event.date, from, to)) fail(fmt::format("replay: {} is out of range", event.id));
    if (!histories_.contains(event.id))
      fail(fmt::format("replay: {} was never recorded", event.id));
    shown[event.id].push_back(event);
  }
  for (const auto& [id, history] : histories_) {
    const auto& of_id = shown[id];
    bool fits = any_state(id, when, [&](const State& state) {
      return explains(history, state, of_id, from, to, when, settled);
    });
    if (fits) continue;
    std::string text;
    for (const Event& event : of_id) text += "\n  " + describe_event(event);
    fail(fmt::format("replay shows of {}:{}\nbut {}", id, text.empty() ? " nothing" : text,
                     describe(id, when)));
    return;
  }
}

std::vector<std::string> Oracle::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, history] : histories_) ids.push_back(id);
  return ids;
}

}  // namespace flashflood::simulation
