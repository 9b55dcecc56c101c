// Describes the commands that record and read events.

#include "command_adder.h"
#include "line_rules.h"

namespace flashflood::cli {

namespace {

void add_single_commands(CommandAdder& commands) {
  auto put = commands.add("put", "Record one event and print its id", run_put,
                          "Example:\n  flashflood put --id order-7 --date 2011-03-01T08:26:00Z "
                          "'{\"amount\": 3}'");
  put.value("--id", put->id, "ID", "1 to 1024 bytes of UTF-8 (default: one that is made)");
  put.value("--date", put->date, "DATE", "RFC 3339, or another form of the guide (default: now)");
  put.value("--zone", put->zone, "ZONE", "Of a date that names none: UTC, or such as +02:00");
  put.data(put->data);
  put.create(put->create);

  auto get = commands.add("get", "Print the data of one event", run_get,
                          "The data is followed by one line break.\n\n"
                          "Example:\n  flashflood get order-7 --format event");
  get.required("ID", get->id, "The event's id");
  get.choice("--format", get->format, {"data", "event"},
             "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");

  auto update = commands.add("update", "Replace the data of one event and print its new revision",
                             run_update, "Example:\n  flashflood update order-7 '{\"amount\": 4}'");
  update.required("ID", update->id, "The event's id");
  update.data(update->data);
  update.value("--expected-revision", update->expected_revision, "N",
               "Only if the event has this revision");

  auto erase = commands.add(
      "delete", "Delete events", run_delete,
      std::string(range_note) +
          "With --where the events are found first, and counted; one that somebody changes\n"
          "before its turn is left as it is. Data that is not JSON is never chosen.\n\n"
          "Example:\n  flashflood delete order-7 --expected-revision 2\n"
          "  flashflood delete --where \"country == 'France'\" --on 2011-03-01 --dry-run");
  erase.app->add_option("ID", erase->ids, "Ids of events")->type_name("");
  erase.value("--expected-revision", erase->expected_revision, "N",
              "Only if the event has this revision");
  erase.value("--where", erase->where, "EXPR", "Instead of ids: all for which this is true");
  erase.range(erase->range);
  erase.flag("--dry-run", erase->dry_run, "With --where: only say how many");
}

void add_bulk_commands(CommandAdder& commands) {
  auto record = commands.add(
      "record", "Record NDJSON, one event a line, and other formats", run_record,
      "Files that are gzip, Zstandard, bzip2 or xz are decompressed, and UTF-16 is converted;\n"
      "what a file is shows in its content, and archives and the like are refused. Blank lines\n"
      "are skipped; a CR at the end of a line and a byte order mark at its start are left out.\n"
      "Without --id and --date the lines need not be JSON, and are replayed in their order.\n\n"
      "An id that exists already is left as it is, so that recording again is harmless. That\n"
      "is found when events are read, so how many there were is not known: --existing count\n"
      "looks each id up, and tells how many are new, were there already, and were there with\n"
      "other data; --existing fail ends with exit code 3 then.\n\n"
      "Ids: a string as it is; a number or boolean as its JSON text. Dates: a string in RFC 3339\n"
      "or another form of the guide, or a number: seconds since 1970-01-01T00:00:00Z, or what\n"
      "--date-unit says.\n\n"
      "Example:\n  flashflood record --id id --date created_at events.ndjson.zst");
  record.app->add_option("FILE", record->files, "Files; \"-\" or none: standard input")
      ->type_name("");
  record.choice("--preset", record->preset, preset_names(),
                "--input, --each, --id and --date for a known format; they can be given besides");
  record.choice("--input", record->input, {"lines", "json", "sse"},
                "json: values one after the other, however they are broken to lines, and the "
                "elements of arrays; sse: server-sent events");
  record.value("--each", record->each, "EXPR",
               "JMESPath on the line or document: each element of the array is an event");
  record.flag("--text", record->text, "Lines are text, and are recorded as {\"line\": …}");
  record.value("--id", record->id, "EXPR", "JMESPath on the event (default: ids are made)");
  record.value("--date", record->date, "EXPR", "JMESPath on the event (default: now)");
  record.choice("--date-unit", record->date_unit, {"s", "ms", "us", "ns", "auto"},
                "Of dates that are numbers (s); auto: by their size");
  record.value("--zone", record->zone, "ZONE",
               "Of dates that name none: UTC, or such as +02:00 (default: they are bad)");
  record.choice("--format", record->format, {"data", "event"},
                "event: lines are what replay --format event prints; revisions begin with 1");
  record.choice("--existing", record->existing, {"keep", "count", "fail"},
                "Count ids that are there already: a look-up for each megabyte of lines");
  record.flag("--skip-bad", record->skip_bad, "Count bad lines and go on");
  record.value("--max-bad", record->max_bad, "N|P%",
               "The same, up to so many lines, or so many of a hundred");
  record.value("--rejects", record->rejects, "FILE",
               "The same, and write them there: {\"file\",\"line\",\"reason\",\"data\"}");
  record.json(record->json);
  record.value("--batch-bytes", record->batch_bytes, "SIZE",
               "Data in one pending journal (8M; 64K to 64M)");
  record.value("--in-flight", record->in_flight, "N", "Journals written at once (4; 1 to 64)");
  record.create(record->create);

  auto import = commands.add(
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

  auto replay = commands.add(
      "replay", "Print the events of a range of dates, in order", run_replay,
      std::string(range_note) +
          "One event is one line. Data goes out byte for byte when it has no line break; JSON "
          "with\n"
          "line breaks goes out without blanks; for other data with line breaks there is\n"
          "--format event, which carries what is not JSON as \"data_base64\".\n\n"
          "Example:\n  flashflood replay --from 2011-03-01T00:00:00Z --where 'amount > `3`' "
          "--query '[id, amount]'");
  replay.range(replay->range);
  replay.value("--where", replay->where, "EXPR", "Only events for which this JMESPath is true");
  replay.value("--query", replay->query, "EXPR",
               "Print the result of this JMESPath, unless it is null");
  replay.choice("--format", replay->format, {"data", "event"},
                "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");
  replay.value("--limit", replay->limit, "N", "Stop after so many events");
  replay.flag("--follow", replay->follow,
              "Then go on with what is recorded later, until Ctrl-C; deletes are not told");
  replay.value("--interval", replay->interval, "DURATION", "Of looks for more (1s; 10ms at least)");
  replay.flag("--strict", replay->strict,
              "Fail on data that is not JSON or on which an expression fails");

  auto query = commands.add(
      "query", "Evaluate one JMESPath expression on all events of a range", run_query,
      std::string(range_note) +
          "The expression sees {\"events\": [the data of every event, in order]}. Filters,\n"
          "projections, slices and folds (length, sum, avg, min, max, min_by, max_by, sort_by "
          "with\n"
          "a slice) stream, whatever the number of events; only what needs many of them at once "
          "is\n"
          "held in memory. Arrays are printed as they are found.\n\n"
          "With --explain the plan is printed instead of the result, and nothing is read.\n\n"
          "Example:\n  flashflood query --from 2011-03-01T00:00:00Z "
          "\"sum(events[?country=='France'].quantity)\"");
  query.required("EXPR", query->expression, "The expression");
  query.range(query->range);
  query.flag("--strict", query->strict, "Fail on data that is not JSON");
  query.value("--memory-limit", query->memory_limit, "SIZE",
              "For what has to be held at once (256M)");
}

void add_split_commands(CommandAdder& commands) {
  auto splits = commands.add(
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
  splits.range(splits->range);
  splits.value("--where", splits->where, "EXPR", "Only events for which this JMESPath is true");
  splits.value("--query", splits->query, "EXPR", "The result of this JMESPath, unless it is null");
  splits.flag("--strict", splits->strict,
              "Fail on data that is not JSON or on which an expression fails");
  splits.value("--valid-for", splits->valid_for, "DURATION", "How long they can be read (1d)");
  splits.value("--presign", splits->presign, "DURATION",
               "For readers without credentials, for so long");
  splits.value("--refresh", splits->refresh, "FILE",
               "Print these splits again, of the same snapshot, valid from now; \"-\": standard "
               "input");

  auto read =
      commands.add("read-split", "Print the events of splits", run_read_split,
                   "Reads one split a line. Presigned ones need neither credentials nor a store;\n"
                   "others are read from the store that they name, or from --store.\n\n"
                   "Example:\n  sed -n 3p splits.ndjson | flashflood read-split --format event");
  read.app->add_option("FILE", read->file, "The splits; \"-\" or none: standard input")
      ->type_name("");
  read.choice("--format", read->format, {"data", "event"},
              "data, or event: {\"id\",\"date\",\"revision\",\"data\"}");
  read.range(read->range);
  read.value("--limit", read->limit, "N", "Stop after so many events");
}

}  // namespace

void add_data_commands(CommandAdder& commands) {
  add_single_commands(commands);
  add_bulk_commands(commands);
  add_split_commands(commands);
}

}  // namespace flashflood::cli
