#include "replay_output.h"

#include <fmt/format.h>

#include <chrono>

#include "failure.h"
#include "interrupt.h"
#include "query_advice.h"
#include "text.h"

namespace flashflood::cli {

namespace {

void print_batches(Replay& replay, bool follow, std::optional<std::uint64_t> limit,
                   EventWriter& writer, Output& output, Meter& meter) {
  auto last_flush = std::chrono::steady_clock::now();
  while (interrupted() == 0) {
    const auto batch = replay.next_batch();
    for (const EventView& event : batch) {
      writer.append(output.buffer(), event);
      output.written();
    }
    const ReplayProgress& progress = replay.progress();
    if (follow) {
      if (limit && progress.events >= *limit) return;
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

void print_events(Replay& replay, bool follow, std::optional<std::uint64_t> limit,
                  EventWriter& writer, Output& output, Meter& meter) {
  try {
    print_batches(replay, follow, limit, writer, output, meter);
  } catch (const ClosedPipe&) {
    throw;
  } catch (...) {
    // Everything before the event that failed is still good.
    meter.clear();
    output.flush();
    throw;
  }
}

void tell_why_nothing_matched(const Session& session, const std::string& where,
                              const ReplayProgress& progress) {
  if (progress.events > 0 || progress.filtered == 0) return;
  const std::string advice = advice_on_no_match(where);
  if (!advice.empty()) session.remark("nothing matched; " + advice);
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

}  // namespace flashflood::cli
