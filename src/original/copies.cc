#include "original/copies.h"

#include <algorithm>
#include <tuple>

namespace flashflood::original {
namespace {

// A copy with the newest of the markers that belong to it.
struct State {
  std::size_t copy = 0;
  std::optional<std::size_t> marker{};
  std::optional<Timestamp> age{};  // nothing: as put
  bool deleted = false;
};

// Of two markers at one instant the original applies the update: its key sorts behind.
bool is_newer(const EventMarker& a, const EventMarker& b) {
  return std::tuple(a.date, a.action == Action::update) >
         std::tuple(b.date, b.action == Action::update);
}

class Judge {
 public:
  Judge(const std::vector<EventCopy>& copies, const std::vector<EventMarker>& markers)
      : copies_(copies), markers_(markers) {
    for (std::size_t i = 0; i < copies.size(); ++i) states_.push_back(state_of(i));
  }

  Verdict run(const std::function<bool()>& is_indexed) {
    State best = *std::max_element(states_.begin(), states_.end(),
                                   [&](auto& a, auto& b) { return rank(a) < rank(b); });
    // Was it put again after the delete, or is it a copy of what was deleted?
    if (best.deleted) {
      const auto again = std::max_element(states_.begin(), states_.end(),
                                          [&](auto& a, auto& b) { return put_again(a, b); });
      if (is_as_put(*again) && is_indexed()) best = *again;
    }
    if (!best.deleted) apply_stray(best);
    return verdict_of(best);
  }

 private:
  bool belongs(const EventMarker& marker, const EventCopy& copy) const {
    return marker.journal && *marker.journal == copy.journal;
  }

  State state_of(std::size_t i) const {
    State state{i, {}, copies_[i].version, false};
    for (std::size_t m = 0; m < markers_.size(); ++m) {
      if (!belongs(markers_[m], copies_[i])) continue;
      if (!state.marker || is_newer(markers_[m], markers_[*state.marker])) state.marker = m;
    }
    if (state.marker) apply(state, *state.marker);
    return state;
  }

  void apply(State& state, std::size_t m) const {
    state.marker = m;
    state.deleted = markers_[m].action == Action::remove;
    state.age = std::max(state.age.value_or(timestamp_min), markers_[m].date);
  }

  // The copy's date and place decide between those that are equally new, so that the choice is the
  // same whenever it is made.
  std::tuple<bool, Timestamp, Timestamp, std::size_t, std::size_t> rank(const State& state) const {
    const EventCopy& copy = copies_[state.copy];
    return {state.age.has_value(), state.age.value_or(timestamp_min), copy.date, copy.journal,
            copy.row};
  }

  bool is_as_put(const State& state) const { return !state.age; }
  bool put_again(const State& a, const State& b) const {
    return std::tuple(is_as_put(a), rank(a)) < std::tuple(is_as_put(b), rank(b));
  }

  // Markers whose journal is gone, or does not hold the event: journaling was faster than the
  // writer of the marker, or the original took one id for another.
  void apply_stray(State& state) const {
    std::optional<std::size_t> stray;
    for (std::size_t m = 0; m < markers_.size(); ++m) {
      const bool at_home = std::any_of(copies_.begin(), copies_.end(), [&](const EventCopy& copy) {
        return belongs(markers_[m], copy);
      });
      // A journal that is gone cannot have become one that is as put() wrote it.
      const bool may_mean_it = markers_[m].journal || copies_[state.copy].version;
      if (at_home || !may_mean_it) continue;
      if (!stray || is_newer(markers_[m], markers_[*stray])) stray = m;
    }
    if (stray && (!state.age || markers_[*stray].date > *state.age)) apply(state, *stray);
  }

  Verdict verdict_of(const State& best) const {
    Verdict verdict;
    verdict.deleted = best.deleted;
    if (!best.deleted) verdict.copy = best.copy;
    if (!best.deleted && best.marker) verdict.update = best.marker;
    std::size_t used = best.marker ? 1 : 0;
    for (const State& state : states_) {
      if (state.copy == best.copy) continue;
      if (!state.deleted) {
        ++verdict.duplicates;
      } else if (!best.deleted) {
        verdict.deleted = true;  // of a copy that was put before
        ++used;
      }
    }
    verdict.superseded = markers_.size() - std::min(used, markers_.size());
    return verdict;
  }

  const std::vector<EventCopy>& copies_;
  const std::vector<EventMarker>& markers_;
  std::vector<State> states_;
};

}  // namespace

Verdict judge(const std::vector<EventCopy>& copies, const std::vector<EventMarker>& markers,
              const std::function<bool()>& is_indexed) {
  return Judge(copies, markers).run(is_indexed);
}

}  // namespace flashflood::original
