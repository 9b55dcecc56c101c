#include "store/probe.h"

#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "flashflood/error.h"
#include "store/forwarding_store.h"

namespace flashflood {
namespace {

constexpr std::size_t callers = 4;
constexpr int tries_max = 5;

constexpr const char* remedy =
    ", so that writers would lose what others have recorded. Use a store with conditional writes "
    "(If-None-Match: *) and strongly consistent listings, or a newer version of this one; "
    "docs/s3.md names some that were tried";

// Answers that leave it open are asked for again.
PutOutcome try_to_create(ObjectStore& store, std::string_view key, BytesView bytes) {
  for (int tries = 1;; ++tries) {
    try {
      return store.put_if_absent(key, bytes);
    } catch (const StoreUnavailable&) {
      if (tries == tries_max) throw;
    }
  }
}

bool is_listed(ObjectStore& store, std::string_view key) {
  const ListPage page = store.list(key, {}, 1);
  return !page.objects.empty() && page.objects.front().key == key;
}

class ProbingStore final : public ForwardingStore {
 public:
  ProbingStore(std::shared_ptr<ObjectStore> inner, std::string_view key, BytesView bytes)
      : ForwardingStore(std::move(inner)), key_(key), bytes_(bytes) {}

  void put(std::string_view key, BytesView bytes) override {
    probe();
    inner().put(key, bytes);
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    probe();
    return inner().put_if_absent(key, bytes);
  }

 private:
  void probe() {
    if (probed_) return;
    std::lock_guard lock(mutex_);
    if (probed_) return;
    // Even a store that replaces the object changes nothing: the bytes are the same.
    if (try_to_create(inner(), key_, bytes_) != PutOutcome::exists) {
      throw StoreUnsuitable(inner().server() + " creates an object that exists already (" + key_ +
                            ')' + remedy);
    }
    probed_ = true;
  }

  const std::string key_;
  const Bytes bytes_;
  std::mutex mutex_;  // held while probing
  std::atomic<bool> probed_{false};
};

}  // namespace

PutOutcome create_probing(ObjectStore& store, Executor& io, std::string_view key, BytesView bytes) {
  std::atomic<std::size_t> created = 0;
  parallel_for(io, callers, callers, [&](std::size_t) {
    if (try_to_create(store, key, bytes) == PutOutcome::created) ++created;
  });
  if (created > 1) {
    store.remove(std::array{std::string(key)});
    throw StoreUnsuitable(store.server() + " told " + std::to_string(created) +
                          " writers at once that they had created the same object" + remedy);
  }
  if (!is_listed(store, key)) {
    if (created == 1) store.remove(std::array{std::string(key)});
    throw StoreUnsuitable(store.server() + " does not list an object that it has stored" + remedy);
  }
  return created == 1 ? PutOutcome::created : PutOutcome::exists;
}

std::shared_ptr<ObjectStore> make_probing_store(std::shared_ptr<ObjectStore> inner,
                                                std::string_view key, BytesView bytes) {
  return std::make_shared<ProbingStore>(std::move(inner), key, bytes);
}

}  // namespace flashflood
