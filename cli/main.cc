// The flashflood command.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <new>
#include <optional>

#include "app.h"
#include "failure.h"
#include "flashflood/error.h"
#include "output.h"

namespace flashflood::cli {
namespace {

// A descriptor that is closed would be given to the next file or pipe, and be read or written for
// standard input or output. What is put in its place fails as one that is closed does.
void hold_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is given: that of `fd`.
    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int run(int argc, const char* const* argv) {
  std::optional<Session> session;
  int code = failed;
  try {
    const Invocation invocation = parse_command_line(argc, argv);
    session.emplace(invocation.global);
    code = invocation.run(*session);
  } catch (const ClosedPipe&) {
    code = done;
  } catch (const UsageError& error) {
    print_message(error.what());
    code = wrong_usage;
  } catch (const QueryError& error) {
    print_message(error.what());
  } catch (const InvalidArgument& error) {
    print_message(error.what());
    code = wrong_usage;
  } catch (const std::bad_alloc&) {
    print_message("out of memory");
  } catch (const std::exception& error) {
    print_message(error.what());
  }
  if (session) session->explain();
  return code;
}

}  // namespace
}  // namespace flashflood::cli

int main(int argc, char** argv) {
  // A closed pipe shows as a failed write, which is told apart from other failures.
  std::signal(SIGPIPE, SIG_IGN);
  flashflood::cli::hold_standard_descriptors();
  return flashflood::cli::run(argc, argv);
}
