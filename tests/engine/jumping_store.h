// A store whose clock can be set forward.
//
// Threads: jump() by one thread while nobody else uses the store; apart from that as ObjectStore.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "store/object_store.h"

namespace flashflood::engine::testing {

// A folder's clock is the machine's: this one lets it jump.
class JumpingStore final : public ObjectStore {
 public:
  explicit JumpingStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}
  void jump(std::chrono::nanoseconds by) { ahead_ += by; }

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    return inner_->get(key, range);
  }
  void put(std::string_view key, BytesView bytes) override { inner_->put(key, bytes); }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    return inner_->put_if_absent(key, bytes);
  }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    return inner_->list(prefix, start_after, limit);
  }
  void remove(std::span<const std::string> keys) override { inner_->remove(keys); }
  StoreTime now() override {
    StoreTime time = inner_->now();
    time.date += ahead_;
    time.boot_clock += ahead_;
    return time;
  }
  StoreTraits traits() const override { return inner_->traits(); }
  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    return inner_->presign(key, duration);
  }
  std::string server() const override { return inner_->server(); }
  std::string describe() const override { return inner_->describe(); }

 private:
  std::shared_ptr<ObjectStore> inner_;
  std::chrono::nanoseconds ahead_{0};
};

}  // namespace flashflood::engine::testing
