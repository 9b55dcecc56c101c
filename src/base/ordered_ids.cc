#include "base/ordered_ids.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "base/text.h"

namespace flashflood {

namespace {

constexpr std::uint64_t high_max = (std::uint64_t{1} << 12) - 1;
constexpr std::uint64_t low_max = (std::uint64_t{1} << 62) - 1;
constexpr std::uint64_t step_max = (std::uint64_t{1} << 60) - 1;
constexpr std::int64_t millisecond_max = (std::int64_t{1} << 48) - 1;

}  // namespace

void OrderedIds::begin_millisecond(Random& random) {
  std::array<std::uint64_t, 2> bits{};
  random.fill(std::as_writable_bytes(std::span(bits)));
  // The uppermost bit stays free, so that there is room for steps.
  high_ = bits[0] & (high_max >> 1);
  low_ = bits[1] & low_max;
}

bool OrderedIds::step(Random& random) {
  std::uint64_t bits = 0;
  random.fill(std::as_writable_bytes(std::span(&bits, 1)));
  low_ += 1 + (bits & step_max);
  if (low_ <= low_max) return true;
  low_ &= low_max;
  return ++high_ <= high_max;
}

std::string OrderedIds::next(Clock& clock, Random& random) {
  using std::chrono::milliseconds;
  const std::int64_t now =
      std::clamp(std::chrono::floor<milliseconds>(clock.wall_now()).time_since_epoch().count(),
                 std::int64_t{0}, millisecond_max);
  std::array<char, 16> bytes;
  {
    const std::lock_guard lock(mutex_);
    if (now > millisecond_) {
      begin_millisecond(random);
      millisecond_ = now;
    } else if (!step(random)) {
      begin_millisecond(random);
      ++millisecond_;
    }
    const std::uint64_t first = static_cast<std::uint64_t>(millisecond_) << 16 | 0x7000 | high_;
    const std::uint64_t second = std::uint64_t{2} << 62 | low_;
    for (int i = 0; i < 8; ++i) {
      bytes[static_cast<std::size_t>(i)] = static_cast<char>(first >> (56 - 8 * i));
      bytes[static_cast<std::size_t>(8 + i)] = static_cast<char>(second >> (56 - 8 * i));
    }
  }
  return to_hex(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace flashflood
