// What a listing, a catalog and the index say together: who wins, what is pending.
#include <algorithm>

#include "model/model.h"

namespace flashflood::model {
namespace {

bool on_page1(const State& s, int token) {
  return is_single(token) && s.token[token].id == 0 && s.token[token].revision == 1;
}

}  // namespace

bool Model::same_key(const State& s, int a, int b) {
  if (!is_single(a) || !is_single(b)) return a == b;
  return s.token[a].id == s.token[b].id && s.token[a].revision == s.token[b].revision;
}

int Model::holder(const State& s, int token) {
  for (int other : members(s.present)) {
    if (same_key(s, token, other)) return other;
  }
  return -1;
}

bool Model::retired(const State& s, int number, int token) {
  for (int other : members(s.catalog[number].retired_tokens)) {
    if (same_key(s, token, other)) return true;
  }
  return false;
}

Mask Model::page1(const State& s) const {
  Mask page = 0;
  for (int t : members(s.present & single_tokens)) {
    if (on_page1(s, t)) page |= bit(t);
  }
  if (in_.bulk_pages) page = without(s.present, bit(single_count + 1));
  return in_.backwards ? without(s.present, page) : page;
}

Mask Model::page2(const State& s) const { return without(s.present, page1(s)); }

// Those of `tokens` that arrived no later than the newest of `last`.
Mask Model::arrived_until(const State& s, Mask tokens, Mask last) {
  Byte until = 0;
  for (int t : members(last)) until = std::max(until, s.token[t].arrival);
  Mask result = 0;
  for (int t : members(tokens)) {
    if (s.token[t].arrival <= until) result |= bit(t);
  }
  return result;
}

Mask Model::sealed(const State& s, int number) const {
  Mask entries = 0;
  Mask hidden = 0;
  for (int o : members(without(s.catalog[number].named, s.output_is_run))) {
    entries |= s.content[o];
    hidden |= s.hidden[o];
  }
  return without(entries, hidden);
}

int Model::top_of_index(const State& s, int number, int id) {
  const Catalog& catalog = s.catalog[number];
  for (int r = run_count - 1; r >= 0; --r) {
    if (catalog.runs[r] == 0) continue;
    for (int t : members(s.content[catalog.runs[r] - 1])) {
      if (s.token[t].id == id) return t;
    }
  }
  return -1;
}

Mask Model::indexed(const State& s, int number) const {
  if (in_.index == Index::abstract) return sealed(s, number);
  Mask entries = 0;
  for (int id = 0; id < in_.ids; ++id) {
    const int top = top_of_index(s, number, id);
    if (top >= 0) entries |= bit(top);
  }
  return entries;
}

bool Model::index_has(const State& s, int number, int id, int revision) const {
  for (int t : members(indexed(s, number) & single_tokens)) {
    if (s.token[t].id == id && s.token[t].revision >= revision) return true;
  }
  return false;
}

bool Model::outranked(const State& s, int number, int token) const {
  if (!is_single(token) || has(no_proof) || made_here(token)) return false;
  if (s.token[token].epoch >= s.catalog[number].swept) return false;
  return index_has(s, number, s.token[token].id, s.token[token].revision);
}

Mask Model::pending(const State& s, int number, Mask listed) const {
  Mask result = 0;
  for (int t : members(listed)) {
    if (retired(s, number, t) || outranked(s, number, t)) continue;
    if (has(dead_by_epoch) && s.token[t].epoch < s.catalog[number].fence) continue;
    result |= bit(t);
  }
  return result;
}

int Model::rank(const State& s, int token) {
  return is_single(token) ? s.token[token].revision + 1 : 1;
}

// Two single entries of one revision: neither, the one seen first stays. The number of a bulk token
// stands for the hash of its date and data.
bool Model::beats(const State& s, int token, int other) const {
  const int mine = rank(s, token);
  const int theirs = rank(s, other);
  if (mine != theirs || is_single(token)) return mine > theirs;
  if (has(key_rank) || s.token[token].arrival == s.token[other].arrival) return token < other;
  return s.token[token].arrival < s.token[other].arrival;
}

Winner Model::fold(const State& s, int id, Mask sealed_entries, Mask pending_entries) const {
  Winner winner;
  if (has(fold_chain)) {
    for (int revision = 1; revision < revision_end; ++revision) {
      for (int t : members(sealed_entries | pending_entries)) {
        const Token& token = s.token[t];
        if (token.id != id || token.revision != revision) continue;
        bool applies = token.kind == put ? !winner.live : winner.live;
        if (!is_single(t)) applies = !winner.live && winner.revision == 0;
        if (is_single(t)) winner.revision = revision;
        if (!applies) continue;
        winner = {t, rank(s, t), winner.revision, token.kind != erase, Mask(winner.used | bit(t))};
      }
    }
    if (winner.rank > 0 && winner.revision == 0) winner.revision = 1;
    return winner;
  }
  const Mask passes[] = {sealed_entries, pending_entries};  // sealed wins at equal revision
  for (Mask entries : passes) {
    for (int t : members(entries)) {
      if (s.token[t].id != id || (winner.token >= 0 && !beats(s, t, winner.token))) continue;
      winner.token = t;
    }
  }
  if (winner.token >= 0) {
    const Token& token = s.token[winner.token];
    winner.rank = rank(s, winner.token);
    winner.revision = token.revision;
    winner.live = token.kind != erase;
    winner.used = bit(winner.token);
  }
  return winner;
}

}  // namespace flashflood::model
