// Commits: the body of a new catalog, and when a journaler may try on top of another one.
#include <fmt/core.h>

#include "model/model.h"

namespace flashflood::model {
namespace {

void replace_runs(Catalog& body, Mask merged, Byte with) {
  int kept = 0;
  bool placed = false;
  for (int r = 0; r < run_count && body.runs[r] != 0; ++r) {
    const Byte run = body.runs[r];
    if (!holds(merged, run - 1))
      body.runs[kept++] = run;
    else if (!placed)
      body.runs[kept++] = Byte(with + 1);
    placed = placed || holds(merged, run - 1);
  }
  while (kept < run_count) body.runs[kept++] = 0;
}

}  // namespace

Catalog Model::body_of(const State& s, const Journaler& j) const {
  Catalog body = s.catalog[j.onto];
  body.author = j.output;
  body.present = 1;
  body.named = without(body.named, j.sealed);
  if (j.output != nobody) body.named |= bit(j.output);
  if (j.output != nobody && holds(s.output_is_run, j.output)) {
    replace_runs(body, j.sealed, j.output);
  } else if (j.run != nobody) {
    body.named |= bit(j.run);
    int top = 0;
    while (body.runs[top] != 0) ++top;  // scenarios have at most run_count commits that seal
    body.runs[top] = Byte(j.run + 1);
  }
  body.retired_tokens |= j.pending;
  body.retired_outputs |= j.sealed;
  if (j.fence > body.fence) body.fence = j.fence;
  if (j.swept > body.swept) body.swept = j.swept;
  // A retired name leaves once its watermark has passed it and a later listing missed the object.
  for (int t : members(without(body.retired_tokens, j.pending))) {
    const bool passed = s.retired_at[t] <= (is_single(t) ? body.swept : body.fence);
    if (passed && (has(early_prune) || holds(j.gone, t))) {
      body.retired_tokens = without(body.retired_tokens, bit(t));
    }
  }
  for (int o : members(without(body.retired_outputs, j.sealed) & j.gone_outputs)) {
    if (s.output_retired_at[o] <= body.fence) {
      body.retired_outputs = without(body.retired_outputs, bit(o));
    }
  }
  return body;
}

// Does what was sealed since the base forbid what this journaler is sealing?
bool Model::sealed_since(const State& s, const Journaler& j) const {
  if (in_.index == Index::abstract) {
    const Mask fresh = without(sealed(s, s.newest), sealed(s, j.base));
    for (int theirs : members(has(one_date_only) ? Mask(0) : fresh)) {
      for (int ours : members(s.content[j.output])) {
        if (s.token[theirs].id == s.token[ours].id && s.token[theirs].date != s.token[ours].date &&
            (!is_single(theirs) || !is_single(ours))) {
          return true;
        }
      }
    }
    return false;
  }
  if (j.run == nobody) return false;
  Mask fresh = 0;  // of a merged run it cannot tell what is new
  for (int o : members(without(s.catalog[s.newest].named, s.catalog[j.base].named))) {
    if (holds(s.output_is_run, o)) fresh |= s.content[o];
  }
  for (int theirs : members(fresh)) {
    for (int ours : members(s.content[j.run])) {
      if (s.token[theirs].id != s.token[ours].id) continue;
      const bool same_date = s.token[theirs].date == s.token[ours].date;
      if (is_single(theirs) && is_single(ours)) {
        if (!has(rebase_single) && !beats(s, ours, theirs)) return true;
      } else if (!same_date || (!is_single(ours) && !has(rebase_bulk))) {
        return true;
      }
    }
  }
  return false;
}

bool Model::may_rebase(const State& s, const Journaler& j) const {
  const Catalog& newest = s.catalog[s.newest];
  if (!has(no_base_check)) {
    if (newest.fence > j.base) return false;
    if ((j.pending & single_tokens) != 0 && newest.swept > j.base) return false;
  }
  for (int t : members(j.pending)) {
    if (has(listed_is_there) ? holder(s, t) < 0 : retired(s, s.newest, t)) return false;
  }
  return without(j.sealed, newest.named) == 0 && !sealed_since(s, j);
}

void Model::journaler_commits(const State& s, int i) {
  const Journaler& j = s.journaler[i];
  const int number = j.onto + 1;
  if (j.at == journaler_created) {
    State n = s;
    const bool stalled = s.catalog[s.newest].fence > j.created && !has(no_after_check);
    if (!stalled && j.again) fail("a stalled journaler reported success");
    if (stalled && has(throw_away)) remove_output(n, j.output);
    n.journaler[i] = {};
    step(n, [&] {
      return stalled ? fmt::format("J{}: its catalog {} is below the fence: failed", i, j.created)
                     : fmt::format("J{}: reports success of catalog {}", i, j.created);
    });
    return;
  }
  for (const bool lost : {false, true}) {
    if (number > in_.catalogs) break;
    if (lost && (s.lost_catalog_left == 0 || j.at == journaler_unsure)) continue;
    State n = s;
    Journaler& next = n.journaler[i];
    const bool created = land_catalog(n, number, body_of(s, j));
    const bool again = created && number < s.newest;
    const bool mine = n.catalog[number].author == j.output;
    if (lost) {
      --n.lost_catalog_left;
      next.at = journaler_unsure;
      step(n, [&] {
        return fmt::format("J{}: PUT catalog {} -> {}, answer LOST", i, number,
                           created ? "201" : "412");
      });
    } else if (created || mine) {
      if (!has(throw_away)) next = {};  // its inputs and outputs do not matter any more
      // Without collected catalogs, looking at the head once more tells nothing new.
      next.at = in_.collect_catalogs || has(throw_away) ? journaler_created : journaler_idle;
      if (next.at == journaler_created) next.created = Byte(number);
      next.again = again;
      step(n, [&] {
        return fmt::format("J{}: PUT catalog {} -> {}", i, number,
                           again     ? "201 (a collected number, created again)"
                           : created ? "201"
                                     : "412, own token");
      });
    } else if (may_rebase(s, j)) {
      next.onto = s.newest;
      next.at = journaler_prepared;
      step(n, [&] {
        return fmt::format("J{}: PUT catalog {} -> 412, rebases onto {}", i, number, s.newest);
      });
    } else {
      if (has(throw_away)) remove_output(n, j.output);
      next = {};
      step(n, [&] { return fmt::format("J{}: PUT catalog {} -> 412, gives up", i, number); });
    }
  }
  if (j.at == journaler_prepared && s.late_catalog_left > 0 && !s.late_catalog_on &&
      number <= in_.catalogs) {
    State n = s;
    --n.late_catalog_left;
    n.late_catalog_on = 1;
    n.late_catalog_number = Byte(number);
    n.late_catalog = body_of(s, j);
    n.journaler[i].at = journaler_unsure;
    step(n, [&] { return fmt::format("J{}: PUT catalog {} is under way (LATE)", i, number); });
  }
  if (j.at == journaler_unsure) {
    State n = s;
    if (has(throw_away)) remove_output(n, j.output);
    n.journaler[i] = {};
    step(n, [&] { return fmt::format("J{}: gives up", i); });
  }
}

}  // namespace flashflood::model
