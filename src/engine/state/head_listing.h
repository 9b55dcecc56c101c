// Listing the head so that it says what was true at one time.
//
// A page of a listing is current, and the next one is newer. For catalogs and single operations
// that does no harm: the newest catalog comes first, and entries of single operations rank by
// revision. Recorders' entries rank by arrival, so a listing that shows one and misses another,
// which arrived earlier on a page that had been read before, would show what never was the state.
// Where recorders' journals come on more than one page they are listed a second time; of that
// counts what arrived no later than the newest one of the first time (protocol, rule 13).
//
// Threads: may be called from several threads at once.
#pragma once

#include <vector>

#include "engine/state/context.h"
#include "store/object_store.h"

namespace flashflood::engine {

// All objects of the head, in order of key.
std::vector<ObjectInfo> list_head(const Context& context);

// What a look-up of the id needs: of the catalogs perhaps the newest alone, of the pending single
// operations perhaps those of the id alone. At most three listings however much is pending, but for
// recorders' journals that do not fit into one.
std::vector<ObjectInfo> list_head_of(const Context& context, const IdHash& id);

}  // namespace flashflood::engine
