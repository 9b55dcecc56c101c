// replay: events to lines.

#include "flashflood/replay.h"

#include <fmt/format.h>

#include <chrono>

#include "commands.h"
#include "event_line.h"
#include "failure.h"
#include "interrupt.h"
#include "meter.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

ReplayOptions options_of(const ReplayArguments& arguments) {
  ReplayOptions options;
  if (arguments.from) options.from = parse_date("--from", *arguments.from);
  if (arguments.to) options.to = parse_date("--to", *arguments.to);
  if (options.from && options.to && *options.from > *options.to) {
    throw UsageError("--from is later than --to");
  }
  // Compiled here only for the sake of messages that name the option.
  if (arguments.where) options.where = parse_expression("--where", *arguments.where).text();
  if (arguments.query) options.query = parse_expression("--query", *arguments.query).text();
  if (arguments.limit) options.limit = parse_count("--limit", *arguments.limit);
  options.strict = arguments.strict;
  options.follow = arguments.follow;
  if (arguments.interval) {
    if (!arguments.follow) throw UsageError("--interval goes with --follow");
    options.poll = parse_duration("--interval", *arguments.interval);
  }
  return options;
}

void tell_left_out(const Session& session, const ReplayProgress& progress) {
  if (progress.not_json > 0) {
    session.remark(
        fmt::format("left out {} because the data is not JSON (--strict makes it an error)",
                    plural(progress.not_json, "event")));
  }
  if (progress.query_errors > 0) {
    session.remark(
        fmt::format("left out {} because an expression failed on the data (--strict shows "
                    "the first error)",
                    plural(progress.query_errors, "event")));
  }
}

void print_events(Replay& replay, const ReplayOptions& options, EventWriter& writer, Output& output,
                  Meter& meter) {
  auto last_flush = std::chrono::steady_clock::now();
  while (interrupted() == 0) {
    const auto batch = replay.next_batch();
    for (const EventView& event : batch) {
      writer.append(output.buffer(), event);
      output.written();
    }
    const ReplayProgress& progress = replay.progress();
    if (options.follow) {
      if (options.limit && progress.events >= *options.limit) return;
      output.flush();
      if (batch.empty()) output.check_reader();
      continue;
    }
    if (batch.empty()) return;
    const double share = progress.entries_total == 0
                             ? -1
                             : static_cast<double>(progress.entries_read) /
                                   static_cast<double>(progress.entries_total);
    meter.update(progress.events, progress.data_bytes, share);
    // A slow replay (a rare match in much data) shows what it has found.
    const auto now = std::chrono::steady_clock::now();
    if (now - last_flush > std::chrono::milliseconds(200)) {
      output.flush();
      last_flush = now;
    }
  }
}

}  // namespace

int run_replay(Session& session, const ReplayArguments& arguments) {
  const ReplayOptions options = options_of(arguments);
  Replay replay = session.open().replay(options);
  const auto form =
      arguments.format == "event" ? EventWriter::Form::event : EventWriter::Form::data;
  EventWriter writer(form, !options.query.empty());
  Output output;
  Meter meter(session.shows_progress() && !stdout_is_terminal() && !options.follow, "replaying");
  // Whoever follows ends it with Ctrl-C.
  if (options.follow) handle_interrupts();
  try {
    print_events(replay, options, writer, output, meter);
  } catch (const ClosedPipe&) {
    throw;
  } catch (...) {
    // Everything before the event that failed is still good.
    meter.clear();
    output.flush();
    throw;
  }
  output.flush();
  meter.clear();
  tell_left_out(session, replay.progress());
  return done;
}

}  // namespace flashflood::cli
