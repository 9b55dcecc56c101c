#include "meter.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "output.h"
#include "text.h"

namespace flashflood::cli {

namespace {

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

void Meter::update(std::uint64_t events, std::uint64_t bytes, double fraction) {
  if (!shown_) return;
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double seconds = std::max(std::chrono::duration<double>(now - begin_).count(), 1e-3);
  const auto rate = [&](std::uint64_t count) {
    return static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
  };
  std::string line = verb_;
  if (fraction >= 0) {
    constexpr std::size_t cells = 20;
    fraction = std::min(fraction, 1.0);
    const auto full = static_cast<std::size_t>(fraction * cells);
    line += fmt::format(" [{}{}] {:3.0f}%", std::string(full, '#'), std::string(cells - full, ' '),
                        fraction * 100);
  }
  line += fmt::format("  {}, {}/s", plural(events, "event"), human_count(rate(events)));
  if (bytes > 0) line += fmt::format("  {}, {}/s", human_bytes(bytes), human_bytes(rate(bytes)));
  if (fraction > 0.01 && fraction < 1) {
    line += fmt::format("  {} left", human_seconds(seconds * (1 - fraction) / fraction));
  }
  // One column is left free: a full line makes some terminals scroll.
  print_error_text("\r" + line.substr(0, terminal_width() - 1) + "\x1b[K");
  drawn_ = true;
}

void Meter::clear() {
  if (drawn_) print_error_text("\r\x1b[K");
  drawn_ = false;
}

}  // namespace flashflood::cli
