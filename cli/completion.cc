// completion: scripts for bash, zsh and fish, made from the command line's own description.

#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "failure.h"
#include "output.h"

namespace flashflood::cli {

namespace {

template <typename Help>
std::string names(const std::vector<Help>& all) {
  std::string text;
  for (const Help& help : all) text += (text.empty() ? "" : " ") + help.name;
  return text;
}

// In single quotes for a shell.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string bash_script(const std::vector<CommandHelp>& commands,
                        const std::vector<OptionHelp>& global_options) {
  std::string all;
  std::string with_value = "--store";
  std::string cases;
  std::string choices;
  std::vector<std::string> with_choices;
  for (const CommandHelp& command : commands) {
    all += (all.empty() ? "" : " ") + command.name;
    for (const OptionHelp& option : command.options) {
      if (option.takes_value) with_value += "|" + option.name;
      // An option has the same choices in every command.
      if (option.choices.empty() ||
          std::find(with_choices.begin(), with_choices.end(), option.name) != with_choices.end()) {
        continue;
      }
      with_choices.push_back(option.name);
      std::string values;
      for (const std::string& choice : option.choices) values += choice + " ";
      choices += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n",
                             option.name, values);
    }
    cases += fmt::format("    {}) words={}; files={} ;;\n", command.name,
                         in_quotes(names(command.options)), command.takes_files ? 1 : 0);
  }
  return fmt::format(R"(# Completion of flashflood for bash.
_flashflood() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command= words= files=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
      {}) ((i++)) ;;
      -*) ;;
      *) command="${{COMP_WORDS[i]}}"; break ;;
    esac
  done
  case "$previous" in
    --store) COMPREPLY=($(compgen -d -- "$current")); return ;;
{}    --compression) COMPREPLY=($(compgen -W 'zstd lz4 none' -- "$current")); return ;;
  esac
  case "$command" in
    '') words={} ;;
{}  esac
  if [[ "$command" == completion ]]; then words="$words bash zsh fish"; fi
  if [[ "$command" == help ]]; then words={}; fi
  COMPREPLY=($(compgen -W "$words {}" -- "$current"))
  if ((files)) && [[ "$current" != -* ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}}
complete -o filenames -F _flashflood flashflood
)",
                     with_value, choices, in_quotes(all), cases, in_quotes(all),
                     names(global_options));
}

std::string zsh_option(const OptionHelp& option) {
  std::string description;
  for (const char c : option.description) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') description += '\\';
    description += c;
  }
  std::string text = option.name + "[" + description + "]";
  if (option.name == "--store") {
    text += ":folder:_files -/";
  } else if (!option.choices.empty()) {
    text += ":value:(";
    for (const std::string& choice : option.choices) text += choice + " ";
    text.back() = ')';
  } else if (option.takes_value) {
    text += ":value:";
  }
  return in_quotes(text);
}

std::string zsh_script(const std::vector<CommandHelp>& commands,
                       const std::vector<OptionHelp>& global_options) {
  std::string described;
  std::string cases;
  const std::string all = names(commands);
  for (const CommandHelp& command : commands) {
    described += "    " + in_quotes(command.name + ":" + command.description) + "\n";
    cases += fmt::format("    {}) _arguments $global", command.name);
    for (const OptionHelp& option : command.options) {
      cases += " \\\n      " + zsh_option(option);
    }
    if (command.name == "completion") cases += " \\\n      ':shell:(bash zsh fish)'";
    if (command.name == "help") cases += " \\\n      ':command:(" + all + ")'";
    cases += command.takes_files ? " \\\n      '*:file:_files' ;;\n" : " ;;\n";
  }
  std::string global;
  for (const OptionHelp& option : global_options) global += "    " + zsh_option(option) + "\n";
  return fmt::format(R"(#compdef flashflood
# Completion of flashflood for zsh.
_flashflood() {{
  local context state state_descr line
  typeset -A opt_args
  local -a commands global
  commands=(
{}  )
  global=(
{}  )
  _arguments -C $global '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands; return ;;
  esac
  case $words[1] in
{}  esac
}}
if [[ "$funcstack[1]" == _flashflood ]]; then _flashflood "$@"; else compdef _flashflood flashflood; fi
)",
                     described, global, cases);
}

std::string fish_option(const std::string& condition, const OptionHelp& option) {
  std::string line = fmt::format("complete -c flashflood{} -l {} -d {}", condition,
                                 option.name.substr(2), in_quotes(option.description));
  if (option.name == "--store") {
    line += " -r -a '(__fish_complete_directories)'";
  } else if (!option.choices.empty()) {
    line += " -x -a '";
    for (const std::string& choice : option.choices) line += choice + " ";
    line.back() = '\'';
  } else if (option.takes_value) {
    line += " -x";
  }
  return line + "\n";
}

std::string fish_script(const std::vector<CommandHelp>& commands,
                        const std::vector<OptionHelp>& global_options) {
  std::string script = "# Completion of flashflood for fish.\ncomplete -c flashflood -f\n";
  for (const OptionHelp& option : global_options) script += fish_option("", option);
  for (const CommandHelp& command : commands) {
    script += fmt::format("complete -c flashflood -n __fish_use_subcommand -a {} -d {}\n",
                          command.name, in_quotes(command.description));
    const std::string condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionHelp& option : command.options) script += fish_option(condition, option);
    if (command.takes_files) script += "complete -c flashflood" + condition + " -F\n";
    if (command.name == "help") {
      script += "complete -c flashflood" + condition + " -a '" + names(commands) + "'\n";
    }
    if (command.name == "completion") {
      script += "complete -c flashflood" + condition + " -a 'bash zsh fish'\n";
    }
  }
  return script;
}

}  // namespace

int run_completion(const std::string& shell, const std::vector<CommandHelp>& commands,
                   const std::vector<OptionHelp>& global_options) {
  if (shell == "bash") {
    print(bash_script(commands, global_options));
  } else if (shell == "zsh") {
    print(zsh_script(commands, global_options));
  } else {
    print(fish_script(commands, global_options));
  }
  return done;
}

}  // namespace flashflood::cli
