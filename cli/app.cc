#include "app.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "command_adder.h"
#include "extras.h"
#include "output.h"

namespace flashflood::cli {

namespace {

constexpr const char* version_text = "flashflood " FLASHFLOOD_VERSION;

class Parser {
 public:
  Parser() : app_("Records events in a folder or a bucket and replays them in order of date.") {
    app_.name("flashflood");
    app_.set_version_flag("--version", std::string(version_text));
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.require_subcommand(0, 1);
    app_.allow_extras();
    app_.add_option(
            "--store", invocation_.global.store,
            "The flood: a folder, s3://bucket/prefix, file:///path or memory://name (default: "
            "$FLASHFLOOD_STORE)")
        ->type_name("URL");
    app_.add_flag("--explain", invocation_.global.explain,
                  "At the end, say on standard error what was asked of the store (query: "
                  "print the plan)");
    app_.add_flag("--quiet", invocation_.global.quiet, "No remarks and no progress");
    app_.add_flag("--no-progress", invocation_.global.no_progress, "No progress");
    app_.add_option("--retry-for", retry_for_,
                    "How long a request that the store does not answer is repeated (default: "
                    "$FLASHFLOOD_RETRY_FOR, or 1m)")
        ->type_name("DURATION");
    app_.footer(
        "Examples:\n"
        "  export FLASHFLOOD_STORE=~/events\n"
        "  flashflood record --id id --date time events.ndjson.gz\n"
        "  flashflood replay --from 2011-03-01T00:00:00Z --where 'amount > `3`' | head\n\n"
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 other data (record --existing fail). "
        "flashflood "
        "COMMAND --help tells more.");
    CommandAdder commands(app_,
                          [this](CommandAdder::Run run) { invocation_.run = std::move(run); });
    add_data_commands(commands);
    add_upkeep_commands(commands);
    add_own_commands();
  }

  Invocation parse(int argc, const char* const* argv) {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    refuse_empty_values(words);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return say(app_.help());
    } catch (const CLI::CallForVersion& version) {
      return say(std::string(version.what()) + "\n");
    } catch (const CLI::ArgumentMismatch& error) {
      refuse_extras();
      // CLI11 says "--from: 1 required DATE missing", or "Expected exactly 1 arguments to --from".
      const std::string what = error.what();
      const auto begin = std::min(what.find("--"), what.size());
      const std::string name = what.substr(begin, what.find_first_of(": ,", begin) - begin);
      if (name.empty()) throw UsageError(what + hint());
      throw UsageError(name + (is_repeated(words, name) ? " is given twice" : " needs a value") +
                       hint());
    } catch (const CLI::ParseError& error) {
      refuse_extras();
      throw UsageError(std::string(error.what()) + hint());
    }
    refuse_extras();
    if (!invocation_.run) throw UsageError("no command is given" + hint());
    const char* const store = std::getenv("FLASHFLOOD_STORE");
    if (retry_for_) invocation_.global.retry_for = parse_duration("--retry-for", *retry_for_);
    if (app_.count("--store") == 0 && store != nullptr) invocation_.global.store = store;
    return std::move(invocation_);
  }

 private:
  // Those that are about the command line itself.
  void add_own_commands() {
    CLI::App* const help = app_.add_subcommand("help", "Tell about a command")->group("Commands");
    help->footer("Example:\n  flashflood help replay\n");
    help->add_option("COMMAND", topic_, "A command; none: all of them")->type_name("");
    help->parse_complete_callback([this] { invocation_ = say(help_text(topic_)); });

    CLI::App* const version =
        app_.add_subcommand("version", "Print the version")->group("Commands");
    version->footer("Example:\n  flashflood version\n");
    version->parse_complete_callback(
        [this] { invocation_ = say(std::string(version_text) + "\n"); });

    CLI::App* const completion =
        app_.add_subcommand("completion", "Print a completion script for a shell")
            ->group("Commands");
    completion->fallthrough();
    completion->footer("Example:\n  source <(flashflood completion bash)\n");
    completion->add_option("SHELL", shell_, "bash, zsh or fish")
        ->required()
        ->check(one_of({"bash", "zsh", "fish"}))
        ->type_name("");
    completion->parse_complete_callback([this] {
      invocation_.run = [shell = shell_, commands = commands(), global = options_of(app_)](
                            Session&) { return run_completion(shell, commands, global); };
    });
  }

  // The words that can be options.
  static std::vector<std::string> option_words(const std::vector<std::string>& words) {
    std::vector<std::string> options;
    for (const std::string& word : words) {
      if (word == "--") break;
      if (word.starts_with("--")) options.push_back(word);
    }
    return options;
  }

  // CLI11 would take the next word for the value of "--id=", which is what a shell makes of
  // --id="$ID" when ID is not set.
  void refuse_empty_values(const std::vector<std::string>& words) const {
    for (const std::string& word : option_words(words)) {
      if (word.find('=') != word.size() - 1) continue;
      throw UsageError(fmt::format("{} has no value after the '=' (a variable that is not set?)",
                                   word.substr(0, word.size() - 1)));
    }
  }

  static bool is_repeated(const std::vector<std::string>& words, const std::string& name) {
    const auto options = option_words(words);
    return std::count_if(options.begin(), options.end(), [&](const std::string& word) {
             return word == name || word.starts_with(name + "=");
           }) > 1;
  }

  static std::vector<OptionHelp> options_of(const CLI::App& app) {
    std::vector<OptionHelp> options;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        OptionHelp help{
            "--" + name, option->get_description(), option->get_items_expected() > 0, {}};
        // A choice shows its values as its type.
        const std::string type = option->get_type_name();
        for (std::size_t begin = 0; type.find('|') != std::string::npos && begin <= type.size();) {
          const std::size_t end = std::min(type.find('|', begin), type.size());
          help.choices.push_back(type.substr(begin, end - begin));
          begin = end + 1;
        }
        options.push_back(std::move(help));
      }
    }
    return options;
  }

  static CommandHelp help_of(const CLI::App& sub) {
    return {sub.get_name(), sub.get_description(), sub.get_option_no_throw("FILE") != nullptr,
            options_of(sub)};
  }

  std::vector<CommandHelp> commands() const {
    std::vector<CommandHelp> all;
    for (const CLI::App* sub : app_.get_subcommands(nullptr)) all.push_back(help_of(*sub));
    return all;
  }

  // Arguments that nobody took: an unknown command or option, or one argument too many.
  void refuse_extras() const {
    std::vector<std::string> extras = app_.remaining(true);
    // CLI11 leaves the mark behind which everything is an argument.
    extras.erase(std::remove(extras.begin(), extras.end(), "--"), extras.end());
    if (extras.empty()) return;
    const auto given = app_.get_subcommands();
    std::optional<CommandHelp> command;
    if (!given.empty()) command = help_of(*given.front());
    throw UsageError(
        text_of_extra(extras.front(), command ? &*command : nullptr, commands(), options_of(app_)) +
        hint());
  }

  std::string hint() const {
    const auto subcommands = app_.get_subcommands();
    return fmt::format(" (flashflood{}{} --help tells more)", subcommands.empty() ? "" : " ",
                       subcommands.empty() ? "" : subcommands.front()->get_name());
  }

  std::string help_text(const std::string& topic) const {
    // By itself CLI11 tells about the command that was given, which is "help".
    if (topic.empty()) {
      return app_.get_formatter()->make_help(&app_, app_.get_name(), CLI::AppFormatMode::Normal);
    }
    for (const CLI::App* const sub : app_.get_subcommands(nullptr)) {
      if (sub->get_name() == topic) return sub->help(app_.get_name());
    }
    throw UsageError(text_of_extra(topic, nullptr, commands(), options_of(app_)) + hint());
  }

  static Invocation say(const std::string& text) {
    return {{}, [text](Session&) {
              print(text);
              return static_cast<int>(done);
            }};
  }

  CLI::App app_;
  Invocation invocation_;
  std::string shell_;
  std::string topic_;
  std::optional<std::string> retry_for_;
};

}  // namespace

Invocation parse_command_line(int argc, const char* const* argv) {
  return Parser().parse(argc, argv);
}

}  // namespace flashflood::cli
