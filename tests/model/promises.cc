// What users were promised, checked in every state and at every acknowledgement and read.
#include "model/model.h"

namespace flashflood::model {
namespace {

constexpr const char* lost_or_back =
    "an acknowledged or seen operation was lost, or something came back";

}  // namespace

// The token was acknowledged, or shown as the state of its id.
void Model::decide(State& s, int token) {
  const Token& entry = s.token[token];
  Byte& before = is_single(token) ? s.decided[entry.id][entry.revision] : s.bulk_decided[entry.id];
  if (before != 0 && before != token + 1) {
    const bool tie = in_.ties == Ties::may_change && !is_single(token) &&
                     entry.arrival == s.token[before - 1].arrival && token < before - 1;
    if (is_single(token))
      fail("two winners of one revision");
    else if (!tie)
      fail("a bulk put replaced an existing event");
  }
  before = Byte(token + 1);
  if (rank(s, token) > s.floor[entry.id]) s.floor[entry.id] = Byte(rank(s, token));
}

// Where tombstones are dropped, a deleted id may simply be unknown: users cannot tell the
// difference.
bool Model::below(const State& s, int id, const Winner& winner, int floor) const {
  if (has(drop_tombstones) && winner.token < 0) {
    for (int t : members(s.landed & single_tokens)) {
      if (s.token[t].id == id && s.token[t].kind == erase && rank(s, t) >= floor) return false;
    }
  }
  return winner.rank < floor;
}

void Model::acknowledge(State& s, Writer& writer) {
  const Token& token = s.token[writer.token];
  if (token.kind == put && writer.bulk_known && token.revision == 1) {
    fail("put succeeded although a bulk put was acknowledged or seen before it began");
  }
  decide(s, writer.token);
  writer.at = writer_idle;
}

void Model::check_index(const State& s) {
  const Mask entries = sealed(s, s.newest);
  for (int id = 0; id < in_.ids; ++id) {
    if (top_of_index(s, s.newest, id) != fold(s, id, entries, 0).token) {
      fail("the newest index run that holds an id has not its winning sealed entry");
    }
  }
}

void Model::check_snapshot(const State& s) {
  const Reader& r = s.reader;
  if (r.late || (r.at != reader_reads && r.at != reader_leased)) return;
  const Mask entries = sealed(s, r.catalog);
  Mask missing = without(r.listed, s.present);
  for (int t : members(missing & bulk_tokens)) {
    if (has(missing_is_error) || s.token[t].epoch >= s.catalog[r.catalog].fence) continue;
    missing = without(missing, bit(t));  // a twin of a sealed one: skipping it must change nothing
    const int id = s.token[t].id;
    if (fold(s, id, entries, r.listed).token !=
        fold(s, id, entries, without(r.listed, bit(t))).token) {
      fail("a skipped twin mattered");
    }
  }
  if (without(s.catalog[r.catalog].named, s.output_exists) != 0 || missing != 0) {
    fail("a valid snapshot names a deleted object");
  }
}

void Model::check(const State& s) {
  const Catalog& newest = s.catalog[s.newest];
  if (!newest.present) fail("the newest catalog was deleted");
  if (without(newest.named, s.output_exists) != 0) {
    fail("the newest catalog names a deleted object");
  }
  if (in_.index != Index::abstract) check_index(s);
  const Mask known = indexed(s, s.newest);
  const Mask rest = pending(s, s.newest, s.present);
  for (int id = 0; id < in_.ids; ++id) {
    if (below(s, id, fold(s, id, known, rest), s.floor[id])) fail(lost_or_back);
  }
  check_snapshot(s);
  if (in_.lease_end_witness && s.lease[0] == lease_ended && newest.fence > s.lease_catalog) {
    fail("reached: the fence passed a lease that had ended");
  }
}

// The reader has both pages: what does it show?
void Model::finish_read(State& s) {
  Reader& r = s.reader;
  const Mask entries = sealed(s, r.catalog);
  const Mask known = indexed(s, r.catalog);
  const Mask all = pending(s, r.catalog, r.listed);
  // With two spans it has the bodies of single objects in memory, and holds on to nothing else.
  r.listed = in_.two_spans ? Mask(all & bulk_tokens) : all;
  const bool bulk_exempt =
      in_.dates == Dates::bulk_apart_once || in_.dates == Dates::recorders_apart;
  for (int id = 0; id < in_.ids; ++id) {
    const Winner winner = fold(s, id, entries, all);
    if (below(s, id, winner, r.floor[id])) fail(lost_or_back);
    if (winner.token >= 0) decide(s, winner.token);
    if (fold(s, id, known, all).token != winner.token) fail("get and replay disagree");
    if (bulk_exempt && (all & bulk_tokens) != 0) continue;  // the stated exception
    int shown = 0;
    int right = 0;
    for (int date = 0; date < 2; ++date) {  // a replay of this date's range
      Mask range = 0;
      for (int t : members(entries)) {
        if (s.token[t].date == date) range |= bit(t);
      }
      const Winner in_range = fold(s, id, range, all);
      if (!in_range.live || s.token[in_range.token].date != date) continue;
      ++shown;
      if (in_range.token == winner.token) ++right;
    }
    if (shown != (winner.live ? 1 : 0) || right != shown) {
      fail("a replay shows a loser, or the same id twice");
    }
  }
}

}  // namespace flashflood::model
