// Repeats a request that a store could not answer, after pauses, for a limited time.
//
// Repetitions have a budget, shared by all users of a Retrier: they stay a part of all requests, so
// that a store that fails for everybody is not sent several times the usual number of requests.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <chrono>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>

#include "base/environment.h"
#include "base/stop.h"
#include "store/request_failed.h"

namespace flashflood {

struct RetryOptions {
  // A pause is a random part of `pause_first`, doubled with each further try, up to `pause_max`;
  // when the store says how long it wants to be left alone, it is that much longer.
  std::chrono::nanoseconds pause_first = std::chrono::milliseconds(100);
  std::chrono::nanoseconds pause_max = std::chrono::seconds(5);
  // No try begins later than this after the first; zero: there is only one.
  std::chrono::nanoseconds time_max = std::chrono::seconds(60);
  int tries_max = std::numeric_limits<int>::max();  // the first one counted
  // This many repetitions are free; each request that succeeds adds `budget_per_success` to what is
  // left of them. When nothing is left, requests fail at once.
  double budget = 200;
  double budget_per_success = 0.5;
};

// The policy that users set: requests are repeated for `retry_for`; by default for the duration in
// FLASHFLOOD_RETRY_FOR ("30s", "500ms", "2m"; a bare number is seconds), or for a minute. Throws
// InvalidArgument for a value that is not a duration.
RetryOptions retry_options(std::optional<std::chrono::milliseconds> retry_for = {});

class Retrier {
 public:
  // Takes the clock, the randomness and the log of `environment`.
  explicit Retrier(const Environment& environment, const RetryOptions& options = {});

  // Calls `request`, retrying on StoreUnavailable, and returns its result. The last error is final:
  // an enclosing repeat() does not retry it.
  template <typename Request>
  auto repeat(Request request) -> decltype(request()) {
    const std::chrono::nanoseconds begin = clock_->steady_now();
    for (int tries = 1;; ++tries) {
      std::chrono::nanoseconds pause{};
      throw_if_stopped();
      try {
        const Earning earning(*this);
        return request();
      } catch (const StoreUnavailable& error) {
        pause = pause_after(error, tries, begin);
      }
      clock_->sleep_for(pause);
    }
  }

 private:
  // Adds to the budget at the end of a request, unless that throws.
  class Earning {
   public:
    explicit Earning(Retrier& retrier)
        : retrier_(retrier), exceptions_(std::uncaught_exceptions()) {}
    ~Earning() {
      if (std::uncaught_exceptions() == exceptions_) retrier_.earn();
    }

   private:
    Retrier& retrier_;
    const int exceptions_;
  };

  // Called while `error` is handled; rethrows it when there is to be no other try.
  std::chrono::nanoseconds pause_after(const StoreUnavailable& error, int tries,
                                       std::chrono::nanoseconds begin);
  std::chrono::nanoseconds random_pause(int tries);
  void earn();
  bool spend();

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Random> random_;
  const Log log_;
  const RetryOptions options_;
  std::mutex mutex_;
  double budget_;  // repetitions left; guarded by mutex_
};

}  // namespace flashflood
