#include "store/retry_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <mutex>
#include <utility>

#include "base/stop.h"
#include "flashflood/error.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

class RetryStore final : public ObjectStore {
 public:
  RetryStore(std::shared_ptr<ObjectStore> inner, const Environment& environment,
             const RetryOptions& options)
      : inner_(std::move(inner)),
        clock_(environment.clock),
        random_(environment.random),
        options_(options),
        budget_(options.budget) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    return repeat([&] { return inner_->get(key, range); });
  }
  void put(std::string_view key, BytesView bytes) override {
    repeat([&] { inner_->put(key, bytes); });
  }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    return repeat([&] { return inner_->put_if_absent(key, bytes); }, Repeatable::if_not_done);
  }
  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    return repeat([&] { return inner_->list(prefix, start_after, limit); });
  }
  void remove(std::span<const std::string> keys) override {
    repeat([&] { inner_->remove(keys); });
  }
  StoreTime now() override {
    return repeat([&] { return inner_->now(); });
  }
  std::size_t sweep(std::chrono::seconds age) override { return inner_->sweep(age); }
  StoreTraits traits() const override { return inner_->traits(); }
  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    return inner_->presign(key, duration);
  }
  std::string server() const override { return inner_->server(); }
  std::string describe() const override { return inner_->describe(); }

 private:
  enum class Repeatable { always, if_not_done };

  template <typename Request>
  auto repeat(Request request, Repeatable repeatable = Repeatable::always) -> decltype(request()) {
    const std::chrono::nanoseconds begin = clock_->steady_now();
    for (int tries = 1;; ++tries) {
      std::chrono::nanoseconds pause{};
      throw_if_stopped();
      try {
        const Earning earning(*this);
        return request();
      } catch (const StoreUnavailable& error) {
        const auto* const failed = dynamic_cast<const RequestFailed*>(&error);
        const bool not_done = failed != nullptr && failed->effect() == RequestFailed::Effect::none;
        if (repeatable == Repeatable::if_not_done && !not_done) throw;
        if (tries >= options_.tries_max || !spend()) throw;
        pause = random_pause(tries) + (failed != nullptr ? failed->retry_after() : pause);
        if (clock_->steady_now() - begin + pause > options_.time_max) throw;
      }
      clock_->sleep_for(pause);
    }
  }

  // Adds to the budget at the end of a request, unless that throws.
  class Earning {
   public:
    explicit Earning(RetryStore& store) : store_(store), exceptions_(std::uncaught_exceptions()) {}
    ~Earning() {
      if (std::uncaught_exceptions() == exceptions_) store_.earn();
    }

   private:
    RetryStore& store_;
    const int exceptions_;
  };

  void earn() {
    std::lock_guard lock(mutex_);
    budget_ = std::min(budget_ + options_.budget_per_success, options_.budget);
  }

  bool spend() {
    std::lock_guard lock(mutex_);
    if (budget_ < 1) return false;
    budget_ -= 1;
    return true;
  }

  // Anything from nothing to the bound ("full jitter"), so that clients that failed together do not
  // come back together.
  std::chrono::nanoseconds random_pause(int tries) {
    const int doublings = std::min(tries - 1, 30);
    const double bound = std::min(static_cast<double>(options_.pause_max.count()),
                                  static_cast<double>(options_.pause_first.count()) *
                                      static_cast<double>(std::int64_t{1} << doublings));
    std::array<std::byte, 8> bytes;
    random_->fill(bytes);
    std::uint64_t number;
    std::memcpy(&number, bytes.data(), sizeof(number));
    const double part = static_cast<double>(number >> 11) / static_cast<double>(1LL << 53);
    return std::chrono::nanoseconds(static_cast<std::int64_t>(bound * part));
  }

  const std::shared_ptr<ObjectStore> inner_;
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Random> random_;
  const RetryOptions options_;
  std::mutex mutex_;
  double budget_;  // repetitions left; guarded by mutex_
};

}  // namespace

std::shared_ptr<ObjectStore> make_retry_store(std::shared_ptr<ObjectStore> inner,
                                              const Environment& environment,
                                              const RetryOptions& options) {
  return std::make_shared<RetryStore>(std::move(inner), environment, options);
}

}  // namespace flashflood
