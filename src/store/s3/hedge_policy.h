// When a small read that has no answer yet is worth sending again: after twice the time within
// which 95 of 100 answers come, and for at most 2 of 100 reads, because requests cost money.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>

namespace flashflood {

class HedgePolicy {
 public:
  // Counts a read; how long to wait for its answer before sending it again, zero: do not.
  std::chrono::milliseconds delay();
  // How long an answer took, and whether it took a second copy of the request.
  void record(std::chrono::nanoseconds duration, bool sent_twice);

 private:
  static constexpr std::size_t kept = 128;

  std::mutex mutex_;
  // All guarded by mutex_.
  std::array<std::chrono::nanoseconds, kept> durations_{};
  std::size_t recorded_ = 0;
  double allowance_ = 1;  // copies that may be sent
  std::chrono::milliseconds delay_{0};
};

}  // namespace flashflood
