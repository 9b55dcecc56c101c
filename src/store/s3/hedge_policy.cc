#include "store/s3/hedge_policy.h"

#include <algorithm>

namespace flashflood {
namespace {

constexpr double allowance_per_read = 0.02;
constexpr double allowance_max = 10;
constexpr std::chrono::milliseconds delay_min{20};
constexpr std::size_t samples_min = 32;

}  // namespace

std::chrono::milliseconds HedgePolicy::delay() {
  std::lock_guard lock(mutex_);
  allowance_ = std::min(allowance_ + allowance_per_read, allowance_max);
  return allowance_ >= 1 ? delay_ : std::chrono::milliseconds(0);
}

void HedgePolicy::record(std::chrono::nanoseconds duration, bool sent_twice) {
  std::lock_guard lock(mutex_);
  if (sent_twice) allowance_ -= 1;
  durations_[recorded_++ % kept] = duration;
  if (recorded_ < samples_min || recorded_ % 16 != 0) return;
  std::array<std::chrono::nanoseconds, kept> sorted = durations_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(recorded_, kept));
  const auto high = sorted.begin() + (end - sorted.begin()) * 95 / 100;
  std::nth_element(sorted.begin(), high, end);
  delay_ = std::max(delay_min, std::chrono::ceil<std::chrono::milliseconds>(2 * *high));
}

}  // namespace flashflood
