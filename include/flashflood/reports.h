// What maintenance reports, and what there is in a flood; how operations that last are watched and
// stopped.
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

// Called now and then by operations that last, on the thread that called them.
struct Progress {
  std::uint64_t events = 0;
  std::uint64_t events_total = 0;  // 0: not known
  std::uint64_t bytes = 0;
};
using ProgressCallback = std::function<void(const Progress&)>;

// What the library does by itself, so that no result and no error tells it: for a log.
struct LogRecord {
  enum class Level {
    debug,   // a request that is sent a second time, because the answer is slow
    info,    // a request that is repeated, because it failed; a catalog that is committed
    warning  // something is lost: events of a recorder that ends without a flush
  };
  Level level = Level::debug;
  std::string message{};
};
// Called on any thread, from several threads at once, while an operation goes on, which waits for
// it: it should return soon, and must not call the library. What it throws is dropped.
using LogCallback = std::function<void(const LogRecord&)>;

// While it lives, calls of the library on this thread, and what they start on others, end with
// Interrupted soon after a stop is requested: at once where they wait for the store, a lock or the
// time, else before the next request. An empty token shields from the scope around it.
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
  // Journal only if at least so many events (and so many bytes of pending objects) are pending;
  // otherwise JournalingConditionNotMet.
  std::uint64_t min_events = 0;
  std::uint64_t min_bytes = 0;
  // The same for the data of what is pending. Single operations are read for it, a request for
  // each; recorders' journals count as they are when decoded, a little more than their data.
  std::uint64_t min_data_bytes = 0;
  // Data in one sealed journal (1 MiB to 1 GiB).
  std::size_t journal_bytes = std::size_t{128} << 20;
  // Merge sealed journals too where many cover one date or many are small.
  bool merge = true;
  // Called when it begins and after each commit, with the events that were pending when it began as
  // the total; finding out how many there are takes a request for each pending recorder's journal.
  ProgressCallback progress{};
};

struct JournalReport {
  std::uint64_t sealed_events = 0;      // entries taken from pending journals
  std::uint64_t sealed_data_bytes = 0;  // their data, as min_data_bytes counts it
  std::uint64_t pending_journals = 0;   // sealed
  std::uint64_t merged_journals = 0;    // sealed journals merged
  std::uint64_t written_journals = 0;
  std::uint64_t commits = 0;
  std::uint64_t conflicts = 0;  // commits that another journaler made in vain, and were given up
};

// A journal, sealed or pending.
struct JournalInfo {
  std::string key;  // below the flood's place
  bool sealed = false;
  std::optional<Timestamp> from{};  // date of its first and last entry; not known for pending ones
  std::optional<Timestamp> to{};    // of single operations whose content was not read
  std::uint64_t entries = 0;        // 0 when not known
  std::uint64_t data_bytes = 0;     // ids and data; 0 when not known
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
  // that more can be removed now. Off: remove only what earlier commits allow.
  bool advance = true;
};

struct CollectReport {
  std::uint64_t removed_objects = 0;  // with dry_run: that would be removed
  std::uint64_t removed_bytes = 0;
  std::uint64_t kept_objects = 0;   // retired, but still within patience or grace
  std::vector<std::string> keys{};  // filled with dry_run
};

struct VerifyOptions {
  ProgressCallback progress{};
  // Stop after so many problems.
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

// Store requests made through a handle, repetitions counted.
struct RequestReport {
  std::uint64_t gets = 0;
  std::uint64_t puts = 0;   // both kinds
  std::uint64_t lists = 0;  // pages
  std::uint64_t removes = 0;
  std::uint64_t times = 0;  // questions for the store's time; a request where the store is remote
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  // Among the requests above:
  std::uint64_t pieces = 0;   // gets: what did not fit into the first one of a large read
  std::uint64_t parts = 0;    // puts: parts of large objects
  std::uint64_t hedges = 0;   // gets and lists: sent again because the answer was slow
  std::uint64_t rereads = 0;  // gets: read again because the bytes were damaged
};

struct ImportOptions {
  // How the source is reached, when that is a bucket and differs from what the environment says.
  // With a profile of the AWS files its keys, its endpoint and its region count, and none of the
  // environment's, which are those of the flood.
  S3Options source{};
  // As in OpenOptions, for the source.
  std::optional<std::chrono::milliseconds> retry_for{};
  // Throw CorruptData for anything that would be skipped, before anything is recorded.
  bool strict = false;
  // Names kept for each reason for which something was skipped.
  std::size_t names_max = 10;
  // Memory for finding events that lie in several journals (1 MiB or more), 16 bytes for each
  // event. With more events the manifests are read several times.
  std::size_t memory_bytes = std::size_t{256} << 20;
  // What it throws ends the import; what is recorded by then stays, and the next import goes on
  // from there.
  ProgressCallback progress{};
  LogCallback log{};  // of the source
};

// A reason for which something was skipped.
struct ImportProblem {
  std::string reason;
  std::uint64_t count = 0;
  std::vector<std::string> names{};  // the first few: keys below the source
};

// What an import found, all of it, and what it did.
struct ImportReport {
  std::uint64_t journals = 0;         // that the original has made of others
  std::uint64_t journal_events = 0;   // listed in them
  std::uint64_t pending_events = 0;   // as put() left them, each in a journal of its own
  std::uint64_t updates_applied = 0;  // that the original had not applied yet
  std::uint64_t deletes_applied = 0;  //
  std::uint64_t superseded = 0;       // updates and deletes that something newer outranks
  std::uint64_t tombstones = 0;       // of journals that others have replaced
  std::uint64_t applied_markers = 0;  // updates and deletes with a tombstone
  std::uint64_t duplicates = 0;       // further copies of an event
  std::uint64_t unnamed_blobs = 0;    // data that no journal names: left by a crash, or collected
  std::vector<std::string> unnamed_blob_names{};
  std::uint64_t skipped = 0;  // events, and objects that may have held some
  std::vector<ImportProblem> problems{};
  std::uint64_t journals_done_before = 0;  // by an earlier import into this flood
  std::uint64_t recorded = 0;              // events handed to the flood now
  std::uint64_t recorded_bytes = 0;        // of ids and data
  RequestReport source_requests{};
};

}  // namespace flashflood
