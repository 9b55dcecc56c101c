#include "engine/import/original_import.h"

#include <fmt/format.h>

#include <future>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/hash.h"
#include "base/task_group.h"
#include "engine/import/import_feed.h"
#include "engine/import/import_plan.h"
#include "engine/write/recorder.h"
#include "flashflood/error.h"
#include "format/keys.h"
#include "format/settings.h"
#include "original/bucket.h"

namespace flashflood::engine {

using original::Bucket;
using original::Problems;

namespace {

using JournalHashes = std::unordered_set<IdHash, IdHashHasher>;

constexpr std::size_t requests_at_once = 32;
constexpr std::uint64_t bytes_between_marks = std::uint64_t{256} << 20;
constexpr std::chrono::seconds time_between_marks{1};

JournalHashes read_marks(const Context& context) {
  const auto objects = list_all(*context.store, format::imports_prefix);
  std::vector<format::ImportMark> marks(objects.size());
  parallel_for(*context.env.io, objects.size(), requests_at_once, [&](std::size_t i) {
    const auto bytes = fetch(context, objects[i].key);
    if (bytes) marks[i] = format::decode_import_mark(*bytes, objects[i].key);
  });
  JournalHashes done;
  for (const auto& mark : marks) done.insert(mark.journals.begin(), mark.journals.end());
  return done;
}

// One window is read while the one before it is recorded.
class WindowAhead {
 public:
  WindowAhead(ImportFeed& feed, Executor& io) : feed_(feed), io_(io) { begin(); }
  WindowAhead(const WindowAhead&) = delete;
  WindowAhead& operator=(const WindowAhead&) = delete;

  ImportWindow next() {
    done_.get();
    ImportWindow window = std::move(window_);
    if (!window.finished.empty() || !window.units.empty()) begin();
    return window;
  }

 private:
  void begin() {
    done_ = reading_.start(io_, [this] { window_ = feed_.next(); });
  }

  ImportFeed& feed_;
  Executor& io_;
  ImportWindow window_;  // of the task, until it is done
  std::future<void> done_;
  TaskGroup reading_;  // refers to this
};

class OriginalImport {
 public:
  OriginalImport(const Environment& env, std::shared_ptr<ObjectStore> source,
                 const ImportOptions& options)
      : env_(env), source_(std::move(source)), options_(options), problems_(options.names_max) {}

  ImportReport run(const OpenTarget& into) {
    bucket_ = original::list_bucket(*source_, *env_.io, options_.names_max, problems_);
    for (const auto& problem : problems_.all()) report_.skipped += problem.count;
    report_.tombstones = bucket_.tombstones;
    report_.applied_markers = bucket_.applied_markers;
    report_.unnamed_blobs = bucket_.unnamed_blobs;
    report_.unnamed_blob_names = std::move(bucket_.unnamed_blob_names);
    ManifestReader reader(*source_, *env_.io, bucket_);
    const ImportPlan plan = plan_import(*source_, reader, bucket_, options_, report_, problems_);
    if (options_.strict) refuse_problems();

    context_ = into();
    recorder_.emplace(context_, RecorderOptions{.eager = false});
    const JournalHashes done = read_marks(*context_);
    std::vector<std::size_t> journals;
    for (std::size_t i = 0; i < bucket_.journals.size(); ++i) {
      if (done.contains(IdHash::of(bucket_.journals[i].name))) {
        ++report_.journals_done_before;
      } else {
        journals.push_back(i);
        rows_total_ += plan.rows_of(i);
        if (plan.has_faults(i)) failed_.insert(i);
      }
    }
    ImportFeed feed(*source_, *env_.io, reader, bucket_, plan, std::move(journals));
    const auto broken = reader.broken();
    record(feed);
    for (const auto& [journal, why] : reader.broken()) {
      if (!broken.contains(journal)) skip(why, bucket_.journals[journal].manifest_key());
    }
    report_.problems = problems_.all();
    return std::move(report_);
  }

 private:
  void refuse_problems() const {
    if (problems_.empty()) return;
    const ImportProblem& first = problems_.all().front();
    throw CorruptData(fmt::format(
        "{}: {}{}; nothing was recorded. Without strict such things are skipped and counted",
        source_->describe(), first.reason,
        first.names.empty() ? std::string() : ": " + first.names.front()));
  }

  void record(ImportFeed& feed) {
    WindowAhead ahead(feed, *env_.io);
    marked_at_ = context_->steady_now();
    for (;;) {
      const ImportWindow window = ahead.next();
      if (window.units.empty() && window.finished.empty()) break;
      for (const ImportUnit& unit : window.units) record_unit(unit);
      for (const std::size_t journal : window.finished) {
        if (failed_.erase(journal) == 0) unmarked_.push_back(journal);
      }
      if (recorder_bytes_ >= bytes_between_marks ||
          context_->steady_now() - marked_at_ >= time_between_marks) {
        mark();
      }
      if (options_.progress) {
        options_.progress({report_.recorded, rows_total_, report_.recorded_bytes});
      }
    }
    mark();
  }

  void record_unit(const ImportUnit& unit) {
    for (const std::size_t number : unit.rows) {
      const original::ManifestRow& row = unit.manifest->rows[number];
      const std::string_view id = unit.manifest->id(row);
      const auto data = unit.data_of(row);
      if (!data || data->size() > data_bytes_max) {
        skip("its data is gone, has changed since it was listed, or does not fit its checksum",
             event_in(bucket_.journals[unit.journal], id));
        failed_.insert(unit.journal);
        continue;
      }
      recorder_->put(id, row.date, *data);
      ++report_.recorded;
      report_.recorded_bytes += id.size() + data->size();
      recorder_bytes_ += id.size() + data->size();
    }
  }

  // Something that was there when the source was listed.
  void skip(const std::string& reason, const std::string& where) {
    if (options_.strict) {
      throw CorruptData(fmt::format("{}: {}: {}", source_->describe(), where, reason));
    }
    problems_.add(reason, where);
    ++report_.skipped;
  }

  // Makes durable what was taken, and then notes that it is.
  void mark() {
    recorder_->flush();
    format::ImportMark mark;
    for (std::size_t i = 0; i < unmarked_.size(); ++i) {
      mark.journals.push_back(IdHash::of(bucket_.journals[unmarked_[i]].name));
      if (mark.journals.size() < mark.journals_max && i + 1 < unmarked_.size()) continue;
      context_->store->put(format::import_key(context_->make_token()),
                           format::encode_import_mark(mark));
      mark.journals.clear();
    }
    unmarked_.clear();
    recorder_bytes_ = 0;
    marked_at_ = context_->steady_now();
  }

  const Environment& env_;
  const std::shared_ptr<ObjectStore> source_;
  const ImportOptions& options_;
  Problems problems_;
  ImportReport report_;
  Bucket bucket_;
  std::shared_ptr<const Context> context_{};  // of the flood, once it is open
  std::optional<BulkRecorder> recorder_{};
  std::uint64_t rows_total_ = 0;
  std::uint64_t recorder_bytes_ = 0;        // taken since the last mark
  std::chrono::nanoseconds marked_at_{};    // steady clock
  std::vector<std::size_t> unmarked_;       // journals that are recorded
  std::unordered_set<std::size_t> failed_;  // that another import shall try again
};

}  // namespace

ImportReport import_original(const Environment& env, std::shared_ptr<ObjectStore> source,
                             const OpenTarget& into, const ImportOptions& options) {
  if (options.memory_bytes < (std::size_t{1} << 20)) {
    throw InvalidArgument("memory_bytes takes 1 MiB or more");
  }
  return OriginalImport(env, std::move(source), options).run(into);
}

}  // namespace flashflood::engine
