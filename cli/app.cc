#include "app.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "commands.h"
#include "extras.h"
#include "failure.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

constexpr const char* global_note =
    "\nGlobal options (--store, --explain, --quiet, --no-progress, --retry-for) may stand here "
    "too.";

CLI::Validator one_of(std::vector<std::string> choices) {
  std::string names;
  for (const std::string& choice : choices) names += (names.empty() ? "" : ", ") + choice;
  return CLI::Validator(
      [choices = std::move(choices), names](std::string& text) {
        if (std::find(choices.begin(), choices.end(), text) != choices.end()) return std::string();
        return quoted_text(text) + " is none of " + names;
      },
      "");
}

// One command under construction: CLI11's object and the struct that it fills.
template <typename Arguments>
struct Command {
  CLI::App* app;
  std::shared_ptr<Arguments> arguments;

  Arguments* operator->() const { return arguments.get(); }

  CLI::Option* value(const char* name, Text& target, const char* type, const char* description) {
    return app
        ->add_option_function<std::string>(
            name, [&target](const std::string& text) { target = text; }, description)
        ->type_name(type);
  }
  CLI::Option* required(const char* name, std::string& target, const char* description) {
    return app->add_option(name, target, description)->required()->type_name("");
  }
  void flag(const char* name, bool& target, const char* description) {
    app->add_flag(name, target, description);
  }
  void choice(const char* name, std::string& target, std::vector<std::string> choices,
              const char* description) {
    app->add_option(name, target, description)->check(one_of(std::move(choices)));
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
};

class Parser {
 public:
  Parser() : app_("Records events in a folder or a bucket and replays them in order of date.") {
    app_.name("flashflood");
    app_.set_version_flag("--version", std::string("flashflood ") + FLASHFLOOD_VERSION);
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
        "Exit codes: 0 done, 1 failed, 2 wrong usage. flashflood COMMAND --help tells more.");
    add_single_commands();
    add_bulk_commands();
    add_split_commands();
    add_maintenance_commands();
    add_other_commands();
  }

  Invocation parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return say(app_.help());
    } catch (const CLI::CallForVersion& version) {
      return say(std::string(version.what()) + "\n");
    } catch (const CLI::ArgumentMismatch& error) {
      refuse_extras();
      // CLI11 says "--from: 1 required DATE missing".
      const std::string name =
          std::string(error.what()).substr(0, std::string(error.what()).find(':'));
      throw UsageError((name.starts_with("--") ? name + " needs a value" : error.what()) + hint());
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
  template <typename Arguments>
  Command<Arguments> add(const char* name, const char* description,
                         int (*run)(Session&, const Arguments&), const std::string& footer) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* const sub = app_.add_subcommand(name, description)->group("Commands");
    sub->fallthrough();
    sub->footer(footer + "\n" + global_note);
    sub->parse_complete_callback([this, arguments, run] {
      invocation_.run = [arguments, run](Session& session) { return run(session, *arguments); };
    });
    return {sub, std::move(arguments)};
  }

  void add_single_commands() {
    auto put = add("put", "Record one event and print its id", run_put,
                   "Example:\n  flashflood put --id order-7 --date 2011-03-01T08:26:00Z "
                   "'{\"amount\": 3}'");
    put.value("--id", put->id, "ID", "1 to 1024 bytes of UTF-8 (default: a random one)");
    put.value("--date", put->date, "DATE", "RFC 3339 (default: now)");
    put.data(put->data);
    put.create(put->create);

    auto get = add("get", "Print the data of one event", run_get,
                   "The data is followed by one line break.\n\n"
                   "Example:\n  flashflood get order-7 --format event");
    get.required("ID", get->id, "The event's id");
    get.choice("--format", get->format, {"data", "event"},
               "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");

    auto update = add("update", "Replace the data of one event and print its new revision",
                      run_update, "Example:\n  flashflood update order-7 '{\"amount\": 4}'");
    update.required("ID", update->id, "The event's id");
    update.data(update->data);
    update.value("--expected-revision", update->expected_revision, "N",
                 "Only if the event has this revision");

    auto erase = add("delete", "Delete one event", run_delete,
                     "Example:\n  flashflood delete order-7 --expected-revision 2");
    erase.required("ID", erase->id, "The event's id");
    erase.value("--expected-revision", erase->expected_revision, "N",
                "Only if the event has this revision");
  }

  void add_bulk_commands() {
    auto record =
        add("record", "Record NDJSON, one event a line", run_record,
            "Files that are gzip or Zstandard are decompressed. Blank lines are skipped; a CR at\n"
            "the end of a line and a byte order mark at the start of a file are left out. An id\n"
            "that exists already is left as it is, so that recording again is harmless. Without\n"
            "--id and --date the lines need not be JSON.\n\n"
            "Ids: a string as it is; a number or boolean as its JSON text. Dates: a string as\n"
            "RFC 3339 has it, or a number: seconds since 1970-01-01T00:00:00Z.\n\n"
            "Example:\n  flashflood record --id id --date created_at events.ndjson.zst");
    record.app->add_option("FILE", record->files, "Files; \"-\" or none: standard input")
        ->type_name("");
    record.value("--id", record->id, "EXPR", "JMESPath on the line (default: random ids)");
    record.value("--date", record->date, "EXPR", "JMESPath on the line (default: now)");
    record.flag("--skip-bad", record->skip_bad, "Count bad lines and go on");
    record.value("--batch-bytes", record->batch_bytes, "SIZE",
                 "Data in one pending journal (8M; 64K to 64M)");
    record.value("--in-flight", record->in_flight, "N", "Journals written at once (4; 1 to 64)");
    record.create(record->create);

    auto import = add(
        "import-original", "Take over a bucket of the original FlashFlood", run_import,
        "Reads what the Python package flash-flood 0.4.3 has written to s3://BUCKET/ROOT_PREFIX, "
        "or a\n"
        "folder with the same keys, and records it: each event once, with its id, date and data.\n"
        "Updates and deletes that are pending there are applied. The source is only read, and\n"
        "should not be written meanwhile. After an interruption the same command goes on.\n\n"
        "The source is asked as the environment says, like the flood, or by --source-profile.\n\n"
        "Example:\n  flashflood import-original s3://old-bucket/events --source-profile old");
    import.required("URL", import->url, "s3://BUCKET/ROOT_PREFIX, or a folder");
    import.value("--source-profile", import->source_profile, "NAME",
                 "Profile of the AWS files for the source: keys, endpoint, region");
    import.value("--source-endpoint", import->source_endpoint, "URL", "S3 endpoint of the source");
    import.value("--source-region", import->source_region, "NAME", "Region of the source");
    import.flag("--strict", import->strict,
                "Fail, before anything is recorded, if something would be skipped");
    import.json(import->json);
    import.create(import->create);

    auto replay = add(
        "replay", "Print the events of a range of dates, in order", run_replay,
        "One event is one line. Data goes out byte for byte when it has no line break; JSON with\n"
        "line breaks goes out without blanks; for other data with line breaks there is\n"
        "--format event, which carries what is not JSON as \"data_base64\".\n\n"
        "Example:\n  flashflood replay --from 2011-03-01T00:00:00Z --where 'amount > `3`' "
        "--query '[id, amount]'");
    replay.value("--from", replay->from, "DATE", "Events after this date");
    replay.value("--to", replay->to, "DATE", "Events up to and with this date");
    replay.value("--where", replay->where, "EXPR", "Only events for which this JMESPath is true");
    replay.value("--query", replay->query, "EXPR",
                 "Print the result of this JMESPath, unless it is null");
    replay.choice("--format", replay->format, {"data", "event"},
                  "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");
    replay.value("--limit", replay->limit, "N", "Stop after so many events");
    replay.flag("--follow", replay->follow,
                "Then go on with what is recorded later, until Ctrl-C; deletes are not told");
    replay.value("--interval", replay->interval, "DURATION", "Of looks for more (1s)");
    replay.flag("--strict", replay->strict,
                "Fail on data that is not JSON or on which an expression fails");

    auto query = add(
        "query", "Evaluate one JMESPath expression on all events of a range", run_query,
        "The expression sees {\"events\": [the data of every event, in order]}. Filters,\n"
        "projections, slices and folds (length, sum, avg, min, max, min_by, max_by, sort_by with\n"
        "a slice) stream, whatever the number of events; only what needs many of them at once is\n"
        "held in memory. Arrays are printed as they are found.\n\n"
        "With --explain the plan is printed instead of the result, and nothing is read.\n\n"
        "Example:\n  flashflood query --from 2011-03-01T00:00:00Z "
        "\"sum(events[?country=='France'].quantity)\"");
    query.required("EXPR", query->expression, "The expression");
    query.value("--from", query->from, "DATE", "Events after this date");
    query.value("--to", query->to, "DATE", "Events up to and with this date");
    query.flag("--strict", query->strict, "Fail on data that is not JSON");
    query.value("--memory-limit", query->memory_limit, "SIZE",
                "For what has to be held at once (256M)");
  }

  void add_split_commands() {
    auto splits = add(
        "splits", "Cut a replay into pieces that any machine can read", run_splits,
        "Prints splits, one JSON document a line, of about the same size; there are fewer when\n"
        "there is too little to cut. read-split prints their events: one after the other, those\n"
        "of the replay. With --presign, sealed journals that still hold data of deleted events\n"
        "are rewritten first; whoever has a presigned split can read all of the journals that it\n"
        "names.\n\n"
        "Example:\n"
        "  flashflood splits --count 64 --where 'amount > `3`' > splits.ndjson\n"
        "  parallel --pipe -N1 -k flashflood read-split < splits.ndjson\n"
        "  flashflood splits --count 64 --presign 12h > splits.ndjson\n"
        "  flashflood splits --refresh splits.ndjson > fresh.ndjson");
    splits.value("--count", splits->count, "N", "How many splits at the most");
    splits.value("--from", splits->from, "DATE", "Events after this date");
    splits.value("--to", splits->to, "DATE", "Events up to and with this date");
    splits.value("--where", splits->where, "EXPR", "Only events for which this JMESPath is true");
    splits.value("--query", splits->query, "EXPR",
                 "The result of this JMESPath, unless it is null");
    splits.flag("--strict", splits->strict,
                "Fail on data that is not JSON or on which an expression fails");
    splits.value("--valid-for", splits->valid_for, "DURATION", "How long they can be read (1d)");
    splits.value("--presign", splits->presign, "DURATION",
                 "For readers without credentials, for so long");
    splits.value("--refresh", splits->refresh, "FILE",
                 "Print these splits again, of the same snapshot, valid from now; \"-\": standard "
                 "input");

    auto read = add("read-split", "Print the events of splits", run_read_split,
                    "Reads one split a line. Presigned ones need neither credentials nor a store;\n"
                    "others are read from the store that they name, or from --store.\n\n"
                    "Example:\n  sed -n 3p splits.ndjson | flashflood read-split --format event");
    read.app->add_option("FILE", read->file, "The splits; \"-\" or none: standard input")
        ->type_name("");
    read.choice("--format", read->format, {"data", "event"},
                "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");
    read.value("--from", read->from, "DATE", "Of their events those after this date");
    read.value("--to", read->to, "DATE", "Of their events those up to and with this date");
    read.value("--limit", read->limit, "N", "Stop after so many events");
  }

  void add_maintenance_commands() {
    auto journal = add("journal", "Merge pending journals to sorted ones", run_journal,
                       "With too little pending, journal fails (exit code 1); with --watch it "
                       "waits.\n\nExample:\n  flashflood journal --min-events 1000 --watch "
                       "--interval 1m");
    journal.value("--min-events", journal->min_events, "N", "Only if so many events are pending");
    journal.value("--min-bytes", journal->min_bytes, "SIZE",
                  "Only if so many bytes of journals are pending");
    journal.flag("--watch", journal->watch, "Go on until Ctrl-C");
    journal.value("--interval", journal->interval, "DURATION", "Of --watch (10s)");
    journal.json(journal->json);

    auto collect = add("gc", "Remove what journaling has retired", run_collect,
                       "Example:\n  flashflood gc --dry-run");
    collect.flag("--dry-run", collect->dry_run, "Only say what would be removed");
    collect.json(collect->json);

    auto verify = add("verify", "Read and check everything", run_verify,
                      "Prints a line for each problem; exit code 1 when there is any.\n\n"
                      "Example:\n  flashflood verify --json");
    verify.json(verify->json);

    auto journals = add("journals", "List the journals", run_journals,
                        "Example:\n  flashflood journals --from 2011-03-01T00:00:00Z");
    journals.value("--from", journals->from, "DATE", "With events after this date");
    journals.value("--to", journals->to, "DATE", "With events up to and with this date");
    journals.flag("--json", journals->json, "Print JSON, one journal a line");

    auto stats =
        add("stats", "Say what there is", run_stats, "Example:\n  flashflood stats --json");
    stats.json(stats->json);
  }

  void add_other_commands() {
    auto jmespath =
        add("jmespath", "Evaluate a JMESPath expression on one JSON document", run_jmespath,
            "Example:\n  echo '{\"a\": [1, 2]}' | flashflood jmespath 'a[1]'");
    jmespath.required("EXPR", jmespath->expression, "The expression");
    jmespath.app->add_option("FILE", jmespath->file, "The document; \"-\" or none: standard input")
        ->type_name("");

    auto bench = add("bench", "Measure the store and this machine", run_bench,
                     "Works in a flood of its own beside the store, STORE-bench-…, and removes it, "
                     "also\nafter Ctrl-C or an error. In a bucket it says first how much it will "
                     "write and what\nthe requests cost, and then what they did.\n\nExample:\n"
                     "  flashflood --store /data/events bench\n"
                     "  flashflood --store s3://my-bucket/events bench --events 50000");
    bench.value("--events", bench->events, "N", "Events in the bulk part (200000)");
    bench.value("--threads", bench->threads, "N", "Threads that put at once (8)");
    bench.json(bench->json);

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

  static std::vector<OptionHelp> options_of(const CLI::App& app) {
    std::vector<OptionHelp> options;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        OptionHelp help{
            "--" + name, option->get_description(), option->get_items_expected() > 0, {}};
        if (name == "format") help.choices = {"data", "event"};
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

  static Invocation say(const std::string& text) {
    return {{}, [text](Session&) {
              print(text);
              return static_cast<int>(done);
            }};
  }

  CLI::App app_;
  Invocation invocation_;
  std::string shell_;
  std::optional<std::string> retry_for_;
};

}  // namespace

Invocation parse_command_line(int argc, const char* const* argv) {
  return Parser().parse(argc, argv);
}

}  // namespace flashflood::cli
