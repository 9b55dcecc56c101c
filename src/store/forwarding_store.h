// The base of stores that change something about another one: passes everything on to it.
//
// Threads: as ObjectStore.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "store/object_store.h"

namespace flashflood {

class ForwardingStore : public ObjectStore {
 public:
  explicit ForwardingStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

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
  StoreTime now() override { return inner_->now(); }
  std::size_t sweep(std::chrono::seconds age) override { return inner_->sweep(age); }
  StoreTraits traits() const override { return inner_->traits(); }
  std::optional<StoreTraffic> traffic() const override { return inner_->traffic(); }
  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    return inner_->presign(key, duration);
  }
  std::string server() const override { return inner_->server(); }
  std::string describe() const override { return inner_->describe(); }

 protected:
  ObjectStore& inner() const noexcept { return *inner_; }

 private:
  const std::shared_ptr<ObjectStore> inner_;
};

}  // namespace flashflood
