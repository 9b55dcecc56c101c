#include "store/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood {
namespace {

class MemoryStore final : public ObjectStore {
 public:
  MemoryStore(std::shared_ptr<Clock> clock, std::size_t page_max, std::string place)
      : clock_(std::move(clock)), page_max_(page_max), place_(std::move(place)) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    check_key(key);
    std::shared_ptr<const Bytes> bytes;
    {
      std::shared_lock lock(mutex_);
      const auto found = objects_.find(key);
      if (found == objects_.end()) return std::nullopt;
      bytes = found->second.bytes;
    }
    const ByteSpan span = resolve_range(range, bytes->size());
    return ObjectPart{bytes->substr(span.offset, span.length), bytes->size()};
  }

  void put(std::string_view key, BytesView bytes) override {
    check_key(key);
    auto copy = std::make_shared<const Bytes>(bytes);
    std::unique_lock lock(mutex_);
    objects_.insert_or_assign(std::string(key), make_object(std::move(copy)));
  }

  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    check_key(key);
    auto copy = std::make_shared<const Bytes>(bytes);
    std::unique_lock lock(mutex_);
    const auto at = objects_.lower_bound(key);
    if (at != objects_.end() && at->first == key) return PutOutcome::exists;
    objects_.emplace_hint(at, std::string(key), make_object(std::move(copy)));
    return PutOutcome::created;
  }

  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    check_prefix(prefix);
    const std::size_t count_max = limit == 0 ? page_max_ : std::min(limit, page_max_);
    ListPage page;
    std::shared_lock lock(mutex_);
    auto at =
        start_after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(start_after);
    for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
      if (page.objects.size() == count_max) {
        page.more = true;
        break;
      }
      const Object& object = at->second;
      page.objects.push_back(
          {at->first, object.bytes->size(), object.modified, std::to_string(object.number)});
    }
    return page;
  }

  void remove(std::span<const std::string> keys) override {
    for (const std::string& key : keys) check_key(key);
    std::unique_lock lock(mutex_);
    for (const std::string& key : keys) objects_.erase(key);
  }

  StoreTime now() override { return {StoreTimestamp(clock_->wall_now()), {}, {}}; }
  std::string describe() const override { return place_; }

 private:
  struct Object {
    std::shared_ptr<const Bytes> bytes;  // shared with the reads under way
    StoreTimestamp modified;
    std::uint64_t number;  // of the put that made it
  };

  Object make_object(std::shared_ptr<const Bytes> bytes) {
    return {std::move(bytes), StoreTimestamp(clock_->wall_now()), ++puts_};
  }

  const std::shared_ptr<Clock> clock_;
  const std::size_t page_max_;
  const std::string place_;
  std::shared_mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;  // guarded by mutex_
  std::uint64_t puts_ = 0;                              // guarded by mutex_
};

// Wall time as it was when the process first asked, counted on by the steady clock: setting the
// machine's clock does not move it.
class UnmovedClock final : public Clock {
 public:
  Timestamp wall_now() override {
    return start_ + std::chrono::floor<std::chrono::microseconds>(clock_->steady_now() - begin_);
  }
  std::chrono::nanoseconds steady_now() override { return clock_->steady_now(); }
  void sleep_for(std::chrono::nanoseconds duration) override { clock_->sleep_for(duration); }

 private:
  const std::shared_ptr<Clock> clock_ = make_system_clock();
  const Timestamp start_ = clock_->wall_now();
  const std::chrono::nanoseconds begin_ = clock_->steady_now();
};

}  // namespace

std::shared_ptr<ObjectStore> make_memory_store(std::shared_ptr<Clock> clock, std::size_t page_max) {
  return std::make_shared<MemoryStore>(std::move(clock), std::max<std::size_t>(page_max, 1),
                                       "memory");
}

std::shared_ptr<ObjectStore> open_memory_store(std::string_view name) {
  const bool named = !name.empty() && name.size() <= 200 && name.find('/') == name.npos;
  if (!named) {
    throw InvalidArgument("the name " + quote(name) +
                          " of a store in memory must have 1 to 200 of A-Z a-z 0-9 - _ .");
  }
  check_prefix(name);
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<ObjectStore>, std::less<>> stores;
  std::lock_guard lock(mutex);
  auto found = stores.find(name);
  if (found == stores.end()) {
    auto store = std::make_shared<MemoryStore>(std::make_shared<UnmovedClock>(), 1000,
                                               "memory://" + std::string(name));
    found = stores.emplace(std::string(name), std::move(store)).first;
  }
  return found->second;
}

}  // namespace flashflood
