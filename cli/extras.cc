#include "extras.h"

#include <fmt/format.h>

#include <algorithm>

#include "text.h"

namespace flashflood::cli {

namespace {

template <typename Help>
void add_names(const std::vector<Help>& all, std::vector<std::string>& names) {
  for (const Help& help : all) names.push_back(help.name);
}

std::string unknown(const char* what, const std::string& shown, const std::string& name,
                    const std::vector<std::string>& known) {
  const auto close = closest(name, known);
  return fmt::format("unknown {} {}", what, shown) +
         (close ? fmt::format("; did you mean {}?", *close) : "");
}

}  // namespace

std::string text_of_extra(const std::string& word, const CommandHelp* command,
                          const std::vector<CommandHelp>& commands,
                          const std::vector<OptionHelp>& global_options) {
  std::vector<std::string> known;
  if (word.size() > 1 && word.front() == '-') {
    add_names(global_options, known);
    if (command != nullptr) add_names(command->options, known);
    const std::string name = word.substr(0, word.find('='));
    const auto has_it = [&](const CommandHelp& help) {
      return std::any_of(help.options.begin(), help.options.end(),
                         [&](const OptionHelp& option) { return option.name == name; });
    };
    if (command != nullptr && has_it(*command)) {
      return fmt::format("{} stands before the command; write flashflood {} {} …", name,
                         command->name, name);
    }
    if (command == nullptr) {
      const auto owner = std::find_if(commands.begin(), commands.end(), has_it);
      if (owner != commands.end()) {
        return fmt::format("{} belongs to a command, such as flashflood {} {} …", name, owner->name,
                           name);
      }
    }
    return unknown("option", name, name, known);
  }
  if (command != nullptr) {
    return fmt::format("{} takes no argument {}", command->name, quoted_text(word));
  }
  add_names(commands, known);
  return unknown("command", quoted_text(word), word, known);
}

}  // namespace flashflood::cli
