#include "store/retrier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"

namespace flashflood {

namespace {

constexpr const char* variable = "FLASHFLOOD_RETRY_FOR";
constexpr std::chrono::milliseconds longest = std::chrono::hours(24);

std::chrono::milliseconds checked(std::chrono::milliseconds retry_for) {
  if (retry_for.count() < 0 || retry_for > longest)
    throw InvalidArgument("how long requests are repeated (retry_for) takes 0 s to 24 h");
  return retry_for;
}

std::chrono::milliseconds parse(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = text.substr(digits);
  const auto count = parse_decimal(text.substr(0, digits));
  std::uint64_t milliseconds = 0;  // in a unit
  if (unit.empty() || unit == "s") milliseconds = 1000;
  if (unit == "ms") milliseconds = 1;
  if (unit == "m") milliseconds = 60'000;
  if (unit == "h") milliseconds = 3'600'000;
  const auto most = static_cast<std::uint64_t>(longest.count());
  if (!count || milliseconds == 0 || *count > most / milliseconds) {
    throw InvalidArgument(std::string(variable) + " is " + quote(text) +
                          "; it takes up to 24 h, such as 30s, 2m or 0");
  }
  return std::chrono::milliseconds(*count * milliseconds);
}

}  // namespace

RetryOptions retry_options(std::optional<std::chrono::milliseconds> retry_for) {
  RetryOptions options;
  const char* const text = std::getenv(variable);
  if (retry_for) {
    options.time_max = checked(*retry_for);
  } else if (text != nullptr && *text != '\0') {
    options.time_max = parse(text);
  }
  return options;
}

Retrier::Retrier(const Environment& environment, const RetryOptions& options)
    : clock_(environment.clock),
      random_(environment.random),
      log_(environment.log),
      options_(options),
      budget_(options.budget) {}

std::chrono::nanoseconds Retrier::pause_after(const StoreUnavailable& error, int tries,
                                              std::chrono::nanoseconds begin) {
  const auto* const failed = dynamic_cast<const RequestFailed*>(&error);
  if (failed != nullptr && failed->final()) throw;
  if (options_.time_max.count() > 0 && tries < options_.tries_max && spend()) {
    std::chrono::nanoseconds pause = random_pause(tries);
    if (failed != nullptr) pause += failed->retry_after();
    if (clock_->steady_now() - begin + pause <= options_.time_max) {
      log_.tell(LogRecord::Level::info, [&] {
        return fmt::format("{}; trying again in {} ms (repetition {})", error.what(),
                           pause / std::chrono::milliseconds(1), tries);
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
