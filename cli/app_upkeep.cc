// Describes the commands that look after a flood, and those that need none.

#include "command_adder.h"

namespace flashflood::cli {

namespace {

void add_maintenance_commands(CommandAdder& commands) {
  auto journal =
      commands.add("journal", "Merge pending journals to sorted ones", run_journal,
                   "With too little pending, journal fails (exit code 1); with --watch it "
                   "waits.\n\nExample:\n  flashflood journal --min-events 1000 --watch "
                   "--interval 1m");
  journal.value("--min-events", journal->min_events, "N", "Only if so many events are pending");
  journal.value("--min-bytes", journal->min_bytes, "SIZE",
                "Only if so many bytes of journals are pending");
  journal.flag("--watch", journal->watch, "Go on until Ctrl-C");
  journal.value("--interval", journal->interval, "DURATION", "Of --watch (10s; 10ms at least)");
  journal.json(journal->json);

  auto collect = commands.add("gc", "Remove what journaling has retired", run_collect,
                              "Example:\n  flashflood gc --dry-run");
  collect.flag("--dry-run", collect->dry_run, "Only say what would be removed");
  collect.json(collect->json);

  auto verify = commands.add("verify", "Read and check everything", run_verify,
                             "Prints a line for each problem; exit code 1 when there is any.\n\n"
                             "Example:\n  flashflood verify --json");
  verify.json(verify->json);

  auto journals = commands.add("journals", "List the journals", run_journals,
                               "Example:\n  flashflood journals --from 2011-03-01T00:00:00Z");
  journals.range(journals->range);
  journals.flag("--json", journals->json, "Print JSON, one journal a line");

  auto stats =
      commands.add("stats", "Say what there is", run_stats, "Example:\n  flashflood stats --json");
  stats.json(stats->json);
}

void add_other_commands(CommandAdder& commands) {
  auto jmespath =
      commands.add("jmespath", "Evaluate a JMESPath expression on one JSON document", run_jmespath,
                   "Example:\n  echo '{\"a\": [1, 2]}' | flashflood jmespath 'a[1]'");
  jmespath.required("EXPR", jmespath->expression, "The expression");
  jmespath.app->add_option("FILE", jmespath->file, "The document; \"-\" or none: standard input")
      ->type_name("");

  auto bench =
      commands.add("bench", "Measure the store and this machine", run_bench,
                   "Works in a flood of its own beside the store, STORE-bench-…, and removes it, "
                   "also\nafter Ctrl-C or an error. In a bucket it says first how much it will "
                   "write and what\nthe requests cost, and then what they did.\n\nExample:\n"
                   "  flashflood --store /data/events bench\n"
                   "  flashflood --store s3://my-bucket/events bench --events 50000");
  bench.value("--events", bench->events, "N", "Events in the bulk part (200000)");
  bench.value("--threads", bench->threads, "N", "Threads that put at once (8)");
  bench.json(bench->json);
}

}  // namespace

void add_upkeep_commands(CommandAdder& commands) {
  add_maintenance_commands(commands);
  add_other_commands(commands);
}

}  // namespace flashflood::cli
