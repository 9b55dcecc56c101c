// journals, stats, jmespath: commands that only look.

#include <fmt/format.h>

#include "commands.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

// "-" for what is not known.
std::string known(std::uint64_t number) { return number == 0 ? "-" : human_count(number); }
std::string known_bytes(std::uint64_t bytes) { return bytes == 0 ? "-" : human_bytes(bytes); }
std::string known(const std::optional<Timestamp>& date) {
  return date ? format_timestamp(*date) : "-";
}

std::string json_of(const JournalInfo& journal) {
  JsonObject object;
  object.add("key", journal.key)
      .add("kind", journal.sealed ? "sealed" : "pending")
      .add("from", journal.from)
      .add("to", journal.to);
  const auto number_or_null = [&](std::string_view name, std::uint64_t number) {
    if (number == 0) {
      object.add_json(name, "null");
    } else {
      object.add(name, number);
    }
  };
  number_or_null("entries", journal.entries);
  number_or_null("data_bytes", journal.data_bytes);
  object.add("object_bytes", journal.object_bytes);
  return object.text();
}

std::string json_of(const FloodStats& stats) {
  return JsonObject()
      .add("url", stats.url)
      .add("catalog", stats.catalog)
      .add("fence", stats.fence)
      .add("swept", stats.swept)
      .add("sealed_journals", stats.sealed_journals)
      .add("sealed_entries", stats.sealed_entries)
      .add("sealed_data_bytes", stats.sealed_data_bytes)
      .add("sealed_object_bytes", stats.sealed_object_bytes)
      .add("pending_singles", stats.pending_singles)
      .add("pending_bulk_journals", stats.pending_bulk_journals)
      .add("pending_object_bytes", stats.pending_object_bytes)
      .add("index_runs", stats.index_runs)
      .add("index_entries", stats.index_entries)
      .add("index_bytes", stats.index_bytes)
      .add("retired_objects", stats.retired_objects)
      .add("from", stats.from)
      .add("to", stats.to)
      .add("grace_seconds", static_cast<std::uint64_t>(stats.grace.count()))
      .add("patience_seconds", static_cast<std::uint64_t>(stats.patience.count()))
      .text();
}

}  // namespace

int run_journals(Session& session, const JournalsArguments& arguments) {
  const DateRange range = parse_range(arguments.range);
  const auto journals = session.open().journals(range.from, range.to);
  Output output;
  if (arguments.json) {
    for (const JournalInfo& journal : journals) output.print(json_of(journal) + "\n");
  } else {
    std::vector<std::vector<std::string>> rows{
        {"KIND", "FROM", "TO", "ENTRIES", "DATA", "OBJECT", "KEY"}};
    for (const JournalInfo& journal : journals) {
      rows.push_back({journal.sealed ? "sealed" : "pending", known(journal.from), known(journal.to),
                      known(journal.entries), known_bytes(journal.data_bytes),
                      human_bytes(journal.object_bytes), journal.key});
    }
    output.print(table(rows, {3, 4, 5}));
  }
  output.flush();
  return done;
}

int run_stats(Session& session, const StatsArguments& arguments) {
  const FloodStats stats = session.open().stats();
  if (arguments.json) {
    print(json_of(stats) + "\n");
    return done;
  }
  const double ratio = stats.sealed_object_bytes == 0
                           ? 0
                           : static_cast<double>(stats.sealed_data_bytes) /
                                 static_cast<double>(stats.sealed_object_bytes);
  std::vector<std::vector<std::string>> rows{
      {"Flood", stats.url},
      {"Catalog", fmt::format("{} (fence {}, swept {})", stats.catalog, stats.fence, stats.swept)},
      {"Sealed", fmt::format("{}, {}", plural(stats.sealed_journals, "journal"),
                             plural(stats.sealed_entries, "entry", "entries"))},
      {"  data", human_bytes(stats.sealed_data_bytes)},
      {"  objects", human_bytes(stats.sealed_object_bytes) +
                        (ratio > 0 ? fmt::format(" ({:.1f} to 1)", ratio) : "")},
      {"  from", known(stats.from)},
      {"  to", known(stats.to)},
      {"Pending", fmt::format("{}, {}", plural(stats.pending_singles, "single operation"),
                              plural(stats.pending_bulk_journals, "bulk journal"))},
      {"  objects", human_bytes(stats.pending_object_bytes)},
      {"Id index", fmt::format("{}, {}, {}", plural(stats.index_runs, "run"),
                               plural(stats.index_entries, "entry", "entries"),
                               human_bytes(stats.index_bytes))},
      {"Retired", plural(stats.retired_objects, "object")},
      {"Grace", human_seconds(static_cast<double>(stats.grace.count()))},
      {"Patience", human_seconds(static_cast<double>(stats.patience.count()))},
  };
  print(table(rows));
  return done;
}

int run_jmespath(Session&, const JmespathArguments& arguments) {
  const Expression expression = parse_expression("EXPR", arguments.expression);
  const std::string document = read_all(arguments.file, data_bytes_max);
  try {
    print(expression.search(document) + "\n");
  } catch (const QueryError&) {
    throw;
  } catch (const InvalidArgument& error) {
    throw Failure(fmt::format("{}: {}", arguments.file == "-" ? "standard input" : arguments.file,
                              error.what()));
  }
  return done;
}

}  // namespace flashflood::cli
