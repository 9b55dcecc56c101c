// Writers of single operations, and recorders.
#include <fmt/core.h>

#include "model/model.h"

namespace flashflood::model {
namespace {

char writer_name(int i) { return char('A' + i); }

}  // namespace

std::string Model::name(const State& s, int token) const {
  const Token& t = s.token[token];
  const char id = char('x' + t.id);
  if (!is_single(token)) return fmt::format("j-{} (bulk {}, date {})", token - 4, id, t.date);
  constexpr const char* kinds[] = {"put", "update", "delete"};
  return fmt::format("e-{}-{} ({}, by {}, epoch {})", id, t.revision, kinds[t.kind],
                     writer_name(token / 2), t.epoch);
}

// With what it saw, the writer refuses or prepares its entry.
void Model::writer_looks_up(const State& s, int i, int id, int kind, int number, Mask listed) {
  const Writer& w = s.writer[i];
  const int token = i * 2 + w.ops;
  const Winner winner = fold(s, id, indexed(s, number), pending(s, number, listed));
  const bool unchecked = kind == put && (has(put_blind) || made_here(token));
  if (made_here(token) && kind != put) return;
  if (in_.made_here && token != 0 && winner.token < 0) return;  // nobody else knows the id yet
  State n = s;
  Writer& next = n.writer[i];
  if (!unchecked && (kind == put) == winner.live) {
    if (w.at != writer_lists) return;
    next.at = writer_idle;
    ++next.ops;
    step(n, [&] { return fmt::format("{}: the look-up says no", writer_name(i)); });
    return;
  }
  if (winner.revision + 1 >= revision_end) return;
  next.ops = Byte(w.ops + 1);
  next.token = Byte(token);
  next.at = writer_prepared;
  if (w.at != writer_lists) {
    next.late = 0;
    next.bulk_known = s.floor[id] == 1;
  }
  Token& t = n.token[token];
  t = {Byte(id), Byte(unchecked ? 1 : winner.revision + 1), Byte(kind), 0, Byte(number), 0};
  if (kind != put)
    t.date = s.token[winner.token].date;
  else if (in_.dates == Dates::by_writer)
    t.date = Byte(i);
  else if (in_.dates == Dates::bulk_apart || in_.dates == Dates::bulk_apart_once)
    t.date = 1;
  if (made_here(token)) t.epoch = 0;  // without a look-up it may know an old catalog only
  step(n, [&] {
    return fmt::format("{}: {} catalog {}, prepares {}", writer_name(i),
                       unchecked ? "without a look-up at" : "looks the id up at", number,
                       name(n, token));
  });
}

void Model::writer_puts(const State& s, int i) {
  const Writer& w = s.writer[i];
  for (const bool lost : {false, true}) {
    if (lost && (s.lost_left == 0 || w.at == writer_unsure)) continue;
    State n = s;
    Writer& next = n.writer[i];
    const bool created = land(n, w.token, false);
    const bool mine = holder(n, w.token) == w.token;
    next.at = lost ? writer_unsure : mine ? writer_answered : writer_idle;
    if (lost) --n.lost_left;
    if (next.at == writer_answered && (!w.late || made_here(w.token))) acknowledge(n, next);
    step(n, [&] {
      const char* answer = created ? "201" : mine ? "412, own token" : "412";
      const char* then = lost                             ? ", answer LOST"
                         : next.at == writer_idle && mine ? ", acknowledged"
                                                          : "";
      return fmt::format("{}: PUT {} -> {}{}", writer_name(i), name(s, w.token), answer, then);
    });
  }
  if (w.at == writer_prepared && s.late_left > 0) {
    State n = s;
    n.late |= bit(w.token);
    --n.late_left;
    n.writer[i].at = writer_unsure;
    step(n, [&] {
      return fmt::format("{}: PUT {} is under way (LATE)", writer_name(i), name(s, w.token));
    });
  }
  if (w.at == writer_unsure) {
    State n = s;
    n.writer[i].at = writer_idle;
    step(n, [&] { return fmt::format("{}: gives up", writer_name(i)); });
  }
}

// Its object is stored, but it took longer than half the patience.
void Model::writer_looks_again(const State& s, int i) {
  const Writer& w = s.writer[i];
  const Token& t = s.token[w.token];
  bool sure = true;
  if (w.late && has(dead_by_epoch)) {
    sure = t.epoch >= s.catalog[s.newest].fence && !has(strict_late);
  } else if (w.late && !has(no_second_look)) {
    sure = holder(s, w.token) == w.token && !retired(s, s.newest, w.token) &&
           !index_has(s, s.newest, t.id, t.revision);
  }
  State n = s;
  if (sure)
    acknowledge(n, n.writer[i]);
  else
    n.writer[i].at = writer_idle;
  step(n, [&] {
    if (!sure) return fmt::format("{}: late, OutcomeUnknown", writer_name(i));
    return fmt::format("{}: acknowledges {}{}", writer_name(i), name(s, w.token),
                       w.late ? " (late, after its check)" : "");
  });
}

void Model::writer_steps(const State& s, int i) {
  const Writer& w = s.writer[i];
  if (w.at == writer_idle && w.ops < (i == 0 ? in_.ops_a : in_.ops_b)) {
    for (int id = 0; id < in_.ids; ++id) {
      for (int kind = put; kind <= erase; ++kind) {
        if (!in_.slow_lookup) {
          writer_looks_up(s, i, id, kind, s.newest, s.present);
          continue;
        }
        State n = s;
        n.writer[i] = {writer_lists, w.ops,    0,        0,         s.floor[id] == 1,
                       s.newest,     page1(s), Byte(id), Byte(kind)};
        step(n, [&] {
          return fmt::format("{}: lists page 1 at catalog {}", writer_name(i), s.newest);
        });
      }
    }
  }
  if (w.at == writer_lists) {
    writer_looks_up(s, i, w.id, w.kind, w.catalog, w.page1 | page2(s));
  }
  if (w.at == writer_prepared || w.at == writer_unsure) writer_puts(s, i);
  if (w.at == writer_answered) writer_looks_again(s, i);
}

void Model::late_puts(const State& s) {
  for (int t : members(s.late)) {
    for (const bool same_tick : {false, true}) {
      if (same_tick && !tie_possible(s, t)) continue;
      State n = s;
      n.late = without(n.late, bit(t));
      const bool created = land(n, t, same_tick);
      step(n, [&] {
        return fmt::format("LATE PUT of {} lands: {}{}", name(s, t), created ? "created" : "412",
                           same_tick ? ", in the same tick" : "");
      });
    }
  }
}

void Model::recorder_puts(const State& s, int i) {
  const Recorder& r = s.recorder[i];
  const int token = single_count + i;
  for (const bool lost : {false, true}) {
    if (lost && (s.lost_left == 0 || r.at == recorder_unsure)) continue;
    for (const bool same_tick : {false, true}) {
      if (same_tick && !tie_possible(s, token)) continue;
      State n = s;
      const bool created = land(n, token, same_tick);
      Byte& at = n.recorder[i].at;
      at = lost ? recorder_unsure : has(dead_by_epoch) && r.late ? recorder_checks : recorder_done;
      if (lost) --n.lost_left;
      if (at == recorder_done && n.floor[0] == 0) n.floor[0] = 1;
      step(n, [&] {
        return fmt::format("recorder {}: PUT {} -> {}{}{}", i, name(s, token),
                           created ? "201" : "412, own token",
                           same_tick ? ", in the same tick" : "", lost ? ", answer LOST" : "");
      });
    }
  }
  if (r.at == recorder_prepared && s.late_left > 0) {
    State n = s;
    n.late |= bit(token);
    --n.late_left;
    n.recorder[i].at = recorder_unsure;
    step(n,
         [&] { return fmt::format("recorder {}: PUT {} is under way (LATE)", i, name(s, token)); });
  }
  if (r.at == recorder_unsure) {
    State n = s;
    n.recorder[i].at = recorder_done;
    step(n, [&] { return fmt::format("recorder {}: gives up", i); });
  }
}

void Model::recorder_steps(const State& s, int i) {
  const Recorder& r = s.recorder[i];
  const int token = single_count + i;
  if (r.at == recorder_idle) {
    State n = s;
    n.token[token] = {0, 1, put, Byte(in_.dates == Dates::recorders_apart ? i : 0), s.newest, 0};
    n.recorder[i].at = recorder_prepared;
    step(n, [&] { return fmt::format("recorder {}: stamps catalog {}", i, s.newest); });
  }
  if (r.at == recorder_prepared || r.at == recorder_unsure) recorder_puts(s, i);
  if (r.at == recorder_checks) {
    State n = s;
    n.recorder[i].at = recorder_done;
    const bool sure = s.token[token].epoch >= s.catalog[s.newest].fence;
    if (sure && n.floor[0] == 0) n.floor[0] = 1;
    step(n, [&] { return fmt::format("recorder {}: {}", i, sure ? "acknowledges" : "fenced"); });
  }
}

}  // namespace flashflood::model
