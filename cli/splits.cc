// splits, read-split: a replay in pieces.

#include <fmt/format.h>

#include <functional>

#include "commands.h"
#include "failure.h"
#include "input.h"
#include "interrupt.h"
#include "replay_output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

constexpr std::size_t line_bytes_max = std::size_t{65} << 20;  // the library refuses less
constexpr std::size_t piece_bytes = std::size_t{256} << 10;

// Calls `line` for each line that is not blank, with its number, until it returns false.
void for_each_line(const std::string& file,
                   const std::function<bool(const std::string& text, std::uint64_t number)>& line) {
  Input input(file);
  std::string text, piece(piece_bytes, '\0');
  std::uint64_t number = 0;
  auto end_line = [&] {
    ++number;
    const bool blank = text.find_first_not_of(" \t\r") == std::string::npos;
    const bool more = blank || line(text, number);
    text.clear();
    return more;
  };
  while (const std::size_t bytes = input.read(piece.data(), piece.size())) {
    std::string_view rest(piece.data(), bytes);
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos;) {
      text += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (!end_line()) return;
    }
    text += rest;
    if (text.size() > line_bytes_max)
      throw Failure(fmt::format("{}, line {}: is longer than any split", input.name(), number + 1));
  }
  if (!text.empty()) end_line();
}

SplitOptions options_of(const SplitsArguments& arguments) {
  if (!arguments.count) throw UsageError("--count is required: how many splits to make");
  SplitOptions options;
  options.count = parse_count("--count", *arguments.count, 1, 100'000);
  const DateRange range = parse_range(arguments.range);
  options.from = range.from;
  options.to = range.to;
  // Compiled here only for the sake of messages that name the option.
  if (arguments.where) options.where = parse_expression("--where", *arguments.where).text();
  if (arguments.query) options.query = parse_expression("--query", *arguments.query).text();
  options.strict = arguments.strict;
  if (arguments.valid_for && arguments.presign)
    throw UsageError("--valid-for and --presign exclude each other: --presign says how long, too");
  if (arguments.valid_for) options.valid_for = parse_seconds("--valid-for", *arguments.valid_for);
  if (arguments.presign) options.presign = parse_seconds("--presign", *arguments.presign);
  return options;
}

std::vector<std::string> refresh(Session& session, const SplitsArguments& arguments) {
  const RangeArguments& range = arguments.range;
  if (arguments.count || range.from || range.to || range.on || range.since || range.until ||
      range.zone || arguments.where || arguments.query || arguments.strict || arguments.presign)
    throw UsageError(
        "--refresh keeps what the splits were made with: only --valid-for goes with it");
  std::optional<std::chrono::seconds> valid_for;
  if (arguments.valid_for) valid_for = parse_seconds("--valid-for", *arguments.valid_for);
  session.store();  // a missing --store should not wait for standard input
  std::vector<std::string> splits;
  for_each_line(*arguments.refresh, [&](const std::string& text, std::uint64_t) {
    splits.push_back(text);
    return true;
  });
  return session.open().refresh_splits(splits, valid_for);
}

// Says so when presigned splits end with the credentials that signed them.
void warn_of_early_end(const Session& session, const std::vector<std::string>& splits,
                       std::chrono::seconds wanted) {
  std::optional<SplitTimes> first;  // to end
  for (const std::string& split : splits) {
    const SplitTimes times = split_times(split);
    if (!first || times.expires < first->expires) first = times;
  }
  constexpr std::chrono::seconds rounding{2};
  if (!first || first->expires - first->made + rounding >= wanted) return;
  session.remark(fmt::format(
      "warning: the splits can be read until {}, and not for {}: the credentials that signed them "
      "end then; sign with others, or refresh the splits before (--refresh)",
      format_timestamp(first->expires), human_seconds(static_cast<double>(wanted.count()))));
}

}  // namespace

int run_splits(Session& session, const SplitsArguments& arguments) {
  std::vector<std::string> splits;
  if (arguments.refresh) {
    splits = refresh(session, arguments);
    if (arguments.valid_for)
      warn_of_early_end(session, splits, parse_seconds("--valid-for", *arguments.valid_for));
  } else {
    const SplitOptions options = options_of(arguments);
    splits = session.open().splits(options);
    if (options.presign) warn_of_early_end(session, splits, *options.presign);
    if (splits.size() < options.count)
      session.remark(fmt::format("{} instead of {}: there is no more to cut",
                                 plural(splits.size(), "split"), human_count(options.count)));
  }
  Output output;
  for (const std::string& split : splits) output.print(split + "\n");
  output.flush();
  return done;
}

int run_read_split(Session& session, const ReadSplitArguments& arguments) {
  ReadSplitOptions options;
  const DateRange range = parse_range(arguments.range);
  options.from = range.from;
  options.to = range.to;
  if (arguments.limit) options.limit = parse_count("--limit", *arguments.limit);
  const auto form =
      arguments.format == "event" ? EventWriter::Form::event : EventWriter::Form::data;
  EventWriter writer(form);
  Output output;
  Meter meter(session.shows_progress() && !stdout_is_terminal(), "reading");
  ReplayProgress all;
  for_each_line(arguments.file, [&](const std::string& text, std::uint64_t) {
    options.store = session.store_if_named();
    options.retry_for = session.retry_for();
    Replay replay = read_split(text, options);
    try {
      print_events(replay, false, {}, writer, output, meter);
    } catch (...) {
      session.count(replay.requests());
      throw;
    }
    session.count(replay.requests());
    all.not_json += replay.progress().not_json;
    all.query_errors += replay.progress().query_errors;
    if (options.limit) *options.limit -= replay.progress().events;
    return interrupted() == 0 && (!options.limit || *options.limit > 0);
  });
  output.flush();
  meter.clear();
  tell_left_out(session, all);
  return done;
}

}  // namespace flashflood::cli
