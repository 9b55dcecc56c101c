// A running replay: merges a snapshot, filters on the compute threads, gives batches in order.
//
// Threads: one thread at a time.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/task_group.h"
#include "engine/read/follower.h"
#include "engine/read/merge.h"
#include "engine/read/snapshot.h"
#include "engine/state/context.h"
#include "engine/state/lease.h"
#include "flashflood/replay.h"
#include "format/split.h"
#include "query/matcher.h"
#include "query/stream/stream_head.h"

namespace flashflood::engine {

class Replayer {
 public:
  // Throws InvalidArgument and QueryError for options that make no sense. With a `head` the events
  // go through it, all are given out, and streams() tells what became of them; where and query are
  // left empty then.
  Replayer(std::shared_ptr<const Context> context, const ReplayOptions& options,
           std::shared_ptr<const query::StreamHead> head = nullptr);
  // Replays the part `range` of a snapshot that somebody else keeps alive. The options' range,
  // which contains it, is not looked at.
  Replayer(std::shared_ptr<const Context> context, const ReplayOptions& options,
           format::EventRange range, Snapshot snapshot);
  ~Replayer();  // stops what is under way, and waits for its end

  // See Replay.
  std::span<const EventView> next_batch();
  bool ended() const { return ended_; }
  const ReplayProgress& progress() const { return progress_; }
  // Keeps what the last batch points into.
  std::shared_ptr<const void> memory() const;
  // Of the events of the last batch, which was not empty.
  const query::StreamHead::Batch& streams() const;

 private:
  struct Filter;
  struct Batch;

  void begin(format::EventRange range, std::shared_ptr<const query::StreamHead> head);
  void begin(Snapshot snapshot);
  void fill();
  void stop();
  bool look_for_news();
  std::span<const EventView> give(std::shared_ptr<Batch> batch);

  const std::shared_ptr<const Context> context_;
  const ReplayOptions options_;
  // Of all that the replay does ahead; a stop of the caller that waits for it becomes one of these.
  std::stop_source stop_;
  std::shared_ptr<const Filter> filter_;
  std::unique_ptr<SnapshotLease> lease_;
  std::unique_ptr<Merge> merge_;  // nothing when it is over
  std::unique_ptr<Follower> follower_;
  std::deque<std::shared_ptr<Batch>> under_way_;
  std::size_t under_way_bytes_ = 0;
  std::shared_ptr<ReadAhead> ahead_;
  std::shared_ptr<Batch> current_;
  ReplayProgress progress_;
  bool ended_ = false;
  TaskGroup filtering_;  // refers to the batches under way
};

}  // namespace flashflood::engine
