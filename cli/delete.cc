// delete: events by id, or all that an expression is true of.

#include <fmt/format.h>

#include "commands.h"
#include "failure.h"
#include "flashflood/error.h"
#include "flashflood/replay.h"
#include "interrupt.h"
#include "meter.h"
#include "output.h"
#include "replay_output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

struct Found {
  std::string id;
  std::uint64_t revision;
};

// All of them are found before the first is deleted.
std::vector<Found> find(Session& session, Flood& flood, const ReplayOptions& options) {
  Replay replay = flood.replay(options);
  std::vector<Found> found;
  for (auto batch = replay.next_batch(); !batch.empty(); batch = replay.next_batch()) {
    for (const EventView& event : batch) found.push_back({std::string(event.id), event.revision});
  }
  tell_left_out(session, replay.progress());
  if (found.empty()) tell_why_nothing_matched(session, options.where, replay.progress());
  return found;
}

int delete_where(Session& session, const DeleteArguments& arguments) {
  ReplayOptions options;
  options.where = parse_expression("--where", *arguments.where).text();
  const DateRange range = parse_range(arguments.range);
  options.from = range.from;
  options.to = range.to;
  Flood& flood = session.open();
  const std::vector<Found> found = find(session, flood, options);
  const std::string all = plural(found.size(), "event");
  if (arguments.dry_run) {
    print(fmt::format("Would delete {}.\n", all));
    return done;
  }
  if (!found.empty()) session.remark(fmt::format("deleting {}", all));
  handle_interrupts();
  Meter meter(session.shows_progress(), "deleting");
  std::uint64_t deleted = 0;
  std::uint64_t changed = 0;
  const auto so_far = [&] { return fmt::format("{} of {} were deleted", deleted, all); };
  try {
    for (const Found& event : found) {
      if (interrupted() != 0) {
        meter.clear();
        print_message("interrupted; " + so_far());
        return 128 + interrupted();
      }
      try {
        flood.erase(event.id, event.revision);
        ++deleted;
      } catch (const RevisionConflict&) {
        ++changed;  // it may not be what the expression was true of
      } catch (const EventNotFound&) {
        ++changed;
      }
      meter.update(deleted, 0, static_cast<double>(deleted) / static_cast<double>(found.size()));
    }
  } catch (const Error&) {
    meter.clear();
    print_message(so_far());
    throw;
  }
  meter.clear();
  std::string text = fmt::format("Deleted {}", plural(deleted, "event"));
  if (changed > 0) {
    text += fmt::format("; {} changed or deleted by others meanwhile, and left as they are",
                        human_count(changed));
  }
  print_result(so_far(), text + ".\n");
  return done;
}

}  // namespace

int run_delete(Session& session, const DeleteArguments& arguments) {
  if (arguments.where.has_value() != arguments.ids.empty()) {
    throw UsageError(arguments.where ? "--where chooses the events: leave the ids out"
                                     : "an ID is required, or --where EXPR");
  }
  const RangeArguments& range = arguments.range;
  if (!arguments.where && (range.from || range.to || range.on || range.since || range.until ||
                           range.zone || arguments.dry_run)) {
    throw UsageError("a range of dates and --dry-run go with --where");
  }
  if (arguments.expected_revision && arguments.ids.size() != 1) {
    throw UsageError("--expected-revision goes with one ID");
  }
  if (arguments.where) return delete_where(session, arguments);
  std::optional<std::uint64_t> revision;
  if (arguments.expected_revision) {
    revision = parse_count("--expected-revision", *arguments.expected_revision, 1);
  }
  Flood& flood = session.open();
  std::size_t deleted = 0;
  try {
    for (const std::string& id : arguments.ids) {
      flood.erase(id, revision);
      ++deleted;
    }
  } catch (const Error&) {
    if (deleted > 0) {
      print_message(fmt::format("the first {} of {} were deleted", deleted,
                                plural(arguments.ids.size(), "event")));
    }
    throw;
  }
  return done;
}

}  // namespace flashflood::cli
