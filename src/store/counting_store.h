// Counts the requests that pass through, for tests of costs and for reports.
//
// Threads: as ObjectStore; counts may be read at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "store/forwarding_store.h"

namespace flashflood {

// Requests begun, whether they succeeded or not.
struct RequestCounts {
  std::uint64_t get = 0;
  std::uint64_t put = 0;
  std::uint64_t put_if_absent = 0;
  std::uint64_t list = 0;    // pages
  std::uint64_t remove = 0;  // calls, of any number of keys
  std::uint64_t now = 0;
  std::uint64_t keys_removed = 0;   // asked to be removed
  std::uint64_t bytes_read = 0;     // of objects
  std::uint64_t bytes_written = 0;  // of objects

  std::uint64_t requests() const { return get + put + put_if_absent + list + remove + now; }
  bool operator==(const RequestCounts&) const = default;
  // What was counted since `before`.
  RequestCounts operator-(const RequestCounts& before) const;
};

class CountingStore final : public ForwardingStore {
 public:
  explicit CountingStore(std::shared_ptr<ObjectStore> inner) : ForwardingStore(std::move(inner)) {}

  RequestCounts counts() const;

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override;
  void put(std::string_view key, BytesView bytes) override;
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override;
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override;
  void remove(std::span<const std::string> keys) override;
  StoreTime now() override;

 private:
  using Counter = std::atomic<std::uint64_t>;

  Counter get_{0};
  Counter put_{0};
  Counter put_if_absent_{0};
  Counter list_{0};
  Counter remove_{0};
  Counter now_{0};
  Counter keys_removed_{0};
  Counter bytes_read_{0};
  Counter bytes_written_{0};
};

}  // namespace flashflood
