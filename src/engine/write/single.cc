#include "engine/write/single.h"

#include <fmt/format.h>

#include "base/text.h"
#include "engine/read/lookup.h"
#include "engine/state/event_checks.h"
#include "flashflood/error.h"
#include "format/journal.h"
#include "format/keys.h"

namespace flashflood::engine {

using format::EntryClass;
using format::EntryKind;
using format::EntryView;

namespace {

[[noreturn]] void throw_unknown(std::string_view what, std::string_view id) {
  throw OutcomeUnknown(fmt::format(
      "{} {}: it may or may not have happened; get the event, then decide", what, quote(id)));
}

// is_current() for an object that was written: when nothing answers, nobody can tell.
bool counts_after_all(const Context& context, const IdHash& hash, std::uint64_t revision,
                      BytesView object) {
  try {
    return is_current(context, hash, revision, object);
  } catch (const Error&) {
    return false;
  }
}

// Who loses a race for a revision sees it when he looks again, and goes on from there. When he does
// not, the store hides what it holds: then this pauses, and gives up in the end.
class Races {
 public:
  explicit Races(const Context& context) : context_(context) {}

  // After `revision` of the id was taken by somebody else.
  void lost(std::uint64_t revision) { taken_ = revision; }
  // What was looked up since.
  void look(std::string_view id, const IdHash& hash, const IdState& state) {
    if (!taken_ || (state.known && state.revision >= *taken_)) {
      hidden_ = 0;
      return;
    }
    if (++hidden_ == looks_max) {
      throw CorruptData(fmt::format(
          "{} in {}: the object of revision {} of {} exists, and listings do not show "
          "it: listings are damaged or late on their way, or the store is not "
          "consistent",
          format::single_key(hash, *taken_), context_.store->describe(), *taken_, quote(id)));
    }
    context_.env.clock->sleep_for(std::chrono::milliseconds(20) * (1 << hidden_));
  }

 private:
  static constexpr int looks_max = 7;  // 2.5 s in all
  const Context& context_;
  std::optional<std::uint64_t> taken_{};
  int hidden_ = 0;
};

// Tries to make `entry` the next state of its id. False: somebody else was faster.
bool try_to_write(const Context& context, std::string_view what, const IdHash& hash,
                  const EntryView& entry, const IdState& before) {
  if (entry.order > format::revision_max)
    throw InvalidArgument(fmt::format("{}: has reached the last revision", quote(entry.id)));
  format::JournalProperties properties{format::JournalOrigin::single, context.make_token(),
                                       before.catalog, false};
  Bytes object = format::encode_single(properties, entry);
  switch (create_object(context, format::single_key(hash, entry.order), object)) {
    case Creation::foreign:
      return false;
    case Creation::unknown:
      throw_unknown(what, entry.id);
    case Creation::ours:
      break;
  }
  // In time, nobody can have collected the revisions that the look-up saw, so the name was free
  // because the revision was. Later the object may be a late twin: look again.
  if (elapsed_since(context, before.began) > context.patience() / 2 &&
      !counts_after_all(context, hash, entry.order, object))
    throw_unknown(what, entry.id);
  return true;
}

void check_revision(std::string_view id, const IdState& state,
                    std::optional<std::uint64_t> expected) {
  if (!state.live()) throw EventNotFound(fmt::format("there is no event {}", quote(id)));
  if (expected && *expected != state.revision)
    throw RevisionConflict(
        fmt::format("{} has revision {}, not {}", quote(id), state.revision, *expected));
}

// update and erase: writes the next revision of an event that is there.
std::uint64_t change_event(const Context& context, std::string_view what, std::string_view id,
                           EntryKind kind, std::string_view data,
                           std::optional<std::uint64_t> expected_revision) {
  check_id(id);
  check_data(data);
  IdHash hash = IdHash::of(id);
  Races races(context);
  for (;;) {
    IdState state = look_up(context, id, hash, false);
    races.look(id, hash, state);
    check_revision(id, state, expected_revision);
    EntryView entry{state.date, id, data, kind, EntryClass::single, state.revision + 1};
    if (try_to_write(context, what, hash, entry, state)) return entry.order;
    races.lost(entry.order);
  }
}

std::string put_without_id(const Context& context, Timestamp date, std::string_view data) {
  constexpr int tries_max = 3;  // of 74 random bits each
  for (int tries = 0; tries < tries_max; ++tries) {
    std::string id = make_id(context);
    EntryView entry{date, id, data, EntryKind::put, EntryClass::single, 1};
    format::JournalProperties properties{format::JournalOrigin::single, context.make_token(),
                                         context.newest_seen->load(), true};
    switch (create_object(context, format::single_key(IdHash::of(id), 1),
                          format::encode_single(properties, entry))) {
      case Creation::ours:
        return id;
      case Creation::foreign:
        continue;
      case Creation::unknown:
        throw_unknown("put", id);
    }
  }
  throw StoreUnsuitable(context.store->server() +
                        " says of every new name that it is taken, and that cannot be");
}

}  // namespace

std::string put_event(const Context& context, const NewEvent& event) {
  check_data(event.data);
  Timestamp date = event.date ? *event.date : context.env.clock->wall_now();
  check_date(date);
  if (!event.id) return put_without_id(context, date, event.data);
  const std::string& id = *event.id;
  check_id(id);
  IdHash hash = IdHash::of(id);
  Races races(context);
  for (;;) {
    IdState state = look_up(context, id, hash, false);
    races.look(id, hash, state);
    if (state.live())
      throw EventExists(
          fmt::format("an event {} exists already (revision {})", quote(id), state.revision));
    EntryView entry{date, id, event.data, EntryKind::put, EntryClass::single, state.revision + 1};
    if (try_to_write(context, "put", hash, entry, state)) return id;
    races.lost(entry.order);
  }
}

std::uint64_t update_event(const Context& context, std::string_view id, std::string_view data,
                           std::optional<std::uint64_t> expected_revision) {
  return change_event(context, "update", id, EntryKind::update, data, expected_revision);
}

void erase_event(const Context& context, std::string_view id,
                 std::optional<std::uint64_t> expected_revision) {
  change_event(context, "delete", id, EntryKind::remove, {}, expected_revision);
}

}  // namespace flashflood::engine
