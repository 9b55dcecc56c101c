// Flood: an event store, in a folder, in memory or in a bucket; and Recorder, for recording in
// bulk.
//
//   auto flood = flashflood::Flood::open("events");
//   auto id = flood.put({.data = R"({"amount": 3})"});
//   for (const auto& event : flood.replay({.where = "amount > `2`"})) use(event.data);
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flashflood/error.h"
#include "flashflood/event.h"
#include "flashflood/replay.h"
#include "flashflood/reports.h"
#include "flashflood/s3.h"

namespace flashflood {

struct OpenOptions {
  // Create the flood when there is none. A folder that is not empty and not a flood is always
  // refused (NotAFlood).
  bool create = true;
  // Send no request before the first operation, which then also throws the errors of open(). Saves
  // a request in a program that makes one look-up or one replay.
  bool lazy = false;
  // Only used when the flood is created: how long a snapshot lives without a lease, and how long a
  // single operation may last (1 s to 10 years, patience <= grace).
  std::chrono::seconds grace{3600};
  std::chrono::seconds patience{600};
  // Compression of new blocks: "zstd" (level 1), "zstd:N" with N from 1 to 19, "lz4" or "none".
  std::string compression = "zstd";
  // Data in a block (4 KiB to 16 MiB).
  std::size_t block_bytes = std::size_t{256} << 10;
  // Memory for what is kept between calls: tails of journals, pages of catalogs, index filters.
  std::size_t cache_bytes = std::size_t{64} << 20;
  // Memory for decoded blocks of earlier look-ups, which make the next look-up in them faster.
  std::size_t block_cache_bytes = std::size_t{128} << 20;
  // Threads that decode, encode and filter; 0: one for each core.
  std::size_t threads = 0;
  // For how long a request that the store does not answer is repeated, at most a day; zero: never.
  // Unset: FLASHFLOOD_RETRY_FOR, or a minute (docs/s3.md).
  std::optional<std::chrono::milliseconds> retry_for{};
  // Only for s3://: overrides environment variables and profiles.
  S3Options s3{};
  LogCallback log{};
};

struct RecorderOptions {
  // A pending journal is written when this many bytes of ids and data have gathered (64 KiB to 64
  // MiB), or, when eager, as soon as no other one is being written.
  std::size_t batch_bytes = std::size_t{8} << 20;
  // Pending journals written at once (1 to 64). put() waits while this many are; the recorder holds
  // at most about (in_flight + 2) * batch_bytes, plus one event.
  std::size_t in_flight = 4;
  // Write as soon as no other journal is being written, so that a trickle of events is durable at
  // once. Off: always gather batch_bytes (or until flush), for the fewest requests.
  bool eager = true;
};

// Collects events and writes them as sorted pending journals, several at once. Recording is
// idempotent: an event whose id exists already stays as it is, whatever the recorder brings.
//
// Events given to put() are durable when the next flush() returns. The destructor drops events that
// were not flushed: call flush(), and handle its errors.
//
// Errors: after a failed write every later call throws the same error. Events flushed before are
// durable; the others may or may not be. Make a new recorder and send those again.
//
// Threads: put() and flush() may be called from several threads. Lifetime: keeps its flood alive.
class Recorder {
 public:
  Recorder(Recorder&&) noexcept;
  Recorder& operator=(Recorder&&) noexcept;
  ~Recorder();

  // Takes an event. Without an id one is made; without a date it is dated now. Throws
  // InvalidArgument, and takes nothing, when id, date or data are out of bounds (event.h).
  void put(NewEvent event);
  // The same from borrowed bytes.
  void put(std::string_view id, Timestamp date, std::string_view data);

  // The same for callers that must not wait: takes nothing and returns false when put() would wait
  // for a write to end. Id and date are optional, as above.
  [[nodiscard]] bool try_put(std::optional<std::string_view> id, std::optional<Timestamp> date,
                             std::string_view data);

  // Returns when all events taken before are durable and in every later get and replay.
  void flush();

  struct Progress {
    std::uint64_t taken = 0;         // events taken by put
    std::uint64_t durable = 0;       // events durable so far
    std::uint64_t data_bytes = 0;    // of ids and data taken
    std::uint64_t journals = 0;      // written
    std::uint64_t stored_bytes = 0;  // of the journals written
  };
  Progress progress() const;

 private:
  friend class Flood;
  class Impl;
  explicit Recorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What there is of one id. One that was deleted is not taken by put(), but a Recorder does not
// bring it back.
struct FoundEvent {
  enum class State { absent, there, deleted };
  State state = State::absent;
  Event event{};  // when it is there
};

// A handle on a flood. Cheap to copy: copies share caches and threads.
//
// Errors of every operation, in addition to those stated there: StoreUnavailable, PermissionDenied,
// StoreFull, CorruptData; for changes also OutcomeUnknown.
//
// Threads: every function may be called from several threads at once, on one handle or on many.
class Flood {
 public:
  // Opens the flood at `url`: a path, "file:///path", "s3://bucket/prefix", "memory://name" (of
  // this process). Throws NotAFlood, UnsupportedFormat, StoreUnsuitable; InvalidArgument for
  // options out of range, and for s3 options with a URL that is not a bucket.
  static Flood open(std::string_view url, const OpenOptions& options = {});

  // Records one event and returns its id. The event is then durable and in every later get and
  // replay. Throws EventExists when the id is taken; InvalidArgument when id, date or data are out
  // of bounds. Of concurrent puts of one id exactly one succeeds.
  std::string put(const NewEvent& event);

  // The event of this id; find() returns nothing where get() throws EventNotFound.
  Event get(std::string_view id);
  std::optional<Event> find(std::string_view id);

  // What there is of several ids, in their order: for programs that want to know before they record
  // in bulk. One listing and a few reads for all of them, and one for each block that holds some.
  std::vector<FoundEvent> find_many(std::span<const std::string_view> ids);

  // Replaces the data and returns the new revision; id and date stay. With `expected_revision` only
  // if that is the event's revision, otherwise RevisionConflict. Throws EventNotFound.
  std::uint64_t update(std::string_view id, std::string_view data,
                       std::optional<std::uint64_t> expected_revision = {});
  // Deletes the event. The id may be put again. Throws like update().
  void erase(std::string_view id, std::optional<std::uint64_t> expected_revision = {});

  Recorder recorder(const RecorderOptions& options = {});

  // The events of a range in order of (date, id), as of now. Throws QueryError for an expression
  // that cannot be parsed, InvalidArgument when from > to.
  Replay replay(const ReplayOptions& options = {});

  // A JMESPath expression on {"events": [the data of every event of a range, in order]}, as of now:
  // query("sum(events[?country=='France'].quantity)").text(). Throws like replay().
  QueryResult query(std::string_view expression, const QueryOptions& options = {});

  // A replay in pieces of about the same stored size, each a JSON document for read_split. One
  // after another they give the events of a replay begun now, in its order. Pieces are cut between
  // blocks, also inside journals, and inside a date with many events. Throws like replay();
  // StoreUnsuitable when the store cannot presign.
  std::vector<std::string> splits(const SplitOptions& options = {});
  // The same splits, of the same snapshot, valid for `valid_for` from now (default: for as long as
  // they were made for). Presigned splits are presigned again. Throws SnapshotExpired when their
  // lease has ended or is about to; InvalidArgument like read_split().
  std::vector<std::string> refresh_splits(std::span<const std::string> splits,
                                          std::optional<std::chrono::seconds> valid_for = {});

  // Merges pending journals (and sealed ones, where that pays) into sorted sealed ones. Any number
  // of processes may do so at once. Never changes an answer.
  JournalReport journal(const JournalOptions& options = {});
  // Removes objects that journaling has retired, once nobody can still be reading them.
  CollectReport collect_garbage(const CollectOptions& options = {});
  // Reads everything and checks every checksum, order, index entry and reference.
  VerifyReport verify(const VerifyOptions& options = {});

  // Records the events of a bucket (or a copy of one in a folder) of the original FlashFlood, the
  // Python package flash-flood 0.4.3: `url` is "s3://bucket/root_prefix" or a path. The source is
  // only read, and nobody should write to it meanwhile. Events whose id exists already stay as they
  // are. After an interruption, another call continues the import (docs/import-original.md). Throws
  // NotAFlood when the source holds no objects of the original.
  ImportReport import_original(std::string_view url, const ImportOptions& options = {});

  // Removes the flood with every event in it, for good, and returns the number of objects removed.
  // Other objects below its place stay. Nobody may be using the flood; handles on it are useless
  // afterwards. When it throws, open the flood and call it again.
  std::uint64_t destroy();

  // The sealed journals whose dates overlap from < date <= to, and all pending ones. With
  // `read_pending` the pending single operations are read, one request each, and only those in the
  // range are listed. Throws InvalidArgument when `from` is later than `to`.
  std::vector<JournalInfo> journals(std::optional<Timestamp> from = {},
                                    std::optional<Timestamp> to = {}, bool read_pending = false);
  FloodStats stats();
  // The requests of this handle and its copies, since it was opened.
  RequestReport requests() const;

  class Impl;

 private:
  friend ImportReport import_original(std::string_view url, const std::function<Flood()>& into,
                                      const ImportOptions& options);
  explicit Flood(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// Flood::import_original for a flood that may have to be created: `into` opens it. It is called
// after the source has been examined, and contains nothing that strict refuses, so that a wrong URL
// creates no flood.
ImportReport import_original(std::string_view url, const std::function<Flood()>& into,
                             const ImportOptions& options = {});

}  // namespace flashflood
