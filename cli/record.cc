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
#include "failure.h"
#include "interrupt.h"
#include "line_reader.h"
#include "meter.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

// A line that cannot be recorded; the reason.
struct BadLine {
  std::string reason;
};

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

// What one worker does to the lines: cuts the chunk into lines and finds their ids and dates.
class LineWorker {
 public:
  LineWorker(std::optional<Expression> id, std::optional<Expression> date)
      : has_id_(id.has_value()), has_date_(date.has_value()), evaluator_(list(id, date)) {}

  void work(Chunk& chunk) {
    if (chunk.too_long) {
      chunk.lines_total = 1;
      chunk.lines.emplace_back().number = 1;
      chunk.lines.back().problem = too_long();
      return;
    }
    std::string_view rest = chunk.text();
    if (chunk.first_of_file) rest = without_mark(rest);
    while (!rest.empty()) {
      const auto* const end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
      const std::size_t size =
          end == nullptr ? rest.size() : static_cast<std::size_t>(end - rest.data());
      std::string_view line = rest.substr(0, size);
      rest.remove_prefix(end == nullptr ? size : size + 1);
      ++chunk.lines_total;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      Chunk::Line& entry = chunk.lines.emplace_back();
      entry.number = chunk.lines_total;
      entry.data = line;
      try {
        look_at(entry, chunk);
      } catch (BadLine& bad) {
        entry.problem = std::move(bad.reason);
      } catch (const QueryError& error) {
        // The lines after the first show the expression, which is the same for every line.
        const std::string_view what = error.what();
        entry.problem = fmt::format("{}: {}", evaluating_, what.substr(0, what.find('\n')));
      }
    }
  }

 private:
  static std::vector<Expression> list(std::optional<Expression>& id,
                                      std::optional<Expression>& date) {
    std::vector<Expression> expressions;
    if (id) expressions.push_back(std::move(*id));
    if (date) expressions.push_back(std::move(*date));
    return expressions;
  }

  static std::string too_long() {
    return fmt::format("the line is longer than {}", human_bytes(data_bytes_max));
  }

  void look_at(Chunk::Line& line, Chunk& chunk) {
    if (line.data.size() > data_bytes_max) throw BadLine{too_long()};
    if (!has_id_ && !has_date_) return;
    if (!evaluator_.parse(line.data)) {
      throw BadLine{fmt::format("not JSON: {}", evaluator_.problem())};
    }
    if (has_id_) {
      evaluating_ = "--id";
      const auto id = evaluator_.evaluate(0);
      using Kind = Evaluator::Kind;
      if (id.kind == Kind::null) throw BadLine{"--id finds nothing (null)"};
      if (id.kind == Kind::array || id.kind == Kind::object) {
        throw BadLine{fmt::format("--id gives an {}, and an id is a string, number or boolean",
                                  id.kind == Kind::array ? "array" : "object")};
      }
      if (id.text.empty()) throw BadLine{"--id gives an empty string"};
      if (id.text.size() > id_bytes_max) {
        throw BadLine{fmt::format("--id gives {} bytes, and an id has at most {}", id.text.size(),
                                  id_bytes_max)};
      }
      line.id_begin = chunk.ids.size();
      line.id_size = id.text.size();
      chunk.ids += id.text;
    }
    if (has_date_) {
      evaluating_ = "--date";
      line.date = date_of(evaluator_.evaluate(has_id_ ? 1 : 0));
    }
  }

  static Timestamp date_of(const Evaluator::Result& result) {
    if (result.kind == Evaluator::Kind::string) {
      try {
        return parse_timestamp(result.text);
      } catch (const InvalidArgument& error) {
        throw BadLine{fmt::format("--date: {}", error.what())};
      }
    }
    if (result.kind == Evaluator::Kind::number) {
      const auto date = date_of_seconds(result.text);
      if (!date) {
        throw BadLine{
            fmt::format("--date gives {} seconds since 1970, which is out of range", result.text)};
      }
      return *date;
    }
    if (result.kind == Evaluator::Kind::null) throw BadLine{"--date finds nothing (null)"};
    throw BadLine{
        "--date gives neither a string (such as 2011-03-01T08:26:00Z) nor a number (seconds since "
        "1970)"};
  }

  bool has_id_;
  bool has_date_;
  Evaluator evaluator_;
  const char* evaluating_ = "";
};

class Recording {
 public:
  Recording(Session& session, const RecordArguments& arguments)
      : session_(session), arguments_(arguments), meter_(session.shows_progress(), "recording") {
    if (arguments.batch_bytes) {
      options_.batch_bytes = parse_size("--batch-bytes", *arguments.batch_bytes);
    }
    if (arguments.in_flight) {
      options_.in_flight = parse_count("--in-flight", *arguments.in_flight, 1, 64);
    }
    if (arguments.id) id_ = parse_expression("--id", *arguments.id);
    if (arguments.date) date_ = parse_expression("--date", *arguments.date);
    files_ = arguments.files;
    if (files_.empty()) files_.emplace_back("-");
    measure_files();
  }

  int run() {
    handle_interrupts();
    Flood& flood = session_.open_or_create(arguments_.create);
    recorder_.emplace(flood.recorder(options_));
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::unique_ptr<LineWorker>> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<LineWorker>(id_, date_));
    }
    try {
      LineReader reader(files_, data_bytes_max, threads,
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
    for (const Chunk::Line& line : chunk.lines) {
      if (!line.problem.empty()) {
        bad_line(line.number, line.problem);
        continue;
      }
      try {
        put(line, chunk);
      } catch (const InvalidArgument& error) {
        bad_line(line.number, error.what());
      }
    }
    lines_before_ += chunk.lines_total;
  }

  void put(const Chunk::Line& line, const Chunk& chunk) {
    const auto id = std::string_view(chunk.ids).substr(line.id_begin, line.id_size);
    if (id_ && date_) {
      recorder_->put(id, line.date, line.data);
      return;
    }
    NewEvent event;
    if (id_) event.id = id;
    if (date_) event.date = line.date;
    event.data = line.data;
    recorder_->put(std::move(event));
  }

  // Throws Failure unless bad lines are skipped.
  void bad_line(std::uint64_t number, const std::string& reason) {
    const std::string& file = files_[file_];
    std::string message = fmt::format("{}:{}: {}", file == "-" ? "standard input" : file,
                                      lines_before_ + number, reason);
    if (!arguments_.skip_bad) throw Failure(message);
    constexpr std::size_t examples_max = 5;
    if (bad_lines_++ < examples_max) examples_.push_back(std::move(message));
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
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (bad_lines_ > 0) {
      std::string message = fmt::format("skipped {}:", plural(bad_lines_, "bad line"));
      for (const std::string& example : examples_) message += "\n  " + example;
      if (bad_lines_ > examples_.size()) message += "\n  …";
      print_message(message);
    }
    session_.remark(fmt::format("recorded {} ({}) in {}", plural(progress.durable, "event"),
                                human_bytes(progress.data_bytes), human_seconds(seconds)));
    return done;
  }

  Session& session_;
  const RecordArguments& arguments_;
  RecorderOptions options_;
  std::optional<Expression> id_;
  std::optional<Expression> date_;
  std::vector<std::string> files_;
  bool sizes_known_ = true;
  std::uint64_t bytes_total_ = 0;
  Meter meter_;
  std::optional<Recorder> recorder_;
  std::size_t file_ = 0;
  std::uint64_t lines_before_ = 0;
  std::uint64_t bad_lines_ = 0;
  std::vector<std::string> examples_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

int run_record(Session& session, const RecordArguments& arguments) {
  session.store();
  return Recording(session, arguments).run();
}

}  // namespace flashflood::cli
