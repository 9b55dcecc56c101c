#include "engine/import/import_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "original/copies.h"

namespace flashflood::engine {

using original::Bucket;
using original::EventCopy;
using original::EventMarker;
using original::Journal;
using original::Manifest;
using original::ManifestRow;
using original::Problems;

namespace {

constexpr std::size_t window_bytes = std::size_t{16} << 20;  // of manifests read at once
constexpr std::size_t window_journals = 256;
constexpr std::size_t requests_at_once = 32;

}  // namespace

std::vector<ManifestReader::Item> ManifestReader::read_some(
    std::span<const std::size_t>& journals) {
  std::size_t count = 0;
  for (std::uint64_t bytes = 0; count < std::min(window_journals, journals.size()); ++count) {
    bytes += bucket_.journals[journals[count]].manifest_bytes;
    if (count > 0 && bytes > window_bytes) break;
  }
  std::vector<Item> items(count);
  std::vector<std::string> faults(count);
  parallel_for(io_, count, requests_at_once, [&](std::size_t i) {
    items[i].journal = journals[i];
    if (broken_.contains(journals[i])) return;
    const Journal& journal = bucket_.journals[journals[i]];
    items[i].manifest = cache_.get<Manifest>(journal.name);
    if (items[i].manifest) return;
    try {
      const auto manifest =
          std::make_shared<const Manifest>(original::read_manifest(store_, journal));
      cache_.put(journal.name, manifest, manifest->memory_bytes());
      items[i].manifest = manifest;
    } catch (const CorruptData& error) {
      faults[i] = error.what();
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    if (!faults[i].empty()) broken_.emplace(journals[i], std::move(faults[i]));
  }
  journals = journals.subspan(count);
  return items;
}

std::string event_in(const Journal& journal, std::string_view event) {
  return fmt::format("{} ({})", quote(event), journal.manifest_key());
}

class ImportPlanner {
 public:
  ImportPlanner(ObjectStore& store, ManifestReader& reader, const Bucket& bucket,
                const ImportOptions& options, ImportReport& report, Problems& problems)
      : store_(store),
        reader_(reader),
        bucket_(bucket),
        options_(options),
        seen_max_(options.memory_bytes / sizeof(Seen)),
        report_(report),
        problems_(problems) {}

  ImportPlan run() {
    plan_.rows_.resize(bucket_.journals.size());
    plan_.has_faults_.resize(bucket_.journals.size());
    find_suspects();
    resolve_suspects();
    return std::move(plan_);
  }

 private:
  struct Seen {
    std::uint64_t id = 0;  // a hash of it
    std::uint32_t journal = 0;
  };

  // Calls `row` for every row that can be recorded, of the journals in this order.
  template <typename Begin, typename Row>
  void for_each_row(std::span<const std::size_t> journals, const Begin& begin, const Row& row) {
    while (!journals.empty()) {
      for (const ManifestReader::Item& item : reader_.read_some(journals)) {
        if (!item.manifest) continue;
        begin(item);
        for (std::size_t i = 0; i < item.manifest->rows.size(); ++i) {
          const ManifestRow& one = item.manifest->rows[i];
          if (one.fault == nullptr) row(item, i, item.manifest->id(one));
        }
      }
      if (options_.progress) options_.progress({});
    }
  }

  // Finds the ids that stand in several places or are marked. Ids are told apart by their hashes, a
  // part of the hashes at a time where memory does not do for all.
  void find_suspects() {
    for (const original::Marker& marker : bucket_.markers)
      marked_.push_back(xxh3(marker.name.event));
    std::sort(marked_.begin(), marked_.end());
    std::vector<std::size_t> journals(bucket_.journals.size());
    std::iota(journals.rbegin(), journals.rend(), 0);  // so that those needed next are still there
    first_ = 0;
    for (bool is_first_pass = true;; is_first_pass = false) {
      last_ = UINT64_MAX;
      for_each_row(
          journals,
          [&](const ManifestReader::Item& item) {
            if (is_first_pass) note(item);
          },
          [&](const ManifestReader::Item& item, std::size_t, std::string_view id) {
            see({xxh3(id), static_cast<std::uint32_t>(item.journal)});
          });
      take_suspects();
      if (last_ == UINT64_MAX) break;
      first_ = last_ + 1;
    }
    for (const auto& [journal, why] : reader_.broken()) {
      problems_.add(why, bucket_.journals[journal].manifest_key());
      ++report_.skipped;
    }
  }

  // Counts a journal, and names what is wrong with it.
  void note(const ManifestReader::Item& item) {
    const Journal& journal = bucket_.journals[item.journal];
    const Manifest& manifest = *item.manifest;
    report_.journals += journal.version ? 1 : 0;
    (journal.version ? report_.journal_events : report_.pending_events) += manifest.rows.size();
    if (manifest.data_bytes() != journal.blob_bytes) {
      problems_.add("a blob that has not the size that its manifest says", journal.blob_key());
    }
    for (const ManifestRow& row : manifest.rows) {
      if (row.fault == nullptr) {
        ++plan_.rows_[item.journal];
      } else {
        ++report_.skipped;
        plan_.has_faults_[item.journal] = true;
        problems_.add(row.fault, event_in(journal, manifest.id(row)));
      }
    }
  }

  void see(const Seen& seen) {
    if (seen.id < first_ || seen.id > last_) return;
    seen_.push_back(seen);
    while (seen_.size() >= seen_max_ && last_ > first_) {
      last_ = first_ + (last_ - first_) / 2;
      std::erase_if(seen_, [&](const Seen& one) { return one.id > last_; });
    }
  }

  void take_suspects() {
    std::sort(seen_.begin(), seen_.end(), [](const Seen& a, const Seen& b) { return a.id < b.id; });
    for (auto begin = seen_.begin(); begin != seen_.end();) {
      const auto end =
          std::find_if(begin, seen_.end(), [&](const Seen& one) { return one.id != begin->id; });
      if (end - begin > 1 || std::binary_search(marked_.begin(), marked_.end(), begin->id)) {
        suspects_.insert(begin->id);
        for (auto one = begin; one != end; ++one) suspect_journals_.push_back(one->journal);
      }
      begin = end;
    }
    seen_ = {};
  }

  void resolve_suspects() {
    std::sort(suspect_journals_.begin(), suspect_journals_.end());
    suspect_journals_.erase(std::unique(suspect_journals_.begin(), suspect_journals_.end()),
                            suspect_journals_.end());
    std::unordered_map<std::string, std::vector<EventCopy>> copies;
    for_each_row(
        suspect_journals_, [](const ManifestReader::Item&) {},
        [&](const ManifestReader::Item& item, std::size_t row, std::string_view id) {
          if (!suspects_.contains(xxh3(id))) return;
          copies[std::string(id)].push_back({item.journal, row,
                                             bucket_.journals[item.journal].version,
                                             item.manifest->rows[row].date});
        });
    auto markers = markers_by_event();
    for (const auto& [id, its_copies] : copies) {
      const auto found = markers.find(id);
      resolve(id, its_copies, found == markers.end() ? std::vector<EventMarker>{} : found->second);
      if (found != markers.end()) markers.erase(found);
    }
    // What is left means events that are not there.
    for (const auto& [id, its_markers] : markers) report_.superseded += its_markers.size();
  }

  std::unordered_map<std::string_view, std::vector<EventMarker>> markers_by_event() const {
    std::unordered_map<std::string_view, std::size_t> numbers;
    for (const original::Marker& marker : bucket_.markers) numbers[marker.name.journal] = SIZE_MAX;
    for (std::size_t i = 0; i < bucket_.journals.size(); ++i) {
      const auto found = numbers.find(bucket_.journals[i].name);
      if (found != numbers.end()) found->second = i;
    }
    std::unordered_map<std::string_view, std::vector<EventMarker>> markers;
    for (std::size_t i = 0; i < bucket_.markers.size(); ++i) {
      const original::MarkerName& name = bucket_.markers[i].name;
      EventMarker marker{i, name.date, name.action, {}};
      if (numbers[name.journal] != SIZE_MAX) marker.journal = numbers[name.journal];
      markers[name.event].push_back(marker);
    }
    return markers;
  }

  void resolve(const std::string& id, const std::vector<EventCopy>& copies,
               const std::vector<EventMarker>& markers) {
    if (copies.size() == 1 && markers.empty()) return;
    const original::Verdict verdict =
        original::judge(copies, markers, [&] { return may_be_alive(id); });
    report_.duplicates += verdict.duplicates;
    report_.superseded += verdict.superseded;
    report_.deletes_applied += verdict.deleted ? 1 : 0;
    for (std::size_t i = 0; i < copies.size(); ++i) {
      const bool counts = verdict.copy == i;
      if (counts && !verdict.update) continue;
      ImportPlan::Change change;
      if (counts) change = update_by(markers[*verdict.update].marker, copies[i], id);
      if (!change.update) --plan_.rows_[copies[i].journal];
      plan_.changes_[copies[i].journal][copies[i].row] = change;
    }
  }

  ImportPlan::Change update_by(std::size_t number, const EventCopy& copy, const std::string& id) {
    if (bucket_.markers[number].data_bytes > data_bytes_max) {
      problems_.add("an update whose data is longer than 64 MiB",
                    event_in(bucket_.journals[copy.journal], id));
      ++report_.skipped;
      return {};
    }
    ++report_.updates_applied;
    return {number};
  }

  // A copy of the bucket may come without its index; then nothing is taken for deleted that may not
  // be.
  bool may_be_alive(const std::string& id) {
    if (!has_index_) has_index_ = !store_.list(original::index_prefix, {}, 1).objects.empty();
    return !*has_index_ || original::is_indexed(store_, id);
  }

  ObjectStore& store_;
  ManifestReader& reader_;
  const Bucket& bucket_;
  const ImportOptions& options_;
  const std::size_t seen_max_;
  ImportReport& report_;
  Problems& problems_;

  ImportPlan plan_;
  std::vector<std::uint64_t> marked_;  // hashes of marked ids
  std::vector<Seen> seen_;             // with hashes in [first_, last_]
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::unordered_set<std::uint64_t> suspects_;  // hashes
  std::vector<std::size_t> suspect_journals_;
  std::optional<bool> has_index_{};
};

ImportPlan plan_import(ObjectStore& store, ManifestReader& reader, const Bucket& bucket,
                       const ImportOptions& options, ImportReport& report, Problems& problems) {
  return ImportPlanner(store, reader, bucket, options, report, problems).run();
}

}  // namespace flashflood::engine
