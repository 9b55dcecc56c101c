// Replay: the events of a range of dates, in order; queries over all of them; and splits: a replay
// in pieces that any machine can read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "flashflood/event.h"
#include "flashflood/reports.h"
#include "flashflood/s3.h"

namespace flashflood {

struct ReplayOptions {
  // Events with from < date <= to. A side that is not set is open.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  // JMESPath on the event's data: keep the events for which it is true in JMESPath's sense (not
  // false, null, or an empty string, array or object). Data that is not JSON never matches. Once an
  // event is certain to be left out, the rest of its data is not checked: see strict.
  std::string where{};
  // JMESPath on the data: the result replaces the data. Events whose result is null, or whose data
  // is not JSON, are left out.
  std::string query{};
  // An event whose data is not JSON, or on which where or query fails, is an error instead of being
  // left out and counted. The data of every event is checked completely.
  bool strict = false;
  // Stop after this many events.
  std::optional<std::uint64_t> limit{};
  // After the snapshot, continue with events that are put or updated later, in the order in which
  // they are found (sorted within each poll); deletes are not reported. next_batch() then never
  // ends: an empty batch means that nothing came for `poll`, and the next call polls again.
  bool follow = false;
  std::chrono::milliseconds poll{1000};
  // Memory for reading ahead, of stored and of decoded blocks. A replay uses only as much as keeps
  // it from waiting for the store, so a fast store takes less. Two reads of 8 MiB are under way in
  // any case, and at least 1 MiB of decoded blocks.
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
};

struct ReadSplitOptions;

// The progress of a replay so far.
struct ReplayProgress {
  std::uint64_t events = 0;    // returned
  std::uint64_t filtered = 0;  // left out by where or query
  // Left out because the data is not JSON, or because where or query failed on it. Unless strict,
  // some events that cannot match count as filtered without being checked.
  std::uint64_t not_json = 0;
  std::uint64_t query_errors = 0;
  std::uint64_t data_bytes = 0;     // of the events returned
  std::uint64_t entries_total = 0;  // entries in the range's journals: an upper bound, for progress
  std::uint64_t entries_read = 0;   // of these, after the merge; tombstones included
};

// Consecutive events of a replay, and the memory that they point into, which stays valid while
// `memory` or a copy of it is kept. A batch is usually one block of a journal, so keeping one event
// of it keeps some hundred KiB.
struct EventBatch {
  std::span<const EventView> events{};
  std::shared_ptr<const void> memory{};
};

// A running replay: a single pass over one snapshot. Blocks are decoded (and filtered) ahead on the
// flood's threads. It sees everything that was acknowledged before it was made, and nothing that
// came later, however long it runs: after a quarter of the flood's grace it takes a lease.
//
// Errors: next_batch() and the iterators throw CorruptData, SnapshotExpired, StoreUnavailable,
// QueryError (strict); the replay has then ended.
//
// Threads: one thread at a time. Lifetime: keeps its flood alive; views are valid until the next
// batch is requested (with iterators: until the iterator advances).
class Replay {
 public:
  Replay(Replay&&) noexcept;
  Replay& operator=(Replay&&) noexcept;
  ~Replay();

  // The next events in order of (date, id); empty at the end.
  std::span<const EventView> next_batch();
  // The same, to be kept beyond the next batch, and beyond the replay, without a copy.
  EventBatch next_owned_batch();
  // Whether next_batch() has reached the end, or failed: from then on it returns no events. A
  // replay that follows ends only by its limit.
  bool ended() const;

  const ReplayProgress& progress() const;

  // Store requests of the handle to which this replay belongs.
  RequestReport requests() const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = EventView;
    using difference_type = std::ptrdiff_t;
    using pointer = const EventView*;
    using reference = const EventView&;

    reference operator*() const { return batch_[position_]; }
    pointer operator->() const { return &batch_[position_]; }
    Iterator& operator++() {
      if (++position_ == batch_.size()) advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) {
      return it.batch_.empty();
    }

   private:
    friend class Replay;
    explicit Iterator(Replay* replay) : replay_(replay) { advance(); }
    void advance() {
      batch_ = replay_->next_batch();
      position_ = 0;
    }
    Replay* replay_;
    std::span<const EventView> batch_{};
    std::size_t position_ = 0;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class Flood;
  friend Replay read_split(std::string_view json, const ReadSplitOptions& options);
  class Impl;
  explicit Replay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct QueryOptions {
  // Events with from < date <= to, as for a replay.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  // An event whose data is not JSON is an error instead of being left out and counted.
  bool strict = false;
  // Memory for values that must be held together: those that the expression sorts, slices from the
  // end, or needs as a whole. More is a QueryError (limit) that names the part of the expression
  // that needs it.
  std::size_t memory_bytes = std::size_t{256} << 20;
  // Memory for reading ahead, as for a replay.
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
  ProgressCallback progress{};  // entries read, and all entries in the range
};

// How a query over a whole flood would be evaluated, in lines for people: the steps for each event,
// the steps in order, and the values that are collected. Throws QueryError when it cannot be
// parsed.
std::string explain_query(std::string_view expression, const QueryOptions& options = {});

// The result of a JMESPath expression on the document {"events": [the data of every event of a
// range, in order]}, which is never held: filters, projections, slices and functions such as
// length, sum, max_by run while the events pass by. docs/jmespath.md lists what streams.
//
// Errors: as for Replay, and QueryError when the evaluation fails on an event or on the whole; the
// query has then ended. An expression whose answer is known early reads no further, and does not
// fail on events that it does not read.
//
// Threads: one thread at a time. Lifetime: keeps its flood alive.
class QueryResult {
 public:
  QueryResult(QueryResult&&) noexcept;
  QueryResult& operator=(QueryResult&&) noexcept;
  ~QueryResult();

  // The next piece of the result; all pieces together are one compact JSON document. Empty at the
  // end. Valid until the next call. An array that streams comes in pieces while it is read, at any
  // length in bounded memory.
  std::string_view next_piece();
  // The rest of the result, as one text.
  std::string text();

  // events: evaluated, including not_json; filtered: skipped without evaluation; query_errors: 0.
  const ReplayProgress& progress() const;

 private:
  friend class Flood;
  class Impl;
  explicit QueryResult(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct SplitOptions {
  // As for a replay; they travel in the splits.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  std::string where{};
  std::string query{};
  bool strict = false;
  // How many (1 to 100,000). There are fewer when there is too little to cut, none when there is
  // nothing in the range.
  std::uint64_t count = 1;
  // How long they can be read (1 s to 365 days). A lease keeps the objects that they need for that
  // long, and for a third longer, in which it can be renewed; none of them is collected meanwhile.
  std::chrono::seconds valid_for{24 * 3600};
  // With this, they are read by plain HTTP, without credentials, for this long instead (S3 grants
  // at most a week). First, pending journals are sealed, and sealed journals that still hold data
  // of deleted or updated events are rewritten; that needs the right to write. The receiver of such
  // a split can read all of the journals that it names, whatever from, to, where and query say.
  std::optional<std::chrono::seconds> presign{};
};

struct ReadSplitOptions {
  // Only those of the split's events with from < date <= to; blocks without any are not read.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  // Where the flood is; empty: the store that the split names. Not used for presigned splits.
  std::string store{};
  std::optional<std::uint64_t> limit{};
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
  // Threads that decode and filter; 0: one for each core.
  std::size_t threads = 0;
  // As in OpenOptions.
  std::optional<std::chrono::milliseconds> retry_for{};
  // For a split in a bucket that is not presigned: overrides environment and profiles.
  S3Options s3{};
  LogCallback log{};
};

// From when until when a split can be read. A presigned split ends earlier than requested if the
// credentials that signed it expire then: use credentials that live longer, or refresh it in time.
struct SplitTimes {
  Timestamp made{};
  Timestamp expires{};
};
// Throws InvalidArgument, CorruptData and UnsupportedFormat as read_split().
SplitTimes split_times(std::string_view split);

// The events of one split, as made by Flood::splits. A presigned split is read without credentials
// and configuration: only its URLs are requested (redirects are not followed). Any other split is
// read with the rights of this process from the flood that it names, so accept it only from people
// from whom you would accept the URL of a store, or name the store yourself.
//
// Throws InvalidArgument for a text that is not a split, for a split of another flood, and when
// from > to; CorruptData when it was changed in transit; UnsupportedFormat when a newer version
// made it; QueryError. Reading throws like a replay; SnapshotExpired means that the split is too
// old and must be refreshed.
Replay read_split(std::string_view json, const ReadSplitOptions& options = {});

}  // namespace flashflood
