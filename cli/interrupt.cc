#include "interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "failure.h"

namespace flashflood::cli {

namespace {

std::atomic<int> signal_seen{0};
std::atomic<bool> stopped{false};
std::atomic<int> wake_read{-1};
std::atomic<int> wake_write{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void wake() {
  const char byte = 0;
  // Nothing can be done here when it fails; the flags are set all the same.
  [[maybe_unused]] const auto written = write(wake_write.load(), &byte, 1);
}

extern "C" void on_signal(int number) {
  if (signal_seen.exchange(number) != 0) _exit(128 + number);
  wake();
}

}  // namespace

void handle_interrupts() {
  if (wake_read.load() >= 0) return;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw Failure("cannot make a pipe");
  wake_write = ends[1];
  wake_read = ends[0];
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupted() noexcept { return signal_seen.load(); }

void throw_if_interrupted() {
  if (interrupted() != 0) throw Interrupted{};
}

int interrupt_fd() noexcept { return wake_read.load(); }

void stop_reading() noexcept {
  stopped = true;
  wake();
}

bool reading_stopped() noexcept { return stopped.load() || signal_seen.load() != 0; }

void sleep_unless_interrupted(std::chrono::milliseconds duration) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + duration;
  while (interrupted() == 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return;
    pollfd wait{interrupt_fd(), POLLIN, 0};
    poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
}

}  // namespace flashflood::cli
