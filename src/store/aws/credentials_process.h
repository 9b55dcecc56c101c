// Credentials that a program prints: the setting credential_process of a profile.
//
// The command is split into words as a shell would, and started without a shell. It gets no input
// (that of the own process may be events to record); what it writes to stderr is thrown away,
// because it may hold secrets.
//
// Threads: see CredentialProvider; run_program may be called from several threads at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "store/aws/credentials_provider.h"

namespace flashflood {

// Starts words[0], looked for in PATH, and waits until it ends, `time_max` at most: then it is
// killed. Throws InvalidArgument when it cannot be started.
ProgramResult run_program(const std::vector<std::string>& words, std::chrono::nanoseconds time_max,
                          Clock& clock);

// `command` as it stands in the profile called `profile`; InvalidArgument when it cannot be split.
std::shared_ptr<CredentialProvider> make_process_provider(std::string_view command,
                                                          const std::string& profile,
                                                          const CredentialTools& tools);

}  // namespace flashflood
