// record: NDJSON to events.

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "commands.h"
#include "existing.h"
#include "failure.h"
#include "interrupt.h"
#include "line_reader.h"
#include "line_rules.h"
#include "meter.h"
#include "output.h"
#include "rejects.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

class Recording {
 public:
  Recording(Session& session, const RecordArguments& arguments)
      : session_(session),
        arguments_(arguments),
        rules_(parse_line_rules(arguments)),
        has_ids_(rules_.id || rules_.are_events),
        has_dates_(rules_.date || rules_.are_events),
        meter_(session.shows_progress(), "recording"),
        rejects_(parse_reject_rules(arguments.skip_bad, arguments.max_bad, arguments.rejects)) {
    if (arguments.batch_bytes) {
      options_.batch_bytes = parse_size("--batch-bytes", *arguments.batch_bytes);
    }
    if (arguments.in_flight) {
      options_.in_flight = parse_count("--in-flight", *arguments.in_flight, 1, 64);
    }
    if (arguments.existing != "keep" && !has_ids_) {
      throw UsageError("--existing goes with --id: ids that are made here are new");
    }
    files_ = arguments.files;
    if (files_.empty()) files_.emplace_back("-");
    measure_files();
  }

  int run() {
    handle_interrupts();
    Flood& flood = session_.open_or_create(arguments_.create);
    recorder_.emplace(flood.recorder(options_));
    if (arguments_.existing != "keep") existing_.emplace(flood);
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::unique_ptr<LineWorker>> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<LineWorker>(rules_));
    }
    try {
      LineReader reader(files_, rules_.shape, data_bytes_max, threads,
                        [&](Chunk& chunk, std::size_t worker) { workers[worker]->work(chunk); });
      while (auto chunk = reader.next()) {
        take(*chunk);
        update_meter(reader);
        reader.recycle(std::move(chunk));
      }
    } catch (const Failure& failure) {
      // What came before the failure counts.
      recorder_->flush();
      meter_.clear();
      throw Failure(fmt::format("{} ({})", failure.what(), durable()));
    } catch (const Error& error) {
      meter_.clear();
      print_message(durable());
      throw;
    }
    recorder_->flush();
    meter_.clear();
    return finish();
  }

 private:
  // All files must be there before the first is read. Their sizes are for the meter.
  void measure_files() {
    for (const std::string& file : files_) {
      struct stat status {};
      if (file == "-" || stat(file.c_str(), &status) != 0) {
        if (file != "-") {
          throw Failure(fmt::format("cannot read {}: {}", quoted_text(file), std::strerror(errno)));
        }
        sizes_known_ = false;
      } else if (S_ISREG(status.st_mode)) {
        bytes_total_ += static_cast<std::uint64_t>(status.st_size);
      } else {
        sizes_known_ = false;
      }
    }
  }

  void take(const Chunk& chunk) {
    if (chunk.file != file_ || chunk.first_of_file) {
      file_ = chunk.file;
      lines_before_ = 0;
    }
    if (existing_) {
      take_what_is_new(chunk);
    } else {
      for (const Chunk::Line& line : chunk.lines) take(line, chunk);
    }
    lines_before_ += chunk.lines_total;
  }

  void take(const Chunk::Line& line, const Chunk& chunk) {
    if (!line.problem.empty()) {
      bad_line(line, chunk, line.problem);
      return;
    }
    try {
      put(line, chunk);
      ++good_lines_;
    } catch (const InvalidArgument& error) {
      bad_line(line, chunk, error.what());
    }
  }

  void take_what_is_new(const Chunk& chunk) {
    std::vector<ExistingCount::Item> items;
    std::vector<const Chunk::Line*> lines;
    for (const Chunk::Line& line : chunk.lines) {
      if (line.problem.empty()) {
        lines.push_back(&line);
        items.push_back({chunk.id_of(line), chunk.data_of(line)});
      }
    }
    const std::vector<bool> is_new = existing_->add(items);
    std::size_t i = 0;
    for (const Chunk::Line& line : chunk.lines) {
      if (line.problem.empty() && !is_new[i++]) {
        ++good_lines_;  // there already
      } else {
        take(line, chunk);
      }
    }
  }

  void put(const Chunk::Line& line, const Chunk& chunk) {
    const auto id = chunk.id_of(line);
    const auto data = chunk.data_of(line);
    if (has_ids_ && has_dates_) {
      recorder_->put(id, line.date, data);
      return;
    }
    NewEvent event;
    if (has_ids_) event.id = id;
    if (has_dates_) event.date = line.date;
    event.data = data;
    recorder_->put(std::move(event));
  }

  // Throws Failure unless bad lines are left out.
  void bad_line(const Chunk::Line& line, const Chunk& chunk, const std::string& reason) {
    const std::string& file = files_[file_];
    rejects_.add(file == "-" ? "standard input" : file, lines_before_ + line.number, reason,
                 chunk.data_of(line));
  }

  void update_meter(const LineReader& reader) {
    const auto progress = recorder_->progress();
    const double fraction =
        sizes_known_ && bytes_total_ > 0
            ? static_cast<double>(reader.consumed()) / static_cast<double>(bytes_total_)
            : -1;
    meter_.update(progress.taken, progress.data_bytes, fraction);
  }

  std::string durable() const {
    const auto progress = recorder_->progress();
    return fmt::format("{} recorded before that",
                       progress.durable == 1 ? std::string("1 event was")
                                             : human_count(progress.durable) + " events were");
  }

  int finish() {
    const auto progress = recorder_->progress();
    const int signal = interrupted();
    if (signal != 0) {
      print_message(fmt::format("interrupted; {}", durable()));
      return 128 + signal;
    }
    if (rejects_.count() > 0) session_.remark(rejects_.summary());
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (arguments_.json) {
      print_json(progress);
    } else {
      session_.remark(summary(progress, seconds));
    }
    rejects_.finish(good_lines_);
    const bool differs = existing_ && existing_->other() + existing_->deleted() > 0;
    return differs && arguments_.existing == "fail" ? other_data : done;
  }

  std::string summary(const Recorder::Progress& progress, double seconds) const {
    const std::string how =
        fmt::format("({}) in {}", human_bytes(progress.data_bytes), human_seconds(seconds));
    if (!existing_) {
      // Recording looks nothing up: what an id that was there already keeps is not known.
      return fmt::format("recorded {} {}{}", plural(progress.durable, "event"), how,
                         has_ids_ && progress.durable > 0
                             ? "; an id that was there already keeps what it had (--existing count "
                               "tells how many)"
                             : "");
    }
    std::string text =
        fmt::format("recorded {} {}; {} already there, {} already there with other data",
                    plural(existing_->fresh(), "new event"), how, human_count(existing_->same()),
                    human_count(existing_->other()));
    if (existing_->deleted() > 0) {
      text +=
          fmt::format(", {} deleted before, which stay deleted", human_count(existing_->deleted()));
    }
    for (const std::string& id : existing_->examples()) text += "\n  " + quoted_text(id);
    if (existing_->other() + existing_->deleted() > existing_->examples().size()) text += "\n  …";
    return text;
  }

  void print_json(const Recorder::Progress& progress) const {
    JsonObject object;
    object.add("events", good_lines_)
        .add("bad_lines", rejects_.count())
        .add("data_bytes", progress.data_bytes);
    if (existing_) {
      object.add("new", existing_->fresh())
          .add("existing", existing_->same())
          .add("existing_with_other_data", existing_->other())
          .add("deleted", existing_->deleted())
          .add_json("ids", json_list(existing_->examples()));
    } else {
      // Ids that are made here are new; of others it is not known.
      object.add_json("new", has_ids_ ? "null" : std::to_string(good_lines_));
    }
    print_result("the events are recorded", object.text() + "\n");
  }

  Session& session_;
  const RecordArguments& arguments_;
  RecorderOptions options_;
  LineRules rules_;
  bool has_ids_;
  bool has_dates_;
  std::vector<std::string> files_;
  bool sizes_known_ = true;
  std::uint64_t bytes_total_ = 0;
  Meter meter_;
  std::optional<Recorder> recorder_;
  std::size_t file_ = 0;
  std::uint64_t lines_before_ = 0;
  std::uint64_t good_lines_ = 0;
  Rejects rejects_;
  std::optional<ExistingCount> existing_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

int run_record(Session& session, const RecordArguments& arguments) {
  session.store();
  return Recording(session, arguments).run();
}

}  // namespace flashflood::cli
