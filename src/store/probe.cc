#include "store/probe.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "flashflood/error.h"
#include "store/forwarding_store.h"

namespace flashflood {
namespace {

constexpr const char* remedy =
    ", so that writers would lose what others have recorded. Use a store with conditional writes "
    "(If-None-Match: *) and strongly consistent listings, or a newer version of this one; "
    "docs/s3.md names some that were tried";

// Answers that leave it open are asked for again: the same bytes change nothing.
PutOutcome try_to_create(ObjectStore& store, Retrier& retrier, std::string_view key,
                         BytesView bytes) {
  return retrier.repeat([&] { return store.put_if_absent(key, bytes); });
}

// The objects of one trial.
class Trial {
 public:
  Trial(ObjectStore& store, const Environment& env, Retrier& retrier, std::string_view prefix)
      : store_(store), io_(*env.io), retrier_(retrier), name_(prefix) {
    std::array<std::byte, 16> token;
    env.random->fill(token);
    name_ += to_hex(std::string_view(reinterpret_cast<const char*>(token.data()), token.size()));
  }
  // Lets all writers create one object at once.
  void race() {
    keys_.push_back(name_ + '-' + std::to_string(keys_.size()));
    const std::string& key = keys_.back();
    std::atomic<std::size_t> created = 0;
    parallel_for(io_, trial_writers, trial_writers, [&](std::size_t i) {
      // As long as a small event, and different for each.
      const Bytes bytes(512, static_cast<char>('a' + i));
      if (try_to_create(store_, retrier_, key, bytes) == PutOutcome::created) ++created;
    });
    // None is possible where answers were lost.
    if (created <= 1) return;
    throw StoreUnsuitable(store_.server() + " told " + std::to_string(created) + " of " +
                          std::to_string(trial_writers) +
                          " writers at once that they had created the same object" + remedy);
  }

  // Nobody relies on them, and the collector removes what stays: not worth an error.
  void clean_up() {
    try {
      store_.remove(keys_);
    } catch (const Error&) {
    }
  }

  void expect_listed() {
    std::size_t listed = 0;
    for (const ObjectInfo& object : list_all(store_, name_)) {
      if (listed < keys_.size() && object.key == keys_[listed]) ++listed;
    }
    if (listed == keys_.size()) return;
    throw StoreUnsuitable(store_.server() + " does not list an object that it has stored" + remedy);
  }

 private:
  ObjectStore& store_;
  Executor& io_;
  Retrier& retrier_;
  std::string name_;
  std::vector<std::string> keys_;
};

class ProbingStore final : public ForwardingStore {
 public:
  ProbingStore(std::shared_ptr<ObjectStore> inner, std::shared_ptr<Retrier> retrier,
               std::string_view key, BytesView bytes)
      : ForwardingStore(std::move(inner)), retrier_(std::move(retrier)), key_(key), bytes_(bytes) {}

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
    if (try_to_create(inner(), *retrier_, key_, bytes_) != PutOutcome::exists) {
      throw StoreUnsuitable(inner().server() + " creates an object that exists already (" + key_ +
                            ')' + remedy);
    }
    probed_ = true;
  }

  const std::shared_ptr<Retrier> retrier_;
  const std::string key_;
  const Bytes bytes_;
  std::mutex mutex_;  // held while probing
  std::atomic<bool> probed_{false};
};

}  // namespace

void try_store(ObjectStore& store, const Environment& env, Retrier& retrier,
               std::string_view prefix) {
  Trial trial(store, env, retrier, prefix);
  try {
    for (std::size_t round = 0; round < trial_rounds; ++round) trial.race();
    trial.expect_listed();
  } catch (const StoreUnsuitable&) {
    trial.clean_up();
    throw;
  }
  trial.clean_up();
}

std::shared_ptr<ObjectStore> make_probing_store(std::shared_ptr<ObjectStore> inner,
                                                std::shared_ptr<Retrier> retrier,
                                                std::string_view key, BytesView bytes) {
  return std::make_shared<ProbingStore>(std::move(inner), std::move(retrier), key, bytes);
}

}  // namespace flashflood
