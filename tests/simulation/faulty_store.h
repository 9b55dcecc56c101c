// The store as an actor sees it: each request takes simulated time, and may go wrong in the ways of
// networks.
//
// Threads: any actor's; without an actor (the thread of the scheduler) requests are instant and
// never fail.
#pragma once

#include <memory>

#include "simulation/bucket.h"
#include "simulation/scheduler.h"

namespace flashflood::simulation {

// What goes wrong, as a part of all requests of a kind that it can befall.
struct FaultRates {
  double request_lost = 0;
  double answer_lost = 0;
  double late = 0;         // changes: they happen up to hours later
  double duplicate = 0;    // changes: they happen now, and once more later
  double partial = 0;      // removals
  double full = 0;         // puts
  double flipped_bit = 0;  // gets
  double truncated = 0;    // gets
  double crash = 0;
  double pause = 0;  // of the whole process, before or after a request
};

struct StoreConfig {
  FaultRates faults;
  nanoseconds latency_max = std::chrono::milliseconds(200);
  nanoseconds pause_max = std::chrono::hours(3);
  nanoseconds late_max = std::chrono::hours(5);
  std::size_t page_max = 1000;  // keys of a listing's page; small ones vary
};

class FaultyStore final : public ObjectStore {
 public:
  FaultyStore(Scheduler& scheduler, Bucket& bucket, const StoreConfig& config)
      : scheduler_(scheduler), bucket_(bucket), config_(config) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override;
  void put(std::string_view key, BytesView bytes) override;
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override;
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override;
  void remove(std::span<const std::string> keys) override;
  StoreTime now() override;
  std::string describe() const override { return "simulation"; }

 private:
  void take_time(bool may_die);
  void check_alive(bool may_die);
  template <typename Read>
  auto read(const std::string& what, Read read);
  template <typename Change>
  auto change(const std::string& what, bool may_die, Change change);
  nanoseconds late_time();

  Scheduler& scheduler_;
  Bucket& bucket_;
  const StoreConfig config_;
};

}  // namespace flashflood::simulation
