// import-original: what the original FlashFlood has written, into a flood of ours.

#include <fmt/format.h>

#include "commands.h"
#include "failure.h"
#include "interrupt.h"
#include "meter.h"
#include "output.h"
#include "text.h"

namespace flashflood::cli {

namespace {

std::string json_of(const ImportReport& report) {
  std::string problems = "[";
  for (const ImportProblem& problem : report.problems) {
    if (problems.size() > 1) problems += ',';
    problems += JsonObject()
                    .add("reason", problem.reason)
                    .add("count", problem.count)
                    .add_json("names", json_list(problem.names))
                    .text();
  }
  return JsonObject()
             .add("recorded", report.recorded)
             .add("recorded_bytes", report.recorded_bytes)
             .add("journals", report.journals)
             .add("journal_events", report.journal_events)
             .add("pending_events", report.pending_events)
             .add("updates_applied", report.updates_applied)
             .add("deletes_applied", report.deletes_applied)
             .add("superseded", report.superseded)
             .add("duplicates", report.duplicates)
             .add("tombstones", report.tombstones)
             .add("applied_markers", report.applied_markers)
             .add("journals_done_before", report.journals_done_before)
             .add("skipped", report.skipped)
             .add_json("problems", problems + "]")
             .add("unnamed_blobs", report.unnamed_blobs)
             .add_json("unnamed_blob_names", json_list(report.unnamed_blob_names))
             .text() +
         "\n";
}

std::string with_names(const std::string& line, std::uint64_t count,
                       const std::vector<std::string>& names) {
  std::string text = line + "\n";
  for (const std::string& name : names) text += "    " + name + "\n";
  if (count > names.size()) text += "    …\n";
  return text;
}

std::string text_of(const ImportReport& report) {
  std::string text = fmt::format(
      "Found {} in {}, {} and {}; {}.\n", plural(report.journal_events, "event"),
      plural(report.journals, "journal"), plural(report.pending_events, "pending event"),
      plural(report.duplicates, "duplicate"), plural(report.tombstones, "tombstone"));
  if (report.updates_applied + report.deletes_applied + report.superseded > 0) {
    text += fmt::format("Applied {} and {} that were pending; {} superseded.\n",
                        plural(report.updates_applied, "update"),
                        plural(report.deletes_applied, "delete"), human_count(report.superseded));
  }
  if (report.journals_done_before > 0) {
    text += fmt::format("Passed over {} that an earlier import has recorded.\n",
                        plural(report.journals_done_before, "journal or pending event",
                               "journals and pending events"));
  }
  if (report.unnamed_blobs > 0) {
    text += with_names(
        fmt::format("Passed over {} that no manifest names:", plural(report.unnamed_blobs, "blob")),
        report.unnamed_blobs, report.unnamed_blob_names);
  }
  for (const ImportProblem& problem : report.problems) {
    text += with_names(fmt::format("{}: {}", plural(problem.count, "problem"), problem.reason),
                       problem.count, problem.names);
  }
  if (report.skipped > 0) text += fmt::format("Skipped {}.\n", human_count(report.skipped));
  return text + fmt::format("Recorded {} ({}).\n", plural(report.recorded, "event"),
                            human_bytes(report.recorded_bytes));
}

}  // namespace

int run_import(Session& session, const ImportArguments& arguments) {
  handle_interrupts();
  ImportOptions options;
  options.source.profile = arguments.source_profile.value_or("");
  options.source.endpoint = arguments.source_endpoint.value_or("");
  options.source.region = arguments.source_region.value_or("");
  options.retry_for = session.retry_for();
  options.strict = arguments.strict;
  Meter meter(session.shows_progress(), "importing");
  options.progress = [&](const Progress& progress) {
    throw_if_interrupted();
    meter.update(progress.events, progress.bytes,
                 progress.events_total == 0 ? -1
                                            : static_cast<double>(progress.events) /
                                                  static_cast<double>(progress.events_total));
  };
  try {
    // One that is there is opened before the source is looked through, which may take long.
    Flood* const flood = session.open_if_any(arguments.create);
    const ImportReport report = import_original(
        arguments.url, [&] { return flood ? *flood : session.open_or_create(arguments.create); },
        options);
    meter.clear();
    session.count_source(arguments.url, report.source_requests);
    print_result("the events are recorded", arguments.json ? json_of(report) : text_of(report));
    return done;
  } catch (const Interrupted&) {
    meter.clear();
    print_message("interrupted; the same command goes on where it was");
    return 128 + interrupted();
  }
}

}  // namespace flashflood::cli
