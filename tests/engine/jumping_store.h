// A store whose clock can be set forward.
//
// Threads: jump() by one thread while nobody else uses the store; apart from that as ObjectStore.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "store/forwarding_store.h"

namespace flashflood::engine::testing {

// A folder's clock is the machine's: this one lets it jump.
class JumpingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void jump(std::chrono::nanoseconds by) { ahead_ += by; }

  StoreTime now() override {
    StoreTime time = inner().now();
    time.date += ahead_;
    time.boot_clock += ahead_;
    return time;
  }

 private:
  std::chrono::nanoseconds ahead_{0};
};

}  // namespace flashflood::engine::testing
