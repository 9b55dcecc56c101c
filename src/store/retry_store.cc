#include "store/retry_store.h"

#include <utility>

#include "store/forwarding_store.h"

namespace flashflood {
namespace {

class RetryStore final : public ForwardingStore {
 public:
  RetryStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<Retrier> retrier)
      : ForwardingStore(std::move(inner)), retrier_(std::move(retrier)) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    return retrier_->repeat([&] { return inner().get(key, range); });
  }
  void put(std::string_view key, BytesView bytes) override {
    retrier_->repeat([&] { inner().put(key, bytes); });
  }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    return retrier_->repeat([&] { return inner().list(prefix, start_after, limit); });
  }
  void remove(std::span<const std::string> keys) override {
    retrier_->repeat([&] { inner().remove(keys); });
  }
  StoreTime now() override {
    return retrier_->repeat([&] { return inner().now(); });
  }

 private:
  const std::shared_ptr<Retrier> retrier_;
};

}  // namespace

std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              std::shared_ptr<Retrier> retrier) {
  return std::make_shared<RetryStore>(std::move(inner), std::move(retrier));
}

std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              const Environment& environment,
                                              const RetryOptions& options) {
  return make_retry_store(std::move(inner), std::make_shared<Retrier>(environment, options));
}

}  // namespace flashflood
