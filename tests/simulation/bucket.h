// The bucket of the simulation: a map that is strongly consistent, and says what happens in it.
//
// Threads: one at a time (the scheduler sees to it).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/object_store.h"

namespace flashflood::simulation {

class Bucket {
 public:
  struct Object {
    Bytes bytes;
    StoreTimestamp modified{};
    std::uint64_t number = 0;  // of the creation, counted from 1: its ETag
  };

  // Who is told: of each creation (`operation` is whatever its writer was doing) and removal.
  struct Observer {
    virtual ~Observer() = default;
    virtual void created(const std::string& key, const Object& object, std::uint64_t operation) = 0;
    virtual void removed(const std::string& key, const Object& object) = 0;
  };

  // The store's clock shows whole multiples of `tick`.
  Bucket(std::function<StoreTimestamp()> clock, std::chrono::nanoseconds tick)
      : clock_(std::move(clock)), tick_(tick) {}
  void observe(Observer* observer) { observer_ = observer; }

  StoreTimestamp now() const;
  const Object* find(std::string_view key) const;
  const std::map<std::string, Object, std::less<>>& objects() const { return objects_; }

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) const;
  void put(std::string_view key, BytesView bytes, std::uint64_t operation);
  PutOutcome put_if_absent(std::string_view key, BytesView bytes, std::uint64_t operation);
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t count_max) const;
  void remove(std::span<const std::string> keys);

 private:
  std::function<StoreTimestamp()> clock_;
  const std::chrono::nanoseconds tick_;
  std::map<std::string, Object, std::less<>> objects_;
  std::uint64_t creations_ = 0;
  Observer* observer_ = nullptr;
};

}  // namespace flashflood::simulation
