// Journalers until they commit: leases, listing, and what they write.
#include <fmt/core.h>

#include "model/model.h"

namespace flashflood::model {
namespace {

constexpr Mask leases_on_page1 = bit(1);

// The fence may move to what had appeared a grace before the store's time.
void take_now(const State& s, Journaler& j) {
  j.fence = s.aged;
  for (int k = 0; k < lease_count; ++k) {
    if (s.lease[k] == lease_ended) j.leases_ended |= bit(k);
  }
}

// But not above a lease that was valid then.
void bound_fence(const State& s, Journaler& j) {
  const bool held = without(j.leases_seen, j.leases_ended) != 0;
  if (held && s.lease_catalog < j.fence) j.fence = s.lease_catalog;
  j.leases_seen = j.leases_ended = 0;
}

}  // namespace

Byte Model::free_output(State& s) {
  const Byte output = s.outputs_used++;
  s.output_exists |= bit(output);
  return output;
}

// A journaler takes the store's time, then lists the leases in two pages, then the head.
void Model::journaler_leases_steps(const State& s, int i) {
  State n = s;
  Journaler& j = n.journaler[i];
  if (j.at == journaler_idle) {
    j = {};
    j.at = journaler_leases;
    take_now(s, j);
    for (int k = 0; k < lease_count; ++k) {
      if (s.lease[k] <= lease_fresh) j.leases_fresh |= bit(k);
    }
    j.leases_seen = s.lease_exists & leases_on_page1;
    step(n, [&] {
      return fmt::format("J{}: asks the store's time (fence up to {}), lists page 1 of the leases",
                         i, s.aged);
    });
    return;
  }
  bool slow = false;
  for (int k : members(j.leases_fresh)) slow = slow || s.lease[k] == lease_ended;
  if (slow && !has(slow_leases)) {
    j = {};
    step(n, [&] { return fmt::format("J{}: listing the leases took too long, begins anew", i); });
    return;
  }
  j.at = journaler_leased;
  j.leases_fresh = 0;
  j.leases_seen |= without(s.lease_exists, leases_on_page1);
  if (!has(now_late)) bound_fence(s, j);
  step(n, [&] { return fmt::format("J{}: lists page 2 of the leases", i); });
}

void Model::journaler_steps(const State& s, int i) {
  const Journaler& j = s.journaler[i];
  const bool room = s.outputs_used < in_.outputs;
  if (in_.leases == Leases::renewed) {
    if ((j.at == journaler_idle && room && s.newest < in_.catalogs) || j.at == journaler_leases) {
      journaler_leases_steps(s, i);
    }
  }
  const Byte before_listing = in_.leases == Leases::renewed ? journaler_leased : journaler_idle;
  if (j.at == before_listing && room && s.newest < in_.catalogs) {
    State n = s;
    Journaler& next = n.journaler[i];
    if (has(now_late)) {
      next.leases_ended = 0;
      take_now(s, next);
      bound_fence(s, next);
    }
    const Byte leased_fence = next.fence;
    next = {};
    next.at = journaler_lists;
    next.base = next.onto = s.newest;
    next.page1 = page1(s);
    next.fence = in_.leases == Leases::renewed ? leased_fence : s.aged;
    if (in_.leases == Leases::endless && s.reader.at == reader_leased) {
      next.fence = next.fence < s.reader.catalog ? next.fence : s.reader.catalog;
    }
    next.swept = in_.two_spans ? s.patient : next.fence;
    step(n, [&] {
      return fmt::format("J{}: lists page 1 at catalog {}, may move the fence to {}", i, next.base,
                         next.fence);
    });
  }
  if (j.at == journaler_lists && room) journaler_plans(s, i);
  if (j.at >= journaler_prepared) journaler_commits(s, i);
}

// Seals `j.pending` and merges the journals `j.sealed`; `twins` are retired without being sealed.
void Model::write_outputs(State& s, Journaler& j, Mask twins) const {
  const bool runs = in_.index != Index::abstract;
  const Mask known = indexed(s, j.base);
  Mask own = without(j.pending, twins);
  Mask merged = 0;
  Mask hidden = 0;
  for (int o : members(j.sealed)) {
    merged |= s.content[o];
    hidden |= s.hidden[o];
  }
  Mask outranked_singles = 0;  // sealed all the same, which is harmless, but not indexed
  for (int t : members(runs ? own : Mask(0))) {
    const int top = top_of_index(s, j.base, s.token[t].id);
    if (top < 0 || beats(s, t, top)) continue;
    if (!is_single(t))
      own = without(own, bit(t));
    else if (!has(run_any_single))
      outranked_singles |= bit(t);
  }
  Mask content = 0;
  for (int id = 0; id < in_.ids; ++id) {  // at each (date, id) the highest rank
    for (int date = 0; date < 2; ++date) {
      Mask here = 0;
      for (int t : members(own | merged)) {
        if (s.token[t].date == date) here |= bit(t);
      }
      content |= fold(s, id, here, 0).used;
    }
  }
  // A bulk entry that loses against another date is left out, or hidden where it is sealed already.
  for (int id = 0; id < in_.ids && !has(one_date_only); ++id) {
    const Mask all = known | (runs ? own : content);
    const Winner winner = fold(s, id, all, 0);
    for (int t : members(all & bulk_tokens)) {
      if (s.token[t].id != id || s.token[t].date == s.token[winner.token].date) continue;
      own = without(own, bit(t));
      content = without(content, bit(t));
      hidden |= bit(t);
    }
  }
  for (int id = 0; id < in_.ids && has(drop_tombstones) && j.sealed != 0; ++id) {
    const Winner winner = fold(s, id, content, 0);
    for (int t : members(content)) {
      if (s.token[t].id == id && !winner.live) content = without(content, bit(t));
    }
  }
  j.output = free_output(s);
  s.content[j.output] = content;
  s.hidden[j.output] = hidden;
  s.output_epoch[j.output] = j.base;
  j.run = nobody;
  if (!runs) return;
  Mask entries = 0;
  for (int id = 0; id < in_.ids; ++id) {
    entries |= fold(s, id, without(own, outranked_singles), 0).used;
  }
  if (entries == 0) return;
  j.run = free_output(s);
  s.output_is_run |= bit(j.run);
  s.content[j.run] = entries;
  s.output_epoch[j.run] = j.base;
}

Inputs Model::inputs_of(const State& s, int base, Mask listed) const {
  Inputs in;
  for (int t : members(listed)) {
    if (retired(s, base, t)) continue;
    if (has(dead_by_epoch) && s.token[t].epoch < s.catalog[base].fence) continue;
    in.seen |= bit(t);
    if (outranked(s, base, t)) in.twins |= bit(t);
  }
  for (int t : members(s.catalog[base].retired_tokens)) {
    bool there = false;
    for (int other : members(listed)) there = there || same_key(s, t, other);
    if (!there) in.gone |= bit(t);
  }
  return in;
}

// Prepares one commit of each kind that it may make of what it listed.
void Model::journaler_plans(const State& s, int i) {
  const Journaler& j = s.journaler[i];
  const Catalog& base = s.catalog[j.base];
  const Inputs in = inputs_of(s, j.base, j.page1 | page2(s));
  const Mask journals = without(base.named, s.output_is_run);
  const auto prepare = [&](Mask pending, Mask merge, bool move) {
    if (move && j.fence <= base.fence && j.swept <= base.swept) return;
    if (pending == 0 && !move && merge == 0) return;
    if (in_.index != Index::abstract && pending != 0 && s.outputs_used + 2 > in_.outputs) return;
    const Byte fence = move ? j.fence : 0;
    if (move && has(dead_by_epoch)) {
      for (int t : members(without(in.seen, pending))) {
        if (s.token[t].epoch < fence) return;
      }
    }
    State n = s;
    Journaler& next = n.journaler[i];
    next.at = journaler_prepared;
    next.pending = pending;
    next.sealed = merge;
    next.gone = in.gone;
    next.gone_outputs = without(base.retired_outputs, s.output_exists);
    next.fence = fence;
    if (!move) next.swept = 0;
    next.page1 = 0;
    write_outputs(n, next, in.twins);
    step(n, [&] {
      std::string text = fmt::format("J{}:", i);
      for (int t : members(pending)) text += " takes in " + name(s, t) + ",";
      for (int o : members(merge)) text += fmt::format(" merges s{},", o);
      if (move) text += fmt::format(" fence to {},", fence);
      text += fmt::format(" writes s{}", next.output);
      if (next.run != nobody) text += fmt::format(" and index run s{}", next.run);
      return text;
    });
  };
  Mask choices[3 + token_count] = {in.seen};
  int count = 1;
  const auto choose = [&](Mask pending) {
    for (int before = 0; before < count; ++before) {
      if (choices[before] == pending) return;
    }
    choices[count++] = pending;
  };
  if (in_.subsets) {
    choose(in.seen & single_tokens);
    choose(in.seen & bulk_tokens);
    for (int t : members(in.seen)) choose(bit(t));
  }
  for (int c = 0; c < count; ++c) {
    for (const bool move : {false, true}) {
      prepare(choices[c], 0, move);
      if (in_.merges == Merges::none) continue;
      // Any set of sealed journals, at least two unless pending ones join.
      for (Mask merge = journals; merge != 0; merge = Mask((merge - 1) & journals)) {
        const bool one = (merge & (merge - 1)) == 0;
        if ((!one || choices[c] != 0) && (merge == journals || in_.merges == Merges::any)) {
          prepare(choices[c], merge, move);
        }
      }
    }
  }
  if (in_.index == Index::merged) plan_index_merges(s, i);
  State n = s;
  n.journaler[i] = {};
  step(n, [&] { return fmt::format("J{}: stops", i); });
}

// Merges adjacent runs of the base: of two entries of one id the newer run's stays.
void Model::plan_index_merges(const State& s, int i) {
  const Journaler& j = s.journaler[i];
  const Byte* runs = s.catalog[j.base].runs;
  for (int first = 0; first < run_count; ++first) {
    for (int last = first + 1; last < run_count && runs[last] != 0; ++last) {
      State n = s;
      Journaler& next = n.journaler[i];
      Mask entries = 0;
      Mask ids = 0;
      for (int r = last; r >= first; --r) {
        next.sealed |= bit(runs[r] - 1);
        for (int t : members(s.content[runs[r] - 1])) {
          if (!holds(ids, s.token[t].id)) entries |= bit(t);
        }
        for (int t : members(entries)) ids |= bit(s.token[t].id);
      }
      next.at = journaler_prepared;
      next.page1 = next.fence = next.swept = 0;
      next.output = free_output(n);
      next.run = nobody;
      n.output_is_run |= bit(next.output);
      n.content[next.output] = entries;
      n.output_epoch[next.output] = j.base;
      step(n, [&] {
        return fmt::format("J{}: merges the index runs s{} to s{}, writes s{}", i, runs[first] - 1,
                           runs[last] - 1, next.output);
      });
    }
  }
}

}  // namespace flashflood::model
