#include "store/aws/credentials_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/posix_file.h"
#include "base/stop.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "store/aws/credentials_answer.h"
#include "store/aws/ini_file.h"

extern char** environ;

namespace flashflood {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Programs may ask somebody to confirm, on a telephone for instance.
constexpr std::chrono::minutes time_to_print{1};
// How soon it is noticed that the caller's work is stopped.
constexpr milliseconds stop_notice{50};

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class SpawnAttributes {
 public:
  // With the signals as a program that was just started expects them.
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t* get() noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

pid_t start(const std::vector<std::string>& words, int output) {
  SpawnActions actions;
  const auto check = [](int failure) {  // else it would print its secrets on our own output
    if (failure != 0) throw_system_error(failure, "prepare", "a program");
  };
  check(posix_spawn_file_actions_adddup2(actions.get(), output, STDOUT_FILENO));
  check(posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0));
  check(posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0));
  SpawnAttributes attributes;
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0], actions.get(), attributes.get(),
                                 arguments.data(), environ);
  if (error != 0) {
    throw InvalidArgument(
        fmt::format("could not start the program {}: {}", quote(words[0]), std::strerror(error)));
  }
  return child;
}

// Reads until the program closes its output, has printed too much, or the time is over.
ProgramResult read_output(int from, nanoseconds end, Clock& clock) {
  ProgramResult result;
  std::array<char, 4096> part;
  while (true) {
    throw_if_stopped();
    const auto left = std::chrono::ceil<milliseconds>(end - clock.steady_now());
    pollfd ready{from, POLLIN, 0};
    const auto step = std::clamp(left, milliseconds{0}, stop_notice);
    const int count = ::poll(&ready, 1, static_cast<int>(step.count()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error(errno, "wait for", "a program");
    if (count == 0 && left > step) continue;
    if (count == 0) {
      result.end = ProgramResult::End::timed_out;
      return result;
    }
    const ssize_t got = uninterrupted([&] { return ::read(from, part.data(), part.size()); });
    if (got < 0) throw_system_error(errno, "read from", "a program");
    if (got == 0) return result;
    result.output.append(part.data(), static_cast<std::size_t>(got));
    if (result.output.size() > answer_bytes_max) {
      result.end = ProgramResult::End::printed_too_much;
      return result;
    }
  }
}

// The child that was started: whatever happens, it is not left behind.
class Child {
 public:
  explicit Child(pid_t id) noexcept : id_(id) {}
  ~Child() {
    if (id_ != 0) kill_and_wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill_and_wait() noexcept {
    ::kill(id_, SIGKILL);
    uninterrupted([&] { return ::waitpid(id_, nullptr, 0); });
    id_ = 0;
  }

  // Whether it has ended by itself before `end`; then its status is set. Where the program ignores
  // SIGCHLD nobody can know the status: it is left as it was.
  bool wait_until(nanoseconds end, Clock& clock, int& status) {
    while (true) {
      const pid_t ended = uninterrupted([&] { return ::waitpid(id_, &status, WNOHANG); });
      if (ended != 0) {
        id_ = 0;
        return true;
      }
      if (clock.steady_now() >= end) return false;
      clock.sleep_for(milliseconds(2));
    }
  }

 private:
  pid_t id_;
};

class ProcessProvider final : public CredentialProvider {
 public:
  ProcessProvider(std::vector<std::string> words, std::string name, ProgramRunner run)
      : words_(std::move(words)), name_(std::move(name)), run_(std::move(run)) {}

  FetchedCredentials fetch() override {
    const ProgramResult result = run_(words_, time_to_print);
    switch (result.end) {
      case ProgramResult::End::timed_out:
        fail(fmt::format("did not end within {} minute and was stopped", time_to_print.count()));
      case ProgramResult::End::printed_too_much:
        fail(fmt::format("printed more than {} bytes", answer_bytes_max));
      case ProgramResult::End::killed_by_signal:
        fail(fmt::format("was ended by signal {}", result.code));
      case ProgramResult::End::exited:
        if (result.code != 0) {
          fail(
              fmt::format("ended with exit code {}: run it yourself to see why (what it prints is "
                          "not shown, because it may hold secrets)",
                          result.code));
        }
    }
    const auto answer = parse_json_object(result.output);
    if (!answer) fail("did not print one JSON object");
    if (answer->number("Version") != 1) fail("did not print \"Version\": 1, the only known one");
    return {.credentials = credentials_of_answer(*answer, "SessionToken", describe())};
  }

  std::string describe() const override { return name_; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw PermissionDenied(name_ + ' ' + what);
  }

  const std::vector<std::string> words_;
  const std::string name_;
  const ProgramRunner run_;
};

}  // namespace

ProgramResult run_program(const std::vector<std::string>& words, nanoseconds time_max,
                          Clock& clock) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_system_error(errno, "make", "a pipe");
  const FileHandle from(ends[0]);
  FileHandle to(ends[1]);
  const nanoseconds end = clock.steady_now() + time_max;
  Child child(start(words, to.get()));
  to = FileHandle();  // the child's copy alone keeps the pipe open
  ProgramResult result = read_output(from.get(), end, clock);
  if (result.end != ProgramResult::End::exited) return result;
  int status = 0;
  if (!child.wait_until(end, clock, status)) {
    result.end = ProgramResult::End::timed_out;
  } else if (WIFSIGNALED(status)) {
    result.end = ProgramResult::End::killed_by_signal;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
  return result;
}

std::shared_ptr<CredentialProvider> make_process_provider(std::string_view command,
                                                          const std::string& profile,
                                                          const CredentialTools& tools) {
  auto words = split_words(command);
  if (!words || words->empty()) {
    throw InvalidArgument(
        fmt::format("credential_process of profile {} is no command: a quote is "
                    "not closed, or it is empty",
                    quote(profile)));
  }
  std::string name = fmt::format("the credential_process of profile {} ({})", quote(profile),
                                 quote(words->front()));
  ProgramRunner run = tools.run;
  if (!run) {
    run = [clock = tools.environment.clock](const std::vector<std::string>& argv,
                                            nanoseconds time_max) {
      return run_program(argv, time_max, *clock);
    };
  }
  return std::make_shared<ProcessProvider>(std::move(*words), std::move(name), std::move(run));
}

}  // namespace flashflood
