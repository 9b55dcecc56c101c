// The commands: what each takes from the command line, and the function that runs it.
//
// Values are as typed; the commands check them. Every function returns the exit code and throws
// UsageError, Failure, ClosedPipe or an error of the library.
//
// Threads: one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "session.h"
#include "values.h"

namespace flashflood::cli {

using Text = std::optional<std::string>;

struct PutArguments {
  Text id, date, zone, data;
  CreateArguments create;
};
struct GetArguments {
  std::string id;
  std::string format = "data";
};
struct UpdateArguments {
  std::string id;
  Text data, expected_revision;
};
struct DeleteArguments {
  std::vector<std::string> ids;
  Text expected_revision, where;
  RangeArguments range;
  bool dry_run = false;
};
struct RecordArguments {
  std::vector<std::string> files;
  Text id, date, date_unit, zone, preset, input, each, max_bad, rejects, batch_bytes, in_flight;
  bool text = false;
  std::string format = "data";
  std::string existing = "keep";
  bool skip_bad = false;
  bool json = false;
  CreateArguments create;
};
struct ReplayArguments {
  RangeArguments range;
  Text where, query, limit, interval;
  std::string format = "data";
  bool strict = false;
  bool follow = false;
};
struct QueryArguments {
  std::string expression;
  RangeArguments range;
  Text memory_limit;
  bool strict = false;
};
struct SplitsArguments {
  RangeArguments range;
  Text count, where, query, valid_for, presign, refresh;
  bool strict = false;
};
struct ReadSplitArguments {
  std::string file = "-";
  std::string format = "data";
  RangeArguments range;
  Text limit;
};
struct JournalArguments {
  Text min_events, min_bytes, interval;
  bool watch = false;
  bool json = false;
};
struct JournalsArguments {
  RangeArguments range;
  bool json = false;
};
struct StatsArguments {
  bool json = false;
};
struct CollectArguments {
  bool dry_run = false;
  bool json = false;
};
struct VerifyArguments {
  bool json = false;
};
struct ImportArguments {
  std::string url;
  Text source_profile, source_endpoint, source_region;
  bool strict = false;
  bool json = false;
  CreateArguments create;
};
struct JmespathArguments {
  std::string expression;
  std::string file = "-";
};
struct BenchArguments {
  Text events, threads;
  bool json = false;
};

// single.cc
int run_put(Session& session, const PutArguments& arguments);
int run_get(Session& session, const GetArguments& arguments);
int run_update(Session& session, const UpdateArguments& arguments);
// delete.cc
int run_delete(Session& session, const DeleteArguments& arguments);
// record.cc
int run_record(Session& session, const RecordArguments& arguments);
// replay.cc
int run_replay(Session& session, const ReplayArguments& arguments);
// query.cc
int run_query(Session& session, const QueryArguments& arguments);
// splits.cc
int run_splits(Session& session, const SplitsArguments& arguments);
int run_read_split(Session& session, const ReadSplitArguments& arguments);
// maintain.cc
int run_journal(Session& session, const JournalArguments& arguments);
int run_collect(Session& session, const CollectArguments& arguments);
int run_verify(Session& session, const VerifyArguments& arguments);
// import.cc
int run_import(Session& session, const ImportArguments& arguments);
// inspect.cc
int run_journals(Session& session, const JournalsArguments& arguments);
int run_stats(Session& session, const StatsArguments& arguments);
int run_jmespath(Session& session, const JmespathArguments& arguments);
// bench.cc
int run_bench(Session& session, const BenchArguments& arguments);

// What a shell needs to complete a command line.
struct OptionHelp {
  std::string name;  // "--from"
  std::string description;
  bool takes_value = false;
  std::vector<std::string> choices;  // values, when there are few
};
struct CommandHelp {
  std::string name;
  std::string description;
  bool takes_files = false;
  std::vector<OptionHelp> options;
};
// completion.cc: a script for "bash", "zsh" or "fish".
int run_completion(const std::string& shell, const std::vector<CommandHelp>& commands,
                   const std::vector<OptionHelp>& global_options);

}  // namespace flashflood::cli
