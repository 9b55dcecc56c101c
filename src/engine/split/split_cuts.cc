#include "engine/split/split_cuts.h"

#include <algorithm>

namespace flashflood::engine {

using format::BlockRange;
using format::EventPosition;
using format::EventRange;

namespace {

// So many pieces of a date are told apart where a split could hold it all.
constexpr std::uint64_t samples_of_a_split = 4;

// Bytes that end at a place.
struct Mark {
  EventPosition place;
  std::uint64_t bytes = 0;
};

// All parts that end at one date.
struct DateParts {
  std::uint64_t bytes = 0;
  std::vector<PartRef> parts;
};

std::map<Timestamp, DateParts> parts_by_date(const std::vector<CutSource>& sources) {
  std::map<Timestamp, DateParts> dates;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    for (std::size_t i = 0; i < sources[s].parts.size(); ++i) {
      DateParts& date = dates[sources[s].parts[i].last];
      date.bytes += sources[s].parts[i].bytes;
      date.parts.push_back({s, i});
    }
  }
  return dates;
}

// Where things end. Of the parts of a heavy date every one that completes `step` bytes is asked for
// its id, and stands for these bytes, wherever they lie: a sample of the ids of the date.
std::vector<Mark> make_marks(std::vector<CutSource>& sources,
                             const std::map<Timestamp, DateParts>& dates, std::uint64_t step,
                             const ReadLastIds& read_last_ids) {
  std::vector<Mark> marks;
  std::vector<PartRef> samples;
  std::vector<std::size_t> marks_of_samples;
  for (const auto& [date, group] : dates) {
    std::uint64_t since = 0;
    for (std::size_t i = 0; i < group.parts.size(); ++i) {
      const auto [source, part] = group.parts[i];
      since += sources[source].parts[part].bytes;
      const bool last = i + 1 == group.parts.size();
      const bool sampled = !last && group.bytes > step && since >= step &&
                           sources[source].has_ids && !sources[source].parts[part].goes_on;
      if (!sampled && !last) continue;
      if (sampled) {
        samples.push_back({source, part});
        marks_of_samples.push_back(marks.size());
      }
      marks.push_back({{date, std::nullopt}, since});
      since = 0;
    }
  }
  if (samples.empty()) return marks;
  auto ids = read_last_ids(samples);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    sources[samples[i].source].known_ids.emplace(samples[i].part, ids[i]);
    marks[marks_of_samples[i]].place.id = std::move(ids[i]);
  }
  return marks;
}

}  // namespace

std::vector<EventPosition> choose_cuts(std::vector<CutSource>& sources, std::uint64_t count,
                                       const ReadLastIds& read_last_ids) {
  const auto dates = parts_by_date(sources);
  std::uint64_t total = 0;
  for (const auto& [date, group] : dates) total += group.bytes;
  if (count < 2 || total == 0) return {};
  const std::uint64_t step = std::max<std::uint64_t>(total / count / samples_of_a_split, 1);

  auto marks = make_marks(sources, dates, step, read_last_ids);
  std::sort(marks.begin(), marks.end(),
            [](const Mark& a, const Mark& b) { return a.place < b.place; });

  std::vector<EventPosition> cuts;
  const double share = static_cast<double>(total) / static_cast<double>(count);
  std::uint64_t before = 0;
  std::uint64_t next = 1;  // the next cut should come behind so many shares
  for (std::size_t i = 0; i < marks.size(); ++i) {
    std::uint64_t bytes = marks[i].bytes;
    while (i + 1 < marks.size() && marks[i + 1].place == marks[i].place) bytes += marks[++i].bytes;
    if (i + 1 == marks.size()) break;  // nothing comes behind the last one
    const double here = static_cast<double>(before + bytes);
    const double following = here + static_cast<double>(marks[i + 1].bytes);
    const double wanted = share * static_cast<double>(next);
    before += bytes;
    // Here, unless the next mark is nearer.
    if (here < wanted && (following < wanted || following - wanted < wanted - here)) continue;
    cuts.push_back(marks[i].place);
    if (cuts.size() + 1 == count) break;
    next = std::max(next + 1, static_cast<std::uint64_t>(here / share + 0.5) + 1);
  }
  return cuts;
}

BlockRange parts_in(const CutSource& source, const EventRange& range) {
  const auto& parts = source.parts;
  auto overlaps = [&](const CutSource::Part& part) {
    return range.overlaps(part.first, part.last);
  };
  auto first = std::find_if(parts.begin(), parts.end(), overlaps);
  auto end = std::find_if_not(first, parts.end(), overlaps);
  BlockRange found{static_cast<std::uint64_t>(first - parts.begin()),
                   static_cast<std::uint64_t>(end - parts.begin())};
  for (const auto& [part, id] : source.known_ids) {
    const EventPosition last{parts[part].last, id};
    if (range.after && !(*range.after < last))
      found.first = std::max<std::uint64_t>(found.first, part + 1);
    if (range.upto && !(last < *range.upto))
      found.end = std::min<std::uint64_t>(found.end, part + 1);
  }
  found.end = std::max(found.end, found.first);
  return found;
}

}  // namespace flashflood::engine
