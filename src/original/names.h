// Names in a bucket of the original FlashFlood, the Python package flash-flood 0.4.3.
//
//   <root>/journals/<from>--<to>--<version>--<blob>               manifest of a journal
//   <root>/blobs/<blob>                                           its data
//   <root>/update/<journal, reversed>--<event>--<date>--<ACTION>  marker: an update or a delete
//   <root>/index/<event>--<10 digits>                             which journal holds the event
//
// A dead object has an empty object next to it, whose name is its own and ".dead". The version is
// "new" in a journal that put() wrote and nothing has rewritten since, else the date at which the
// journal was made.
//
// Threads: values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flashflood/event.h"

namespace flashflood::original {

inline constexpr std::string_view journals_prefix = "journals/";
inline constexpr std::string_view blobs_prefix = "blobs/";
inline constexpr std::string_view markers_prefix = "update/";
inline constexpr std::string_view index_prefix = "index/";
inline constexpr std::string_view tombstone_suffix = ".dead";
inline constexpr std::string_view delimiter = "--";

// "2019-11-25T101010.123456Z", in UTC. A year before 1000 may have fewer digits, as the original
// writes it. Nothing for any other text.
std::optional<Timestamp> parse_date(std::string_view text);

struct JournalName {
  Timestamp from{};
  Timestamp to{};
  std::optional<Timestamp> version{};  // nothing: "new"
  std::string_view blob{};             // borrowed from the name
};
// Nothing for a text that is no such name.
std::optional<JournalName> parse_journal_name(std::string_view name);

enum class Action { update, remove };

struct MarkerName {
  std::string journal{};  // name of the journal that held the event
  std::string event{};    // any bytes
  Timestamp date{};
  Action action = Action::update;
};
std::optional<MarkerName> parse_marker_name(std::string_view name);

}  // namespace flashflood::original
