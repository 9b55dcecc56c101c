// What to say of an argument that nobody took: an unknown command or option, or one argument too
// many; with the name that was meant, when there is one like it.
//
// Threads: a pure function.
#pragma once

#include <string>
#include <vector>

#include "commands.h"

namespace flashflood::cli {

// `command`: the one that was given; null without one.
std::string text_of_extra(const std::string& word, const CommandHelp* command,
                          const std::vector<CommandHelp>& commands,
                          const std::vector<OptionHelp>& global_options);

}  // namespace flashflood::cli
