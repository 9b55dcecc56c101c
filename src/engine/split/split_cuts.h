// Where to cut a replay into splits of even size.
//
// Cuts lie between two dates wherever that comes out even. Where one date holds more than a quarter
// of a split, they lie between two events of it: a few of its blocks are read to learn their ids.
//
// Threads: pure functions, but for the reader of ids that is given to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "format/block.h"
#include "format/split.h"

namespace flashflood::engine {

// One journal, or what is pending in memory, as far as cutting needs it.
struct CutSource {
  struct Part {
    Timestamp first{};
    Timestamp last{};
    std::uint64_t bytes = 0;
    bool goes_on = false;  // beyond `last`, where the range ends
  };
  // Its blocks in the range, in order; or itself as one part where it is too small to matter.
  std::vector<Part> parts;
  bool has_ids = false;  // whether the last id of a part may be asked for
  // What was learnt: part -> id of its last entry.
  std::map<std::size_t, std::string> known_ids{};
};

struct PartRef {
  std::size_t source = 0;
  std::size_t part = 0;
};
// Reads the ids of the last entries of these parts.
using ReadLastIds = std::function<std::vector<std::string>(std::span<const PartRef>)>;

// At most `count` - 1 ascending places that cut the sources into pieces of about the same bytes.
// Asks for at most four ids for each split, once.
std::vector<format::EventPosition> choose_cuts(std::vector<CutSource>& sources, std::uint64_t count,
                                               const ReadLastIds& read_last_ids);

// The parts that may hold entries of a range: those whose dates overlap it, less those that are
// known to end before it or to begin behind it. `first` == `end` when there are none.
format::BlockRange parts_in(const CutSource& source, const format::EventRange& range);

}  // namespace flashflood::engine
