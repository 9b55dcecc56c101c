#include "store/retrier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace flashflood {

Retrier::Retrier(const Environment& environment, const RetryOptions& options)
    : clock_(environment.clock),
      random_(environment.random),
      log_(environment.log),
      options_(options),
      budget_(options.budget) {}

std::chrono::nanoseconds Retrier::pause_after(const StoreUnavailable& error, Repeatable repeatable,
                                              int tries, std::chrono::nanoseconds begin) {
  const auto* const failed = dynamic_cast<const RequestFailed*>(&error);
  const bool not_done = failed != nullptr && failed->effect() == RequestFailed::Effect::none;
  if (repeatable == Repeatable::if_not_done && !not_done) throw;
  if (failed != nullptr && failed->final()) throw;
  if (tries < options_.tries_max && spend()) {
    std::chrono::nanoseconds pause = random_pause(tries);
    if (failed != nullptr) pause += failed->retry_after();
    if (clock_->steady_now() - begin + pause <= options_.time_max) {
      log_.tell(LogRecord::Level::info, [&] {
        return fmt::format("{}; trying again in {} ms (repetition {} of {})", error.what(),
                           pause / std::chrono::milliseconds(1), tries, options_.tries_max - 1);
      });
      return pause;
    }
  }
  if (failed == nullptr) throw;
  throw failed->as_final();
}

void Retrier::earn() {
  std::lock_guard lock(mutex_);
  budget_ = std::min(budget_ + options_.budget_per_success, options_.budget);
}

bool Retrier::spend() {
  std::lock_guard lock(mutex_);
  if (budget_ < 1) return false;
  budget_ -= 1;
  return true;
}

// Anything from nothing to the bound ("full jitter"), so that clients that failed together do not
// come back together.
std::chrono::nanoseconds Retrier::random_pause(int tries) {
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

}  // namespace flashflood
