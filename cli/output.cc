#include "output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "failure.h"

namespace flashflood::cli {

namespace {

// False, with errno, when it cannot be written.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd wait{fd, POLLOUT, 0};
      poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Output::flush() {
  const bool whole = write_all(STDOUT_FILENO, buffer_);
  const int error = errno;
  buffer_.clear();
  if (whole) return;
  if (error == EPIPE) throw ClosedPipe{};
  throw Failure(std::string("cannot write to standard output: ") + std::strerror(error));
}

void Output::check_reader() const {
  pollfd state{STDOUT_FILENO, 0, 0};
  if (poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0) throw ClosedPipe{};
}

void print(std::string_view text) {
  Output output;
  output.print(text);
  output.flush();
}

void print_result(std::string_view what_was_done, std::string_view text) {
  try {
    print(text);
  } catch (const Failure& failure) {
    throw Failure(std::string(what_was_done) + ", but " + failure.what());
  }
}

void print_message(std::string_view message) {
  print_error_text("flashflood: " + std::string(message) + "\n");
}

void print_error_text(std::string_view text) { write_all(STDERR_FILENO, text); }

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace flashflood::cli
