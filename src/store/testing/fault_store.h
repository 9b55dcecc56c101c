// Does to requests what networks, disks and servers do to them, on command: for tests and
// simulations.
//
// Threads: as ObjectStore; the script is called by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "store/forwarding_store.h"

namespace flashflood {

// What befalls a request. A fault that makes no sense for a request (a flipped bit for a removal)
// leaves it alone.
enum class Fault {
  none,
  request_lost,       // StoreUnavailable, nothing was done
  answer_lost,        // it was done, then StoreUnavailable
  request_late,       // StoreUnavailable; changes are done when deliver_late() is called
  truncated_body,     // get: as if the stored object had lost its second half
  flipped_bit,        // get: one bit of the answer is wrong
  short_range,        // get: the second half of the answer is missing
  partial_remove,     // remove: the first half of the keys, then StoreUnavailable
  store_full,         // put, put_if_absent: StoreFull, nothing was done
  permission_denied,  // PermissionDenied, nothing was done
};

struct Request {
  enum class Kind { get, put, put_if_absent, list, remove, now };
  Kind kind = Kind::get;
  std::string_view key;      // the prefix of a list, the first key of a remove
  std::size_t bytes = 0;     // written by a put
  std::uint64_t number = 0;  // of the request in this store, from 0
};

// Decides what befalls each request.
using FaultScript = std::function<Fault(const Request&)>;

// How often, of all requests of the kinds concerned, each fault happens: from 0 to 1.
struct FaultRates {
  double request_lost = 0;
  double answer_lost = 0;
  double request_late = 0;
  double truncated_body = 0;
  double flipped_bit = 0;
  double short_range = 0;
  double partial_remove = 0;
  double store_full = 0;
  double permission_denied = 0;
};

// A script that draws from `random`: the same bytes give the same faults.
FaultScript random_faults(std::shared_ptr<Random> random, const FaultRates& rates);

class FaultStore final : public ForwardingStore {
 public:
  FaultStore(std::shared_ptr<ObjectStore> inner, FaultScript script)
      : ForwardingStore(std::move(inner)), script_(std::move(script)) {}

  // Carries out the late changes in the order in which they were requested, as a network does that
  // delivers long after the sender has given up. Returns how many there were.
  std::size_t deliver_late();

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override;
  void put(std::string_view key, BytesView bytes) override;
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override;
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override;
  void remove(std::span<const std::string> keys) override;
  StoreTime now() override;

 private:
  Fault decide(Request& request);
  void keep_late(std::function<void()> change);

  const FaultScript script_;
  std::mutex mutex_;
  std::uint64_t requests_ = 0;               // guarded by mutex_
  std::vector<std::function<void()>> late_;  // guarded by mutex_
};

}  // namespace flashflood
