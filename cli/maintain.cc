// journal, gc, verify.

#include <fmt/format.h>

#include "commands.h"
#include "failure.h"
#include "interrupt.h"
#include "meter.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

ProgressCallback show_in(Meter& meter) {
  return [&meter](const Progress& progress) {
    meter.update(progress.events, progress.bytes,
                 progress.events_total == 0 ? -1
                                            : static_cast<double>(progress.events) /
                                                  static_cast<double>(progress.events_total));
  };
}

void print_report(const JournalReport& report, bool json) {
  constexpr std::string_view done_words = "journaling is done";
  if (json) {
    print_result(done_words, JsonObject()
                                     .add("sealed_events", report.sealed_events)
                                     .add("sealed_data_bytes", report.sealed_data_bytes)
                                     .add("pending_journals", report.pending_journals)
                                     .add("merged_journals", report.merged_journals)
                                     .add("written_journals", report.written_journals)
                                     .add("commits", report.commits)
                                     .add("conflicts", report.conflicts)
                                     .text() +
                                 "\n");
    return;
  }
  if (report.commits == 0) {
    print("Nothing to do.\n");
    return;
  }
  std::string line =
      fmt::format("Sealed {} from {}", plural(report.sealed_events, "entry", "entries"),
                  plural(report.pending_journals, "pending journal"));
  if (report.merged_journals > 0) {
    line += fmt::format(", merged {}", plural(report.merged_journals, "sealed journal"));
  }
  print_result(done_words,
               line + fmt::format(", wrote {}.\n", plural(report.written_journals, "journal")));
}

int watch(Session& session, Flood& flood, const JournalOptions& options,
          std::chrono::milliseconds interval, bool json) {
  handle_interrupts();
  while (interrupted() == 0) {
    try {
      const JournalReport report = flood.journal(options);
      if (report.commits > 0) print_report(report, json);
    } catch (const JournalingConditionNotMet&) {
      // The next round looks again.
    } catch (const StoreUnavailable& error) {
      session.remark(error.what());
    } catch (const OutcomeUnknown& error) {
      session.remark(error.what());
    }
    sleep_unless_interrupted(interval);
  }
  return done;
}

}  // namespace

int run_journal(Session& session, const JournalArguments& arguments) {
  JournalOptions options;
  if (arguments.min_events) options.min_events = parse_count("--min-events", *arguments.min_events);
  if (arguments.min_bytes) options.min_bytes = parse_size("--min-bytes", *arguments.min_bytes);
  std::chrono::milliseconds interval{10'000};
  if (arguments.interval) {
    if (!arguments.watch) throw UsageError("--interval goes with --watch");
    interval = parse_interval("--interval", *arguments.interval);
  }
  Flood& flood = session.open();
  if (arguments.watch) return watch(session, flood, options, interval, arguments.json);
  Meter meter(session.shows_progress(), "journaling");
  options.progress = show_in(meter);
  const JournalReport report = flood.journal(options);
  meter.clear();
  print_report(report, arguments.json);
  return done;
}

int run_collect(Session& session, const CollectArguments& arguments) {
  CollectOptions options;
  options.dry_run = arguments.dry_run;
  const CollectReport report = session.open().collect_garbage(options);
  std::string text;
  if (arguments.json) {
    text += JsonObject()
                .add("dry_run", arguments.dry_run)
                .add("removed_objects", report.removed_objects)
                .add("removed_bytes", report.removed_bytes)
                .add("kept_objects", report.kept_objects)
                .add_json("keys", json_list(report.keys))
                .text() +
            "\n";
  } else {
    for (const std::string& key : report.keys) text += key + "\n";
    text += fmt::format("{} {} ({}); {} kept for now.\n",
                        arguments.dry_run ? "Would remove" : "Removed",
                        plural(report.removed_objects, "object"), human_bytes(report.removed_bytes),
                        plural(report.kept_objects, "retired object"));
  }
  if (arguments.dry_run) {
    print(text);
  } else {
    print_result("the objects are removed", text);
  }
  return done;
}

int run_verify(Session& session, const VerifyArguments& arguments) {
  Meter meter(session.shows_progress(), "verifying");
  VerifyOptions options;
  options.progress = show_in(meter);
  const VerifyReport report = session.open().verify(options);
  meter.clear();
  Output output;
  if (arguments.json) {
    std::string problems = "[";
    for (const auto& problem : report.problems) {
      if (problems.size() > 1) problems += ',';
      problems += JsonObject().add("key", problem.key).add("what", problem.what).text();
    }
    output.print(JsonObject()
                     .add("objects", report.objects)
                     .add("entries", report.entries)
                     .add("bytes", report.bytes)
                     .add("live_events", report.live_events)
                     .add_json("problems", problems + "]")
                     .text() +
                 "\n");
  } else {
    for (const auto& problem : report.problems) {
      output.print(problem.key + ": " + problem.what + "\n");
    }
    // Events are counted where they are journaled.
    const std::string read =
        fmt::format("{}, {}, {} in the id index ({})", plural(report.objects, "object"),
                    plural(report.entries, "entry", "entries"), plural(report.live_events, "event"),
                    human_bytes(report.bytes));
    output.print(report.problems.empty()
                     ? "All is well: " + read + ".\n"
                     : fmt::format("{} in {}.\n", plural(report.problems.size(), "problem"), read));
  }
  output.flush();
  return report.problems.empty() ? done : failed;
}

}  // namespace flashflood::cli
