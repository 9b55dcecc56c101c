// Reports of maintenance and of a flood's content; progress, log and stop of long operations.
//
// Threads: plain values, but for StopScope.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "flashflood/event.h"
#include "flashflood/s3.h"

namespace flashflood {

// Called from time to time by long operations, on the thread that called them.
struct Progress {
  std::uint64_t events = 0;
  std::uint64_t events_total = 0;  // 0: not known
  std::uint64_t bytes = 0;
};
using ProgressCallback = std::function<void(const Progress&)>;

// Something that the library does on its own, and that no result or error shows: for a log.
struct LogRecord {
  enum class Level {
    debug,   // a request is sent a second time, because the answer is slow
    info,    // a request is repeated, because it failed; a catalog is committed
    warning  // something is lost: events of a recorder that ends without a flush
  };
  Level level = Level::debug;
  std::string message{};
};
// Called on any thread, and on several at once. The operation waits for it, so it should return
// soon; it must not call the library. Exceptions from it are dropped.
using LogCallback = std::function<void(const LogRecord&)>;

// While a StopScope lives, a stop request ends the library's calls on this thread, and the work
// that they started on others, with Interrupted: at once where they wait for the store, a lock or a
// pause, otherwise before the next request. An empty token shields from the scope around it.
//
//   std::stop_source source;  // source.request_stop() on any thread
//   flashflood::StopScope scope(source.get_token());
//   flood.journal();
//
// Threads: belongs to the thread that made it. Scopes nest.
class StopScope {
 public:
  explicit StopScope(std::stop_token token) noexcept;
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  std::stop_token before_;
};

struct JournalOptions {
  // Journal only if at least this many events, in at least this many bytes of objects, are pending;
  // otherwise JournalingConditionNotMet.
  std::uint64_t min_events = 0;
  std::uint64_t min_bytes = 0;
  // The same for the bytes of pending data. Single operations are read to find out, one request
  // each; recorders' journals count with their decoded size, a little more than their data.
  std::uint64_t min_data_bytes = 0;
  // Data in one sealed journal (1 MiB to 1 GiB).
  std::size_t journal_bytes = std::size_t{128} << 20;
  // Also merge sealed journals, where many cover one date or many are small.
  bool merge = true;
  // Called at the beginning and after each commit. The total is the number of events that were
  // pending at the beginning; counting them takes a request for each pending recorder's journal.
  ProgressCallback progress{};
};

struct JournalReport {
  std::uint64_t sealed_events = 0;      // entries taken from pending journals
  std::uint64_t sealed_data_bytes = 0;  // their data, as min_data_bytes counts it
  std::uint64_t pending_journals = 0;   // sealed
  std::uint64_t merged_journals = 0;    // sealed journals merged
  std::uint64_t written_journals = 0;
  std::uint64_t commits = 0;
  std::uint64_t conflicts = 0;  // commits given up because another journaler committed first
};

// A journal, sealed or pending.
struct JournalInfo {
  std::string key;  // below the flood's place
  bool sealed = false;
  std::optional<Timestamp> from{};  // dates of its first and last entry; unknown for pending
  std::optional<Timestamp> to{};    // single operations that were not read
  std::uint64_t entries = 0;        // 0: unknown
  std::uint64_t data_bytes = 0;     // ids and data; 0: unknown
  std::uint64_t object_bytes = 0;
};

struct FloodStats {
  std::string url;
  std::uint64_t catalog = 0;  // its number
  std::uint64_t fence = 0;
  std::uint64_t swept = 0;
  std::uint64_t sealed_journals = 0;
  std::uint64_t sealed_entries = 0;
  std::uint64_t sealed_data_bytes = 0;
  std::uint64_t sealed_object_bytes = 0;
  std::uint64_t pending_singles = 0;
  std::uint64_t pending_bulk_journals = 0;
  std::uint64_t pending_object_bytes = 0;
  std::uint64_t index_runs = 0;
  std::uint64_t index_entries = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t retired_objects = 0;
  std::optional<Timestamp> from{};  // of the sealed entries
  std::optional<Timestamp> to{};
  std::chrono::seconds grace{};
  std::chrono::seconds patience{};
};

struct CollectOptions {
  bool dry_run = false;
  // Commit a catalog that moves the watermarks as far as the store's clock and the leases allow, so
  // that more can be removed now. Off: remove only objects that earlier commits allow to remove.
  bool advance = true;
};

struct CollectReport {
  std::uint64_t removed_objects = 0;  // with dry_run: objects that would be removed
  std::uint64_t removed_bytes = 0;
  std::uint64_t kept_objects = 0;   // retired, but still within patience or grace
  std::vector<std::string> keys{};  // filled with dry_run
};

struct VerifyOptions {
  ProgressCallback progress{};
  // Stop after this many problems.
  std::size_t problems_max = 1000;
};

struct VerifyReport {
  std::uint64_t objects = 0;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t live_events = 0;
  struct Problem {
    std::string key;
    std::string what;
  };
  std::vector<Problem> problems{};  // empty: all is well
};

// Store requests made through a handle, repetitions included.
struct RequestReport {
  std::uint64_t gets = 0;
  std::uint64_t puts = 0;   // both kinds
  std::uint64_t lists = 0;  // pages
  std::uint64_t removes = 0;
  std::uint64_t times = 0;  // questions for the store's time; requests only if the store is remote
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  // Among the requests above:
  std::uint64_t pieces = 0;   // gets: further pieces of large reads
  std::uint64_t parts = 0;    // puts: parts of large objects
  std::uint64_t hedges = 0;   // gets and lists: sent again because the answer was slow
  std::uint64_t rereads = 0;  // gets: read again because the bytes were damaged
};

struct ImportOptions {
  // How to reach the source, where it is a bucket and the environment's settings are not meant for
  // it. With a profile, its keys, endpoint and region count; those of the environment are the
  // flood's.
  S3Options source{};
  // As in OpenOptions, for the source.
  std::optional<std::chrono::milliseconds> retry_for{};
  // Throw CorruptData instead of skipping anything, before anything is recorded.
  bool strict = false;
  // Names kept for each reason to skip something.
  std::size_t names_max = 10;
  // Memory to find events that are in several journals (1 MiB or more), 16 bytes for each event.
  // With more events the manifests are read several times.
  std::size_t memory_bytes = std::size_t{256} << 20;
  // An exception from it ends the import. Events recorded by then stay, and the next import
  // continues from there.
  ProgressCallback progress{};
  LogCallback log{};  // of the source
};

// A reason to skip something.
struct ImportProblem {
  std::string reason;
  std::uint64_t count = 0;
  std::vector<std::string> names{};  // the first few: keys below the source
};

// Everything that an import found in the source, and what it did.
struct ImportReport {
  std::uint64_t journals = 0;         // journals that the original combined from others
  std::uint64_t journal_events = 0;   // events listed in them
  std::uint64_t pending_events = 0;   // events as put() left them, each in its own journal
  std::uint64_t updates_applied = 0;  // updates that the original had not applied yet
  std::uint64_t deletes_applied = 0;  // deletes that the original had not applied yet
  std::uint64_t superseded = 0;       // updates and deletes that a newer one outranks
  std::uint64_t tombstones = 0;       // of journals that others have replaced
  std::uint64_t applied_markers = 0;  // updates and deletes with a tombstone
  std::uint64_t duplicates = 0;       // further copies of an event
  std::uint64_t unnamed_blobs = 0;    // data that no journal names: left by a crash, or collected
  std::vector<std::string> unnamed_blob_names{};
  std::uint64_t skipped = 0;  // events, and objects that may have contained events
  std::vector<ImportProblem> problems{};
  std::uint64_t journals_done_before = 0;  // by an earlier import into this flood
  std::uint64_t recorded = 0;              // events recorded by this import
  std::uint64_t recorded_bytes = 0;        // of ids and data
  RequestReport source_requests{};
};

}  // namespace flashflood
