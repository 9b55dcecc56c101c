// The object store: put if absent, delete, and the commit of a catalog.
#include "model/model.h"

namespace flashflood::model {

bool Model::tie_possible(const State& s, int token) const {
  return in_.ties != Ties::none && !is_single(token) && !holds(s.landed, token) &&
         (s.landed & bulk_tokens) != 0;
}

// False: there is such an object already.
bool Model::land(State& s, int token, bool same_tick) const {
  if (holder(s, token) >= 0) return false;
  s.present |= bit(token);
  if (!is_single(token) && !holds(s.landed, token)) {
    Byte arrival = same_tick ? 0 : 1;
    for (int other : members(s.landed & bulk_tokens)) {
      arrival = Byte(s.token[other].arrival + (same_tick ? 0 : 1));
    }
    s.token[token].arrival = arrival;
  }
  s.landed |= bit(token);
  return true;
}

bool Model::land_catalog(State& s, int number, const Catalog& body) {
  if (s.catalog[number].present) return false;
  if (number > s.newest) {
    const Catalog& before = s.catalog[s.newest];
    for (int t : members(without(body.retired_tokens, before.retired_tokens))) {
      s.retired_at[t] = Byte(number);
    }
    for (int o : members(without(body.retired_outputs, before.retired_outputs))) {
      s.output_retired_at[o] = Byte(number);
    }
    s.catalog[number] = body;
    s.newest = Byte(number);
  } else {
    s.catalog[number].author = body.author;  // a collected number is created again
  }
  s.catalog[number].present = 1;
  return true;
}

void Model::remove_token(State& s, int key) {
  const int found = holder(s, key);
  if (found >= 0) s.present = without(s.present, bit(found));
}

void Model::remove_output(State& s, int output) {
  s.output_exists = without(s.output_exists, bit(output));
}

}  // namespace flashflood::model
