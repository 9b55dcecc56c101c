// query: one expression on all events.

#include <fmt/format.h>

#include <chrono>

#include "commands.h"
#include "failure.h"
#include "flashflood/error.h"
#include "flashflood/replay.h"
#include "meter.h"
#include "output.h"
#include "query_advice.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

QueryOptions options_of(const QueryArguments& arguments) {
  QueryOptions options;
  const DateRange range = parse_range(arguments.range);
  options.from = range.from;
  options.to = range.to;
  if (arguments.memory_limit) {
    options.memory_bytes = parse_size("--memory-limit", *arguments.memory_limit);
  }
  options.strict = arguments.strict;
  // Compiled here only for the sake of a message that names the argument.
  parse_expression("EXPR", arguments.expression);
  return options;
}

}  // namespace

int run_query(Session& session, const QueryArguments& arguments) {
  QueryOptions options = options_of(arguments);
  if (session.explains()) {
    print(explain_query(arguments.expression, options));
    return done;
  }
  Output output;
  Meter meter(session.shows_progress() && !stdout_is_terminal(), "querying");
  auto last_flush = std::chrono::steady_clock::now();
  // A slow query (a rare match in much data) shows what it has found.
  options.progress = [&](const Progress& progress) {
    const double share =
        progress.events_total == 0
            ? -1
            : static_cast<double>(progress.events) / static_cast<double>(progress.events_total);
    meter.update(progress.events, progress.bytes, share);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_flush <= std::chrono::milliseconds(200)) return;
    output.flush();
    output.check_reader();
    last_flush = now;
  };
  QueryResult result = session.open().query(arguments.expression, options);
  bool has_begun = false;
  std::string beginning;  // enough to tell a result that is nothing
  try {
    for (auto piece = result.next_piece(); !piece.empty(); piece = result.next_piece()) {
      if (beginning.size() < 8) beginning += piece.substr(0, 8);
      output.print(piece);
      has_begun = true;
    }
  } catch (const Error& error) {
    meter.clear();
    output.flush();
    if (!has_begun) throw;
    print("\n");
    throw Failure(fmt::format("what was printed is not the whole result: {}", error.what()));
  }
  output.print("\n");
  output.flush();
  meter.clear();
  if (const auto left_out = result.progress().not_json; left_out > 0) {
    session.remark(
        fmt::format("left out {} because the data is not JSON (--strict makes it an error)",
                    plural(left_out, "event")));
  }
  if (beginning == "[]" || beginning == "null" || beginning == "0") {
    const std::string advice = advice_on_no_match(arguments.expression);
    if (!advice.empty()) session.remark("perhaps nothing matched: " + advice);
  }
  return done;
}

}  // namespace flashflood::cli
