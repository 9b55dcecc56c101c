#include "engine/write/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/stop.h"
#include "engine/state/cut_blocks.h"
#include "engine/state/event_checks.h"
#include "engine/write/single.h"
#include "flashflood/error.h"
#include "format/journal.h"
#include "format/keys.h"

namespace flashflood::engine {

using format::EntryClass;
using format::EntryKind;
using format::EntryView;

namespace {

// Events mostly come in order of their dates; then only those of one date have to be sorted.
void sort_by_date_and_id(std::vector<EntryView>& entries) {
  auto by_date = [](const EntryView& a, const EntryView& b) { return a.date < b.date; };
  auto by_id = [](const EntryView& a, const EntryView& b) { return a.id < b.id; };
  if (!std::is_sorted(entries.begin(), entries.end(), by_date)) {
    std::sort(entries.begin(), entries.end(), [&](const EntryView& a, const EntryView& b) {
      return a.date != b.date ? a.date < b.date : by_id(a, b);
    });
    return;
  }
  for (auto begin = entries.begin(); begin != entries.end();) {
    auto end = std::find_if(begin, entries.end(),
                            [&](const EntryView& entry) { return entry.date != begin->date; });
    std::sort(begin, end, by_id);
    begin = end;
  }
}

}  // namespace

void Batch::add(std::string_view id, Timestamp date, std::string_view data) {
  const std::size_t offset = bytes_.size();
  try {
    bytes_ += id;
    bytes_ += data;
    rows_.push_back({date, offset, static_cast<std::uint32_t>(id.size()),
                     static_cast<std::uint32_t>(data.size())});
  } catch (...) {  // there is no memory for it
    bytes_.resize(offset);
    throw;
  }
}

std::vector<EntryView> Batch::sorted_entries() const {
  struct Key {
    std::uint64_t hash;
    std::uint32_t row;
  };
  auto id_of = [&](std::size_t row) {
    return BytesView(bytes_).substr(rows_[row].offset, rows_[row].id_bytes);
  };
  std::vector<Key> keys(rows_.size());
  for (std::uint32_t i = 0; i < rows_.size(); ++i) keys[i] = {xxh3(id_of(i)), i};
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.row < b.row;
  });
  std::vector<bool> repeated(rows_.size());
  for (std::size_t begin = 0, end; begin < keys.size(); begin = end) {
    for (end = begin + 1; end < keys.size() && keys[end].hash == keys[begin].hash; ++end) {
      for (std::size_t earlier = begin; earlier < end && !repeated[keys[end].row]; ++earlier)
        repeated[keys[end].row] = id_of(keys[earlier].row) == id_of(keys[end].row);
    }
  }

  std::vector<EntryView> entries;
  entries.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (repeated[i]) continue;
    const Row& row = rows_[i];
    entries.push_back({row.date, id_of(i),
                       BytesView(bytes_).substr(row.offset + row.id_bytes, row.data_bytes),
                       EntryKind::put, EntryClass::bulk, 0});
  }
  sort_by_date_and_id(entries);
  return entries;
}

void Batch::clear() {
  rows_.clear();
  bytes_.clear();
}

namespace {

RecorderOptions checked(const RecorderOptions& options) {
  if (options.batch_bytes < (std::size_t{64} << 10) ||
      options.batch_bytes > (std::size_t{64} << 20))
    throw InvalidArgument("batch_bytes takes 64 KiB to 64 MiB");
  if (options.in_flight < 1 || options.in_flight > 64)
    throw InvalidArgument("in_flight takes 1 to 64");
  return options;
}

}  // namespace

BulkRecorder::BulkRecorder(std::shared_ptr<const Context> context, const RecorderOptions& options)
    : context_(std::move(context)), options_(checked(options)), recorder_(context_->make_token()) {}

BulkRecorder::~BulkRecorder() {
  stop_.request_stop();
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return under_way_.empty(); });
  const std::uint64_t lost = progress_.taken - progress_.durable;
  lock.unlock();
  if (lost == 0) return;
  context_->env.log.tell(LogRecord::Level::warning, [&] {
    return fmt::format(
        "{}: a recorder ends without flush(): of the {} events that it took, {} may "
        "not be recorded",
        context_->store->describe(), progress_.taken, lost);
  });
}

// For as long as the caller wants. The batches under way go on for other callers.
template <typename Condition>
void BulkRecorder::wait(Lock& lock, const Condition& condition) {
  if (!changed_.wait(lock, current_stop(), condition)) throw_if_stopped();
}

void BulkRecorder::throw_if_failed() const {
  if (error_) std::rethrow_exception(error_);
}

// For good: the first error stays. Under the lock.
void BulkRecorder::fail(std::exception_ptr error) {
  if (!error_) error_ = std::move(error);
  changed_.notify_all();
}

void BulkRecorder::put(std::string_view id, Timestamp date, std::string_view data) {
  take(id, date, data, true);
}

bool BulkRecorder::try_put(std::string_view id, Timestamp date, std::string_view data) {
  return take(id, date, data, false);
}

Timestamp BulkRecorder::next_date() {
  const Timestamp now = context_->env.clock->wall_now();
  Timestamp last = last_date_.load();
  Timestamp next;
  do {
    next = std::max(now, last + std::chrono::microseconds(1));
  } while (!last_date_.compare_exchange_weak(last, next));
  return next;
}

bool BulkRecorder::take(std::string_view id, Timestamp date, std::string_view data, bool may_wait) {
  check_id(id);
  check_date(date);
  check_data(data);
  Lock lock(mutex_);
  throw_if_failed();
  const bool fills_batch = batch_->bytes() + id.size() + data.size() >= options_.batch_bytes;
  if (!may_wait && fills_batch && under_way_.size() >= options_.in_flight) return false;
  batch_->add(id, date, data);
  ++progress_.taken;
  progress_.data_bytes += id.size() + data.size();
  if (batch_->bytes() >= options_.batch_bytes) {
    wait(lock, [&] { return under_way_.size() < options_.in_flight || error_; });
    throw_if_failed();
    // Another thread may have begun this batch while we waited.
    if (batch_->bytes() >= options_.batch_bytes) start_batch(lock);
  } else if (options_.eager && under_way_.empty()) {
    start_batch(lock);
  }
  return true;
}

void BulkRecorder::flush() {
  Lock lock(mutex_);
  // Everything taken so far is in the batches below this number.
  const std::uint64_t end = next_number_ + (batch_->empty() ? 0 : 1);
  const auto may_start = [&] {
    return next_number_ < end && under_way_.size() < options_.in_flight;
  };
  const auto done = [&] {
    return next_number_ >= end && (under_way_.empty() || *under_way_.begin() >= end);
  };
  for (;;) {
    wait(lock, [&] { return error_ || may_start() || done(); });
    throw_if_failed();
    if (done()) return;
    start_batch(lock);
  }
}

Recorder::Progress BulkRecorder::progress() const {
  Lock lock(mutex_);
  return progress_;
}

// Begins the batch that was gathered, for a caller of the recorder, who keeps it alive.
void BulkRecorder::start_batch(Lock& lock) {
  bool begun = false;
  if (const auto taken = take_batch()) {
    lock.unlock();
    begun = begin(*taken);
    lock.lock();
  }
  if (!begun) throw_if_failed();
}

// Takes the batch that was gathered, to be begun. Nothing when there is no memory for that: then
// the recorder has failed. Under the lock.
std::optional<BulkRecorder::Taken> BulkRecorder::take_batch() {
  try {
    std::shared_ptr<Batch> next = take_spare();
    under_way_.insert(next_number_);
    return Taken{std::exchange(batch_, std::move(next)), next_number_++};
  } catch (...) {
    fail(std::current_exception());
    return std::nullopt;
  }
}

// The last thing that is done, and without the lock: the batch may end, and with it the recorder,
// before this returns. False when no thread takes it: then the recorder has failed.
bool BulkRecorder::begin(const Taken& taken) {
  const StopScope scope(stop_.get_token());
  const auto compute = context_->env.compute;
  try {
    compute->submit([this, taken] { encode(taken.batch, taken.number); });
    return true;
  } catch (...) {
    finish(taken.number, 0, 0, std::current_exception());
    return false;
  }
}

void BulkRecorder::encode(const std::shared_ptr<Batch>& batch, std::uint64_t number) {
  try {
    std::uint64_t epoch = context_->newest_seen->load();
    auto entries = batch->sorted_entries();
    format::JournalBuilder builder(
        {format::JournalOrigin::bulk, context_->make_token(), epoch, false}, true);
    // What is compressed takes less: memory that is not touched costs nothing.
    builder.reserve(batch->bytes() + batch->bytes() / 8);
    for_each_block(*context_, entries, [&](std::span<const EntryView> rows) {
      builder.add(format::encode_block(rows, context_->block_options), rows);
    });
    auto object = std::make_shared<const Bytes>(builder.finish());
    const std::size_t events = batch->size();
    give_back(batch);
    std::string key = format::bulk_key({epoch, recorder_, number});
    const auto io = context_->env.io;  // outlives the recorder, which may end before this returns
    io->submit([this, number, key, object, events] { write(number, key, *object, events); });
  } catch (...) {
    finish(number, 0, 0, std::current_exception());
  }
}

// A batch to gather in, with the memory of an earlier one if there is one. Under the lock.
std::shared_ptr<Batch> BulkRecorder::take_spare() {
  if (spare_.empty()) return std::make_shared<Batch>();
  auto batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void BulkRecorder::give_back(const std::shared_ptr<Batch>& batch) {
  batch->clear();
  Lock lock(mutex_);
  if (spare_.size() < options_.in_flight) spare_.push_back(batch);
}

void BulkRecorder::write(std::uint64_t number, const std::string& key, const Bytes& object,
                         std::size_t events) {
  try {
    switch (create_object(*context_, key, object)) {
      case Creation::ours:
        finish(number, events, object.size(), nullptr);
        return;
      case Creation::foreign:
        throw CorruptData(key + ": another recorder has this name");
      case Creation::unknown:
        throw OutcomeUnknown(fmt::format(
            "{}: the {} events of this journal may or may not be recorded; record them again", key,
            events));
    }
  } catch (...) {
    finish(number, 0, 0, std::current_exception());
  }
}

void BulkRecorder::finish(std::uint64_t number, std::size_t events, std::size_t stored_bytes,
                          std::exception_ptr error) {
  std::optional<Taken> next;
  {
    // Notified under the lock: the destructor may run as soon as nothing is under way.
    const Lock lock(mutex_);
    under_way_.erase(number);
    if (error) {
      fail(error);
    } else {
      progress_.durable += events;
      ++progress_.journals;
      progress_.stored_bytes += stored_bytes;
      const bool wanted = !error_ && !stop_.stop_requested();
      if (options_.eager && wanted && under_way_.empty() && !batch_->empty()) next = take_batch();
    }
    changed_.notify_all();
  }
  if (next) begin(*next);
}

}  // namespace flashflood::engine
