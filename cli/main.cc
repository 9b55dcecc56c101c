// The flashflood command.

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
  return flashflood::cli::run(argc, argv);
}
