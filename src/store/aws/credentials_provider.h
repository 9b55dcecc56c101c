// One way to get credentials, as the chain chooses it and a refreshing source calls it; and what
// all of these ways need.
//
// Threads: a refreshing source calls fetch() from one thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "store/aws/credentials.h"
#include "store/http/http_client.h"

namespace flashflood {

struct FetchedCredentials {
  Credentials credentials{};
  // The clock of the service that gave them, so that a wrong clock of this machine does not matter;
  // nothing: this machine's.
  std::optional<std::chrono::sys_seconds> given{};
  // Ask again after this time even when they are good for longer: somebody may have replaced them.
  std::optional<std::chrono::seconds> look_again{};
  // They may be used although their date is over or near: the instance metadata service gives such
  // ones while it cannot renew them, and other services then take them.
  bool usable_late = false;
};

class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // Asks once, within bounded time. Throws PermissionDenied (asking again will not help),
  // StoreUnavailable (it may) or InvalidArgument (the configuration is wrong). Messages name the
  // source, and never hold a secret or what a service has answered.
  virtual FetchedCredentials fetch() = 0;
  // For messages: "profile "x" in ~/.aws/config".
  virtual std::string describe() const = 0;
};

struct ProgramResult {
  enum class End { exited, killed_by_signal, timed_out, printed_too_much };
  End end = End::exited;
  int code = 0;  // exit code or signal
  std::string output{};
};

// Starts words[0], looked for in PATH, and waits until it ends, `time_max` at most.
using ProgramRunner = std::function<ProgramResult(const std::vector<std::string>& words,
                                                  std::chrono::nanoseconds time_max)>;

struct CredentialTools {
  std::shared_ptr<HttpClient> http;
  Environment environment;
  ProgramRunner run{};  // empty: run_program of credentials_process.h
};

}  // namespace flashflood
