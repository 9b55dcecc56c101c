#include "model/model.h"

#include <fmt/core.h>

namespace flashflood::model {

State Model::initial() const {
  State s{};
  s.catalog[0].present = 1;
  for (Catalog& catalog : s.catalog) catalog.author = nobody;
  s.lost_left = Byte(in_.lost);
  s.late_left = Byte(in_.late);
  s.lost_catalog_left = Byte(in_.lost_catalog);
  s.late_catalog_left = Byte(in_.late_catalog);
  return s;
}

void Model::successors(const State& s, const Sink& sink) {
  sink_ = &sink;
  writer_steps(s, 0);
  writer_steps(s, 1);
  late_puts(s);
  for (int i = 0; i < in_.recorders; ++i) recorder_steps(s, i);
  time_steps(s);
  for (int i = 0; i < in_.journalers; ++i) journaler_steps(s, i);
  if (s.late_catalog_on) {
    State n = s;
    const bool created = land_catalog(n, s.late_catalog_number, s.late_catalog);
    n.late_catalog = {};
    n.late_catalog_on = n.late_catalog_number = 0;
    step(n, [&] {
      return fmt::format("LATE PUT of catalog {} lands: {}", s.late_catalog_number,
                         created ? "created" : "412");
    });
  }
  collector_steps(s);
  reader_steps(s);
}

void Model::tidy(State& s) const {
  unsigned held = 1U << s.newest;  // catalogs that somebody has in memory
  for (Writer& w : s.writer) {
    if (w.at == writer_idle) {
      const Byte ops = w.ops;
      w = {};
      w.ops = ops;
    }
    if (w.at == writer_lists) held |= 1U << w.catalog;
  }
  for (Recorder& r : s.recorder) {
    if (r.at == recorder_done) r.late = 0;
  }
  for (Journaler& j : s.journaler) {
    if (j.at == journaler_idle) j = {};
    if (j.at >= journaler_lists) held |= 1U << j.base | 1U << j.onto;
  }
  if (s.reader.at == reader_idle) {
    const Byte reads = s.reader.reads;
    s.reader = {};
    s.reader.reads = reads;
  } else {
    held |= 1U << s.reader.catalog;
  }
  for (int c = 0; c < s.newest; ++c) {
    Catalog& catalog = s.catalog[c];
    if ((held >> c & 1) != 0 || (in_.collect_catalogs && catalog.present)) continue;
    const Byte author = catalog.author;
    catalog = {};
    catalog.author = author;
    catalog.present = !in_.collect_catalogs;
  }
  const Catalog& newest = s.catalog[s.newest];
  for (int t = 0; t < token_count; ++t) {
    if (!holds(newest.retired_tokens, t)) s.retired_at[t] = 0;
  }
  for (int o = 0; o < output_count; ++o) {
    if (!holds(newest.retired_outputs, o)) s.output_retired_at[o] = 0;
  }
}

// Requests under way land, everybody stops, and one journaler and one collector take turns.
void Model::check_drain(State s) {
  s.reader = {};
  for (int t : members(s.late)) land(s, t, false);
  if (s.late_catalog_on) land_catalog(s, s.late_catalog_number, s.late_catalog);
  if (s.paused_delete == delete_token) remove_token(s, s.paused_key);
  if (s.paused_delete == delete_output) remove_output(s, s.paused_key);
  int ranks[id_count];
  for (int id = 0; id < in_.ids; ++id) {
    ranks[id] = fold(s, id, indexed(s, s.newest), pending(s, s.newest, s.present)).rank;
  }
  const auto collect = [&] {
    for (int t : members(collectable_tokens(s))) remove_token(s, t);
    for (int o : members(collectable_outputs(s))) remove_output(s, o);
  };
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    collect();
    const Inputs in = inputs_of(s, s.newest, s.present);
    const Catalog& base = s.catalog[s.newest];
    Journaler j{};
    j.base = j.onto = j.fence = j.swept = s.newest;
    j.pending = in.seen;
    j.sealed = round == 0 ? without(base.named, s.output_is_run) : Mask(0);
    j.gone = in.gone;
    j.gone_outputs = without(base.retired_outputs, s.output_exists);
    j.output = j.run = nobody;
    if (j.pending != 0 || j.sealed != 0) write_outputs(s, j, in.twins);
    land_catalog(s, s.newest + 1, body_of(s, j));
    check(s);
  }
  collect();
  const Catalog& newest = s.catalog[s.newest];
  if (s.present != 0) fail("faults over: a pending object stays for ever");
  if (s.output_exists != newest.named) fail("faults over: an output stays for ever");
  if (newest.retired_tokens != 0 || newest.retired_outputs != 0) {
    fail("faults over: a retired name stays for ever");
  }
  for (int id = 0; id < in_.ids; ++id) {
    if (fold(s, id, indexed(s, s.newest), 0).rank != ranks[id]) {
      fail("faults over: maintenance changed an answer");
    }
  }
}

}  // namespace flashflood::model
