// A cache with a memory bound that drops the least recently used values.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flashflood {

// Holds immutable values of any type by name. A name must always be requested with the type with
// which it was stored; nothing checks that.
class LruCache {
 public:
  explicit LruCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  template <typename T>
  std::shared_ptr<const T> get(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return std::static_pointer_cast<const T>(found->second->value);
  }

  // A value larger than the whole bound is not kept.
  template <typename T>
  void put(const std::string& name, std::shared_ptr<const T> value, std::size_t bytes) {
    bytes += name.size() + sizeof(Item);
    std::lock_guard lock(mutex_);
    if (bytes > bytes_max_) return;
    if (auto found = by_name_.find(name); found != by_name_.end()) erase(found->second);
    order_.push_front({name, std::move(value), bytes});
    by_name_.emplace(order_.front().name, order_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) erase(std::prev(order_.end()));
  }

 private:
  struct Item {
    std::string name;
    std::shared_ptr<const void> value;
    std::size_t bytes;
  };
  void erase(std::list<Item>::iterator item) {
    bytes_ -= item->bytes;
    by_name_.erase(item->name);
    order_.erase(item);
  }

  const std::size_t bytes_max_;
  std::mutex mutex_;  // guards what follows
  std::list<Item> order_;
  std::unordered_map<std::string_view, std::list<Item>::iterator> by_name_;
  std::size_t bytes_ = 0;
};

}  // namespace flashflood
