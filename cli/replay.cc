// replay: events to lines.

#include "flashflood/replay.h"

#include "commands.h"
#include "event_line.h"
#include "failure.h"
#include "interrupt.h"
#include "meter.h"
#include "output.h"
#include "replay_output.h"
#include "values.h"

namespace flashflood::cli {

namespace {

ReplayOptions options_of(const ReplayArguments& arguments) {
  ReplayOptions options;
  const DateRange range = parse_range(arguments.range);
  options.from = range.from;
  options.to = range.to;
  // Compiled here only for the sake of messages that name the option.
  if (arguments.where) options.where = parse_expression("--where", *arguments.where).text();
  if (arguments.query) options.query = parse_expression("--query", *arguments.query).text();
  if (arguments.limit) options.limit = parse_count("--limit", *arguments.limit);
  options.strict = arguments.strict;
  options.follow = arguments.follow;
  if (arguments.interval) {
    if (!arguments.follow) throw UsageError("--interval goes with --follow");
    options.poll = parse_interval("--interval", *arguments.interval);
  }
  return options;
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
  print_events(replay, options.follow, options.limit, writer, output, meter);
  output.flush();
  meter.clear();
  tell_left_out(session, replay.progress());
  if (!options.where.empty() && !options.follow) {
    tell_why_nothing_matched(session, options.where, replay.progress());
  }
  return done;
}

}  // namespace flashflood::cli
