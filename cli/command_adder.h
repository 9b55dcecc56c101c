// Commands under construction: CLI11's object of each, and the struct that it fills.
//
// Only sources that describe commands include this: CLI11's header is large.
//
// Threads: one thread at a time.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "text.h"

namespace flashflood::cli {

inline CLI::Validator one_of(std::vector<std::string> choices) {
  std::string names;
  for (const std::string& choice : choices) names += (names.empty() ? "" : ", ") + choice;
  return CLI::Validator(
      [choices = std::move(choices), names](std::string& text) {
        if (std::find(choices.begin(), choices.end(), text) != choices.end()) return std::string();
        return quoted_text(text) + " is none of " + names;
      },
      "");
}

template <typename Arguments>
struct Command {
  CLI::App* app;
  std::shared_ptr<Arguments> arguments;

  Arguments* operator->() const { return arguments.get(); }

  // An option without a value is most often a variable that is not set: what it would mean is
  // never what was meant.
  CLI::Option* value(const char* name, Text& target, const char* type, const char* description) {
    return app
        ->add_option_function<std::string>(
            name,
            [&target, name](const std::string& text) {
              if (text.empty() && std::string_view(name).starts_with("--")) {
                throw UsageError(std::string(name) +
                                 ": its value is empty (a variable that is not set?)");
              }
              target = text;
            },
            description)
        ->type_name(type);
  }
  CLI::Option* required(const char* name, std::string& target, const char* description) {
    return app->add_option(name, target, description)->required()->type_name("");
  }
  void flag(const char* name, bool& target, const char* description) {
    app->add_flag(name, target, description);
  }
  // The choices are in the description too, so that completion and people find them.
  void choice(const char* name, std::string& target, std::vector<std::string> choices,
              const char* description) {
    app->add_option(name, target, description)
        ->type_name(joined(choices))
        ->check(one_of(std::move(choices)));
  }
  void choice(const char* name, Text& target, std::vector<std::string> choices,
              const char* description) {
    value(name, target, "", description)
        ->type_name(joined(choices))
        ->check(one_of(std::move(choices)));
  }
  void data(Text& target) {
    value("DATA", target, "", "The data; \"-\" or none: standard input, without a last line break");
  }
  void json(bool& target) { flag("--json", target, "Print JSON"); }
  void create(CreateArguments& target) {
    value("--grace", target.grace, "DURATION",
          "When the flood is created: how long snapshots live (1h)");
    value("--patience", target.patience, "DURATION",
          "When the flood is created: how long one operation may last (10m)");
    value("--compression", target.compression, "NAME",
          "Of what is written: zstd (default), zstd:1 to zstd:19, lz4, none");
  }
  void range(RangeArguments& target) {
    value("--from", target.from, "DATE",
          "Events after this date; those of a day (2011-03-01) from its first moment on");
    value("--to", target.to, "DATE", "Events up to and with this date, or all of this day");
    value("--on", target.on, "DAY", "Events of this day, month (2011-03) or year");
    value("--since", target.since, "DATE", "Events of this date and later");
    value("--until", target.until, "DATE", "Events before this date");
    value("--zone", target.zone, "ZONE",
          "Of dates and days above that name none: UTC (default), or such as +02:00");
  }

 private:
  static std::string joined(const std::vector<std::string>& choices) {
    std::string all;
    for (const std::string& choice : choices) all += (all.empty() ? "" : "|") + choice;
    return all;
  }
};

// What every help of a command with a range says.
inline constexpr const char* range_note =
    "Dates: RFC 3339, any offset; also 2011-03-01, 2011-03, now, today, yesterday, 7d and -1h\n"
    "(before now). The range of --from and --to is (from, to]: an event at the very date of\n"
    "--from is left out, so --from 2011-03-01T00:00:00Z misses one at midnight, and --since and\n"
    "--on do not.\n\n";

class CommandAdder {
 public:
  using Run = std::function<int(Session&)>;

  // `chosen` is called with what is to be run.
  CommandAdder(CLI::App& app, std::function<void(Run)> chosen)
      : app_(app), chosen_(std::move(chosen)) {}

  template <typename Arguments>
  Command<Arguments> add(const char* name, const char* description,
                         int (*run)(Session&, const Arguments&), const std::string& footer) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* const sub = app_.add_subcommand(name, description)->group("Commands");
    sub->fallthrough();
    sub->footer(footer +
                "\n\nGlobal options (--store, --explain, --quiet, --no-progress, --retry-for) may "
                "stand here too.");
    sub->parse_complete_callback([chosen = chosen_, arguments, run] {
      chosen([arguments, run](Session& session) { return run(session, *arguments); });
    });
    return {sub, std::move(arguments)};
  }

 private:
  CLI::App& app_;
  std::function<void(Run)> chosen_;
};

// app_data.cc: put to read-split.
void add_data_commands(CommandAdder& commands);
// app_upkeep.cc: journal to bench.
void add_upkeep_commands(CommandAdder& commands);

}  // namespace flashflood::cli
