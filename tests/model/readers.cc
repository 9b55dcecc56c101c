// Time, readers and their leases, and the collector.
#include <fmt/core.h>

#include <cstring>

#include "model/model.h"

namespace flashflood::model {

// Two spans: the patience (writers, listings, single objects) and the grace (snapshots, all else).
void Model::time_steps(const State& s) {
  for (int span = in_.two_spans ? 0 : 1; span < 2; ++span) {
    const bool grace = span == 1;
    const bool patience = !grace || !in_.two_spans;
    const int last = grace && in_.two_spans ? s.patient : s.newest;
    for (int f = (grace ? s.aged : s.patient) + 1; f <= last; ++f) {
      State n = s;
      if (patience) n.patient = Byte(f);
      if (grace) n.aged = Byte(f);
      for (int i = 0; i < 2 && patience; ++i) {
        const Writer& w = s.writer[i];
        const int began = w.at == writer_lists ? w.catalog : s.token[w.token].epoch;
        if (w.at != writer_idle && began < f) n.writer[i].late = 1;
        if (w.at == writer_lists && began < f && !has(slow_look_up)) n.writer[i].at = writer_idle;
        if (s.recorder[i].at != recorder_idle && s.token[single_count + i].epoch < f) {
          n.recorder[i].late = 1;
        }
      }
      const bool listing = s.reader.at >= reader_lists && s.reader.at < reader_reads;
      if (patience && listing && s.reader.catalog < f) {
        if (has(slow_listing))
          n.reader.late = 1;
        else
          n.reader.at = reader_idle;
      }
      if (grace && s.reader.at == reader_reads && s.reader.catalog < f) {
        if (has(late_lease))
          n.reader.late = 1;
        else
          n.reader.at = reader_idle;
      }
      step(n, [&] {
        return fmt::format("the {} has passed since catalog {} appeared",
                           grace ? "grace" : "patience", f);
      });
    }
  }
  if (in_.leases == Leases::renewed) lease_time_steps(s);
}

// By the store's time a lease is fresh until three quarters of its term, and later ends. Its reader
// began to count before it wrote the lease, so it knows of both no later than that.
void Model::lease_time_steps(const State& s) {
  for (int k = 0; k < lease_count; ++k) {
    const Byte is = s.lease[k];
    if (is != lease_fresh && is != lease_due) continue;
    if (k > 0 && s.lease[k - 1] <= is) continue;  // terms are equal: an older one is ahead
    State n = s;
    n.lease[k] = Byte(is + 1);
    const bool current = s.reader.at == reader_leased && s.reader.lease == k;
    const bool notices = current && is == lease_fresh && !has(no_notice);
    if (notices && has(renew_late))
      n.reader.late = 1;  // it pauses, and hopes to renew
    else if (notices)
      n.reader.at = reader_idle;
    step(n, [&] {
      return fmt::format("{} of lease {}{}", is == lease_fresh ? "three quarters" : "the end", k,
                         notices ? ": its reader has not renewed it, and stops" : "");
    });
  }
}

void Model::reader_steps(const State& s) {
  const Reader& r = s.reader;
  if (r.at == reader_idle && r.reads < in_.reads) {
    State n = s;
    n.reader = {};
    n.reader.reads = Byte(r.reads + 1);
    n.reader.at = reader_lists;
    n.reader.catalog = s.newest;
    n.reader.listed = page1(s);
    std::memcpy(n.reader.floor, s.floor, sizeof s.floor);
    step(n, [&] { return fmt::format("reader: lists page 1, newest catalog {}", s.newest); });
  }
  const bool twice = in_.bulk_pages && !has(one_pass);
  if (r.at == reader_lists || r.at == reader_lists_rest) {
    State n = s;
    if (r.at == reader_lists) n.reader.listed |= page2(s);
    if (r.at == reader_lists && twice) {
      n.reader.at = reader_lists_twice;
      step(n, [&] { return std::string("reader: lists page 2"); });
    } else {
      if (r.at == reader_lists_rest) {
        n.reader.again |= page2(s);
        const Mask bulks = arrived_until(s, n.reader.again, r.listed & bulk_tokens);
        n.reader.listed = Mask((r.listed & single_tokens) | bulks);
        n.reader.again = 0;
      }
      n.reader.at = reader_reads;
      finish_read(n);
      std::memset(n.reader.floor, 0, sizeof n.reader.floor);
      step(n, [&] {
        return fmt::format("reader: lists page 2{}, has its snapshot", twice ? " again" : "");
      });
    }
  }
  if (r.at == reader_lists_twice) {
    State n = s;
    n.reader.at = reader_lists_rest;
    n.reader.again = page1(s) & bulk_tokens;
    step(n, [&] { return std::string("reader: lists page 1 again"); });
  }
  const bool fence_is_below = s.catalog[s.newest].fence <= r.catalog;
  if (r.at == reader_reads && in_.leases != Leases::none && (!r.late || fence_is_below)) {
    State n = s;
    n.reader.at = reader_leased;
    n.reader.late = 0;
    if (in_.leases == Leases::renewed) {
      n.lease[0] = lease_fresh;
      n.lease_exists |= bit(0);
      n.lease_catalog = r.catalog;
    }
    step(n, [&] {
      return fmt::format("reader: writes a lease on catalog {}{}", r.catalog,
                         r.late ? " (late; the fence has not passed it)" : "");
    });
  }
  if (r.at == reader_leased && in_.leases == Leases::renewed && r.lease + 1 < lease_count) {
    const Byte is = s.lease[r.lease];
    if (is == lease_fresh || (r.late && fence_is_below)) {
      State n = s;
      n.reader.late = 0;
      n.reader.lease = Byte(r.lease + 1);
      n.lease[n.reader.lease] = lease_fresh;
      n.lease_exists |= bit(n.reader.lease);
      if (has(renew_deletes)) n.lease_exists = without(n.lease_exists, bit(r.lease));
      step(n, [&] {
        return fmt::format("reader: writes lease {}{}{}", n.reader.lease,
                           r.late ? " (late; the fence has not passed it)" : "",
                           has(renew_deletes) ? ", deletes the one before" : "");
      });
    }
  }
  if (r.at >= reader_reads && (r.reads < in_.reads || in_.leases != Leases::none)) {
    State n = s;
    n.reader = {};
    n.reader.reads = r.reads;
    step(n, [&] { return std::string("reader: done"); });
  }
}

Mask Model::collectable_tokens(const State& s) const {
  const Catalog& newest = s.catalog[s.newest];
  Mask result = 0;
  for (int t : members(s.landed)) {
    const int found = holder(s, t);
    if (found < 0) continue;
    const int watermark = is_single(t) ? newest.swept : newest.fence;
    const bool dead = has(sweep_dead) && found == t && !retired(s, s.newest, t) &&
                      s.token[t].epoch < newest.fence;
    if ((holds(newest.retired_tokens, t) && s.retired_at[t] <= watermark) || dead) result |= bit(t);
  }
  return result;
}

Mask Model::collectable_outputs(const State& s) {
  const Catalog& newest = s.catalog[s.newest];
  Mask result = 0;
  for (int o : members(s.output_exists)) {
    const bool is_retired = holds(newest.retired_outputs, o);
    if (holds(newest.named, o)) continue;
    const int since = is_retired ? s.output_retired_at[o] : s.output_epoch[o] + 1;
    if (since <= newest.fence) result |= bit(o);
  }
  return result;
}

// Decides and deletes at once, or keeps one decision for later (a paused collector, a late DELETE).
void Model::collector_steps(const State& s) {
  const auto remove = [&](State& n, int kind, int key) {
    if (kind == delete_token) remove_token(n, key);
    if (kind == delete_output) remove_output(n, key);
    if (kind == delete_catalog) n.catalog[key].present = 0;
  };
  const auto what = [&](int kind, int key) {
    if (kind == delete_output) return fmt::format("s{}", key);
    if (kind == delete_catalog) return fmt::format("catalog {}", key);
    const int found = holder(s, key);
    return found >= 0 ? name(s, found) : std::string("nothing");
  };
  const auto decide_on = [&](int kind, int key) {
    State n = s;
    remove(n, kind, key);
    step(n, [&] { return fmt::format("collector: deletes {}", what(kind, key)); });
    if (!in_.paused_delete || s.paused_delete != delete_nothing) return;
    n = s;
    n.paused_delete = Byte(kind);
    n.paused_key = Byte(key);
    step(n, [&] {
      return fmt::format("second collector: decides to delete {}, pauses", what(kind, key));
    });
  };
  for (int t : members(collectable_tokens(s))) decide_on(delete_token, t);
  for (int o : members(collectable_outputs(s))) decide_on(delete_output, o);
  for (int c = 0; in_.collect_catalogs && c < s.catalog[s.newest].fence; ++c) {
    if (s.catalog[c].present) decide_on(delete_catalog, c);
  }
  for (int k : members(s.lease_exists)) {
    if (s.lease[k] != lease_ended) continue;
    State n = s;
    n.lease_exists = without(n.lease_exists, bit(k));
    step(n, [&] { return fmt::format("collector: deletes lease {}, which has ended", k); });
  }
  if (s.paused_delete != delete_nothing) {
    State n = s;
    remove(n, s.paused_delete, s.paused_key);
    n.paused_delete = n.paused_key = 0;
    step(n, [&] {
      return fmt::format("second collector: its DELETE arrives, removes {}",
                         what(s.paused_delete, s.paused_key));
    });
  }
}

}  // namespace flashflood::model
