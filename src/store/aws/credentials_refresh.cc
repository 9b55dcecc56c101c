#include "store/aws/credentials_refresh.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/stop.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr seconds refresh_early = std::chrono::minutes(15);
constexpr seconds refresh_late = std::chrono::minutes(10);
constexpr seconds look_again_late = std::chrono::minutes(5);
constexpr seconds pause_first{1};
constexpr seconds pause_max{60};
constexpr seconds renewal_pause{60};

constexpr std::size_t text_bytes_max = 16384;

// More would overflow where they are added.
constexpr seconds lifetime_max = std::chrono::hours(24 * 366);

// Dates of services lie in years of four digits; a program may give any, "never" for instance.
sys_seconds within_dates(sys_seconds date) {
  return std::clamp(date, std::chrono::ceil<seconds>(timestamp_min),
                    std::chrono::floor<seconds>(timestamp_max));
}

template <typename E>
[[noreturn]] void throw_as(const std::string& message) {
  throw E(message);
}

// Nothing has been sent to the store that the credentials are for.
[[noreturn]] void throw_unavailable(const std::string& message) {
  throw RequestFailed(message, RequestFailed::Effect::none);
}

// A failure that is thrown again and again: as a value, because threads must not share one
// exception.
struct Failure {
  void (*raise)(const std::string&) = throw_unavailable;
  std::string message{};
};

class RefreshingSource final : public CredentialSource {
 public:
  RefreshingSource(std::shared_ptr<CredentialProvider> provider, const Environment& environment)
      : provider_(std::move(provider)), clock_(environment.clock), random_(environment.random) {}

  std::optional<Credentials> get() override {
    std::unique_lock lock(mutex_);
    while (true) {
      const nanoseconds now = clock_->steady_now();
      const bool valid = credentials_ && now < valid_until_;
      if (valid && now < refresh_from_) return credentials_;
      if (fetching_) {
        if (valid && now < wait_from_) return credentials_;
        wait_for_fetch(lock);
        continue;
      }
      if (now < next_try_) {
        if (valid) return credentials_;
        failure_.raise(failure_.message);
      }
      fetch(lock);
    }
  }

  bool renew(const Credentials& refused) override {
    std::unique_lock lock(mutex_);
    while (credentials_ == refused) {
      const nanoseconds now = clock_->steady_now();
      if (fetching_) {
        wait_for_fetch(lock);
      } else if (now < next_renewal_) {
        return false;
      } else if (now < next_try_) {
        failure_.raise(failure_.message);
      } else {
        fetch(lock);
        if (failures_ == 0) next_renewal_ = clock_->steady_now() + renewal_pause;
      }
    }
    return true;
  }

 private:
  void wait_for_fetch(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t seen = fetches_;
    fetched_.wait(lock, current_stop(), [&] { return fetches_ != seen; });
    throw_if_stopped();
  }

  // One fetch, under the lock at both ends. However it ends, out of memory for instance, those that
  // wait for it go on.
  class Fetching {
   public:
    Fetching(RefreshingSource& source, std::unique_lock<std::mutex>& lock)
        : source_(source), lock_(lock) {
      source_.fetching_ = true;
    }
    ~Fetching() {
      if (!lock_.owns_lock()) lock_.lock();
      source_.fetching_ = false;
      ++source_.fetches_;
      source_.fetched_.notify_all();
    }
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;

   private:
    RefreshingSource& source_;
    std::unique_lock<std::mutex>& lock_;
  };

  // Asks the provider, unlocked meanwhile. Afterwards there are new credentials, or next_try_ lies
  // in the future.
  void fetch(std::unique_lock<std::mutex>& lock) {
    const Fetching fetching(*this, lock);
    lock.unlock();
    FetchedCredentials fetched;
    std::optional<Failure> failure;
    try {
      fetched = provider_->fetch();
    } catch (const Interrupted&) {  // no failure of the provider's: the next call asks again
      throw;
    } catch (const PermissionDenied& error) {
      failure = Failure{throw_as<PermissionDenied>, error.what()};
    } catch (const InvalidArgument& error) {
      failure = Failure{throw_as<InvalidArgument>, error.what()};
    } catch (const Error& error) {
      failure = Failure{throw_unavailable, error.what()};
    }
    lock.lock();
    if (!failure) failure = take(std::move(fetched));
    if (failure) {
      failure_ = std::move(*failure);
      next_try_ = clock_->steady_now() + next_pause();
    } else {
      failures_ = 0;
      next_try_ = {};
    }
  }

  std::optional<Failure> take(FetchedCredentials fetched) {
    if (auto failure = check(fetched.credentials)) return failure;
    const nanoseconds now = clock_->steady_now();
    nanoseconds valid_until = nanoseconds::max();
    nanoseconds refresh_from = nanoseconds::max();
    nanoseconds wait_from = nanoseconds::max();
    if (fetched.credentials.expires) {
      const sys_seconds expires = within_dates(*fetched.credentials.expires);
      const auto given = fetched.given.value_or(std::chrono::floor<seconds>(clock_->wall_now()));
      const seconds lifetime = std::min(expires - given, lifetime_max);
      if (lifetime <= seconds{0} && !fetched.usable_late) {
        return Failure{throw_as<PermissionDenied>,
                       fmt::format("{} gave credentials that expired {}: renew them",
                                   provider_->describe(), format_timestamp(Timestamp(expires)))};
      }
      if (fetched.usable_late && lifetime <= refresh_early) {
        refresh_from = now + look_again_late;
      } else {
        valid_until = now + lifetime;
        wait_from = valid_until - std::min(refresh_late, lifetime / 3);
        refresh_from = valid_until - std::min(refresh_early, lifetime / 2);
      }
    }
    if (fetched.look_again) refresh_from = std::min(refresh_from, now + *fetched.look_again);
    valid_until_ = valid_until;
    refresh_from_ = refresh_from;
    wait_from_ = wait_from;
    credentials_ = std::move(fetched.credentials);
    return std::nullopt;
  }

  // They travel in headers, where a line break would begin another one.
  std::optional<Failure> check(const Credentials& credentials) const {
    const auto fits = [](const std::string& text) {
      return text.size() <= text_bytes_max &&
             std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
    };
    if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty() &&
        fits(credentials.access_key_id) && fits(credentials.secret_access_key) &&
        fits(credentials.session_token)) {
      return std::nullopt;
    }
    return Failure{throw_as<PermissionDenied>,
                   fmt::format("{} gave credentials that are none: a part is empty, too long, or "
                               "has blanks or control characters",
                               provider_->describe())};
  }

  // Doubled with each failure; a random half of it, so that many machines do not come together.
  nanoseconds next_pause() {
    const nanoseconds bound = std::min<nanoseconds>(pause_max, pause_first * (1LL << failures_));
    failures_ = std::min(failures_ + 1, 16);
    std::array<std::byte, 4> bytes{};
    random_->fill(bytes);
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof(number));
    return bound / 2 + nanoseconds(bound.count() / 2 / 1000 * (number % 1000));
  }

  const std::shared_ptr<CredentialProvider> provider_;
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Random> random_;

  std::mutex mutex_;
  std::condition_variable_any fetched_;
  // Guarded by mutex_, as is all below. Times are of the steady clock.
  bool fetching_ = false;
  std::uint64_t fetches_ = 0;
  std::optional<Credentials> credentials_{};
  nanoseconds refresh_from_{};
  nanoseconds wait_from_{};
  nanoseconds valid_until_{};
  nanoseconds next_try_{};
  nanoseconds next_renewal_{};
  Failure failure_{};
  int failures_ = 0;  // since the last success
};

}  // namespace

std::shared_ptr<CredentialSource> make_refreshing_source(
    std::shared_ptr<CredentialProvider> provider, const Environment& environment) {
  return std::make_shared<RefreshingSource>(std::move(provider), environment);
}

}  // namespace flashflood
