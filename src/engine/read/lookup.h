// Look-ups: the current state of one id.
//
// Threads: every function may be called from several threads at once; no state but the context's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/read/journal_access.h"
#include "engine/state/context.h"
#include "engine/state/head.h"

namespace flashflood::engine {

// The result of a look-up: the winning entry, if the id was ever used.
struct IdState {
  std::chrono::nanoseconds began{};  // steady clock, before the listing
  std::uint64_t catalog = 0;         // number of the catalog that was used
  bool known = false;
  format::EntryKind kind = format::EntryKind::put;
  Timestamp date{};
  std::uint64_t revision = 0;  // 0: unknown
  std::string data;            // filled if requested, and if the event is live

  bool live() const {
    return known && (kind == format::EntryKind::put || kind == format::EntryKind::update);
  }
};

// Looks the id up: one listing, and at most two reads when the caches are warm. Begins again when
// an object was collected meanwhile.
IdState look_up(const Context& context, std::string_view id, const IdHash& hash, bool want_data);

// The same for several ids, in their order, with one listing of the whole head, and each page of
// the index read at most once.
std::vector<IdState> look_up_many(const Context& context, std::span<const std::string_view> ids);

// Whether our pending journal of a single operation counts: it is listed, no commit has retired it,
// and no entry of its revision or a higher one was sealed.
bool is_current(const Context& context, const IdHash& hash, std::uint64_t revision,
                BytesView object);

}  // namespace flashflood::engine
