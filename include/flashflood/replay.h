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
  // Events with from < date <= to; without one the range is open on that side.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  // JMESPath on the event's data: keep the events for which it is true in JMESPath's sense (not
  // false, null, or an empty string, array or object). Data that is not JSON never matches. Once it
  // is certain that an event is left out, the rest of its data is not looked at: see strict.
  std::string where{};
  // JMESPath on the data: the result takes the place of the data; events whose result is null are
  // left out, and so are those whose data is not JSON.
  std::string query{};
  // An event whose data is not JSON, or on which where or query fails, is an error instead of being
  // left out and counted. The data of every event is checked whole.
  bool strict = false;
  // Stop after so many events.
  std::optional<std::uint64_t> limit{};
  // After the snapshot, go on with what is put or updated later, in the order in which it is found
  // (sorted within each look); deletes are not told. next_batch() then never ends: an empty batch
  // says that nothing came for `poll`, and the next call looks again.
  bool follow = false;
  std::chrono::milliseconds poll{1000};
  // Memory for what is read ahead, as stored and decoded. It is used as far as that keeps the
  // replay from waiting for the store: a fast one takes less. Two reads of 8 MiB are under way in
  // any case, and decoded blocks for at least 1 MiB.
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
};

struct ReadSplitOptions;

// What a replay has done so far.
struct ReplayProgress {
  std::uint64_t events = 0;    // given out
  std::uint64_t filtered = 0;  // left out by where or query
  // Left out because the data is not JSON, or where or query failed on it. Some that cannot match
  // are filtered without being looked at so closely, unless strict.
  std::uint64_t not_json = 0;
  std::uint64_t query_errors = 0;
  std::uint64_t data_bytes = 0;     // of data given out
  std::uint64_t entries_total = 0;  // entries in the range's journals: an upper bound, for progress
  std::uint64_t entries_read = 0;
};

// Consecutive events of a replay, and what they point into: that stays as long as `memory`, or a
// copy of it, is kept. A batch is mostly one block of a journal, so that keeping one event of it
// keeps some hundred KiB.
struct EventBatch {
  std::span<const EventView> events{};
  std::shared_ptr<const void> memory{};
};

// A running replay: a single pass over one snapshot. What it reads is decoded (and filtered) ahead
// on the flood's threads. It sees everything that was acknowledged before it was made, and nothing
// of what came later, however long it runs: past a quarter of the flood's grace it holds a lease.
//
// Errors: next_batch() and the iterators throw CorruptData, SnapshotExpired, StoreUnavailable,
// QueryError (strict); the replay is over then.
//
// Threads: one thread at a time. Lifetime: keeps its flood alive; views live until the next batch
// is asked for (with iterators: until the iterator moves on).
class Replay {
 public:
  Replay(Replay&&) noexcept;
  Replay& operator=(Replay&&) noexcept;
  ~Replay();

  // The next events in order of (date, id); empty at the end.
  std::span<const EventView> next_batch();
  // The same, to be kept beyond the next batch, and beyond the replay, without a copy.
  EventBatch next_owned_batch();
  // Whether next_batch() has come to the end, or failed: from then on it gives nothing. One that
  // follows comes to an end only by its limit.
  bool ended() const;

  const ReplayProgress& progress() const;

  // Store requests of the handle that this replay belongs to.
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
  // Memory for events, or what the expression makes of them, that have to be held together: what
  // is sorted, sliced from the end, or needed whole. More is a QueryError (limit) that names the
  // part of the expression which needs it.
  std::size_t memory_bytes = std::size_t{256} << 20;
  // Memory for what is read ahead, as for a replay.
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
  ProgressCallback progress{};  // entries read, and all there are in the range
};

// How a query over a whole flood would be evaluated, in lines for people: what is done for each
// event, what in order, and what is collected. Throws QueryError when it cannot be parsed.
std::string explain_query(std::string_view expression, const QueryOptions& options = {});

// The result of a JMESPath expression on the document {"events": [the data of every event of a
// range, in order]}, which is never held: filters, projections, slices and functions such as
// length, sum, max_by run while the events pass by. docs/jmespath.md tells what streams.
//
// Errors: as for Replay, and QueryError when the evaluation fails on an event or on the whole; the
// query is over then. An expression that has its answer early reads no further, and does not fail
// on what it does not read.
//
// Threads: one thread at a time. Lifetime: keeps its flood alive.
class QueryResult {
 public:
  QueryResult(QueryResult&&) noexcept;
  QueryResult& operator=(QueryResult&&) noexcept;
  ~QueryResult();

  // The next piece of the result, which is one compact JSON document in all; empty at the end. It
  // is valid until the next call. An array that streams comes piece by piece as it is found, of any
  // length in bounded memory.
  std::string_view next_piece();
  // All that is left, as one text.
  std::string text();

  // events: looked at, not_json among them; filtered: passed over without a look; query_errors: 0.
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
  // How long they can be read (1 s to 365 days). A lease keeps what they need for that long, and
  // for a third longer, in which it can be renewed; nothing is collected meanwhile.
  std::chrono::seconds valid_for{24 * 3600};
  // With this, they are read by plain HTTP, without credentials, for this long instead (a store
  // grants at most so much: S3 a week). Pending journals are sealed first, and sealed ones
  // rewritten that still hold data of deleted or updated events: that needs the right to write.
  // Whoever has such a split can read all of the journals that it names, whatever from, to, where
  // and query say.
  std::optional<std::chrono::seconds> presign{};
};

struct ReadSplitOptions {
  // Of the split's events only those with from < date <= to; what holds no others is not read.
  std::optional<Timestamp> from{};
  std::optional<Timestamp> to{};
  // Where the flood is; empty: where the split says. Presigned splits have no use for it.
  std::string store{};
  std::optional<std::uint64_t> limit{};
  std::size_t read_ahead_bytes = std::size_t{64} << 20;
  // Threads that decode and filter; 0: one for each core.
  std::size_t threads = 0;
  // As in OpenOptions.
  std::optional<std::chrono::milliseconds> retry_for{};
  // For a split in a bucket that is not presigned: what environment and profiles say otherwise.
  S3Options s3{};
  LogCallback log{};
};

// From when until when a split can be read. A presigned one that ends before it was wanted to was
// signed with credentials that end then: make splits with credentials that live longer, or have
// them refreshed in time.
struct SplitTimes {
  Timestamp made{};
  Timestamp expires{};
};
// Throws InvalidArgument, CorruptData and UnsupportedFormat as read_split().
SplitTimes split_times(std::string_view split);

// The events of one split, as Flood::splits made it. A presigned one is read without credentials
// and configuration: nothing but its URLs is asked for (redirects are not followed). Any other one
// is read with the rights of this process from the flood that it names, so take it only from whom
// you would take the URL of a store, or name the store yourself.
//
// Throws InvalidArgument for what is not a split, or of another flood, and when from > to;
// CorruptData when it was changed on its way; UnsupportedFormat when a newer version made it;
// QueryError. Reading throws as a replay does; SnapshotExpired says that the split is too old: have
// it refreshed.
Replay read_split(std::string_view json, const ReadSplitOptions& options = {});

}  // namespace flashflood
