// The bulk recorder behind flashflood::Recorder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/state/context.h"
#include "flashflood/flood.h"

namespace flashflood::engine {

// Events gathered for one pending journal: their bytes in one buffer.
class Batch {
 public:
  void add(std::string_view id, Timestamp date, std::string_view data);  // whole or not at all
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  void clear();  // keeps the memory
  // The events in order of (date, id); of several with one id only the first that was added.
  std::vector<format::EntryView> sorted_entries() const;

 private:
  struct Row {
    Timestamp date;
    std::size_t offset;
    std::uint32_t id_bytes;
    std::uint32_t data_bytes;
  };
  std::vector<Row> rows_;
  Bytes bytes_;
};

// Adaptive group commit: a batch is written at once if no other one is being written, otherwise
// when one of those is done or the batch is full.
//
// Threads: every function may be called from several threads at once.
class BulkRecorder {
 public:
  BulkRecorder(std::shared_ptr<const Context> context, const RecorderOptions& options);
  ~BulkRecorder();

  void put(std::string_view id, Timestamp date, std::string_view data);
  bool try_put(std::string_view id, Timestamp date, std::string_view data);
  // Now, by this machine's clock, or if that is not later than the last one that this gave, a
  // microsecond after that: what is recorded without dates is in the order in which it came.
  Timestamp next_date();
  void flush();
  Recorder::Progress progress() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  bool take(std::string_view id, Timestamp date, std::string_view data, bool may_wait);
  struct Taken {
    std::shared_ptr<Batch> batch;
    std::uint64_t number;
  };
  void start_batch(Lock& lock);
  std::optional<Taken> take_batch();
  bool begin(const Taken& taken);
  void encode(const std::shared_ptr<Batch>& batch, std::uint64_t number);
  std::shared_ptr<Batch> take_spare();
  void give_back(const std::shared_ptr<Batch>& batch);
  void write(std::uint64_t number, const std::string& key, const Bytes& object, std::size_t events);
  void finish(std::uint64_t number, std::size_t events, std::size_t stored_bytes,
              std::exception_ptr error);
  void fail(std::exception_ptr error);
  void throw_if_failed() const;
  template <typename Condition>
  void wait(Lock& lock, const Condition& condition);

  const std::shared_ptr<const Context> context_;
  const RecorderOptions options_;
  const format::Token recorder_;

  std::stop_source stop_;  // of the batches under way
  std::atomic<Timestamp> last_date_{timestamp_min};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::shared_ptr<Batch> batch_ = std::make_shared<Batch>();
  std::vector<std::shared_ptr<Batch>> spare_;  // empty, for their memory
  std::set<std::uint64_t> under_way_;          // numbers of the batches being written
  std::uint64_t next_number_ = 0;
  std::exception_ptr error_;
  Recorder::Progress progress_;
};

}  // namespace flashflood::engine
