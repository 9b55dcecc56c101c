// jmespath_bench: FlashFlood's JMESPath against the best hand-written code and other programs, on
// the same events, in one run, on one thread each.
//
//   jmespath_bench RETAIL FOLDER [--events N] [--rounds N] [--scripts FOLDER] [--command PROGRAM]
//
// RETAIL is a file of retail events (.ndjson or .zst), FOLDER a folder for samples, which must not
// exist. Contenders within this process take turns; the median of their thread's CPU time counts.
// With --scripts (where jmespath_py.py lies) other programs run, too, on smaller samples, since
// they are slow: their whole CPU time counts. Every contender must give the same answer, or the run
// fails: within the process the same bytes; of other programs the same JSON values. With --command
// (flashflood) a query over a whole flood is compared with a replay.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>

#include "bench/jmespath/contender.h"
#include "bench/jmespath/whole_process.h"
#include "bench/process.h"

namespace flashflood::bench {
namespace {

constexpr std::size_t orders_events = 270'000;  // about 105 MB

const std::vector<Question> questions = {
    {.corpus = "retail",
     .title = "one field",
     .expression = "country=='France'",
     .jq = R"(select(.country=="France"))",
     .goal = 0.8,
     .has_literal = true},
    {.corpus = "retail",
     .title = "three fields",
     .expression = "country=='Germany' && quantity>`10` && unit_price<`2`",
     .jq = R"(select(.country=="Germany" and .quantity>10 and .unit_price<2))",
     .goal = 0.7},
    {.corpus = "retail",
     .title = "projection",
     .expression = "[invoice, stock_code, quantity, country]",
     .is_projection = true,
     .jq = "[.invoice, .stock_code, .quantity, .country]",
     .goal = 0.5},
    {.corpus = "orders",
     .title = "one field, nested",
     .expression = "user.address.country=='FR'",
     .jq = R"(select(.user.address.country=="FR"))",
     .goal = 0.8},
    {.corpus = "orders",
     .title = "three fields, nested",
     .expression = "kind=='purchase' && user.address.country=='DE' && payment.total>`100`",
     .jq = R"(select(.kind=="purchase" and .user.address.country=="DE" and .payment.total>100))",
     .goal = 0.7},
    {.corpus = "orders",
     .title = "projection, nested",
     .expression = "[id, user.name, items[0].sku, payment.total]",
     .is_projection = true,
     .jq = "[.id, .user.name, .items[0].sku, .payment.total]",
     .goal = 0.5},
};

constexpr std::string_view plan_name = "FlashFlood, plan";
constexpr std::string_view tree_name = "FlashFlood, tree";
constexpr std::string_view prefilter_name = "FlashFlood, prefilter";
constexpr std::string_view by_hand_names[] = {"by hand, On-Demand", "by hand, On-Demand stream"};
constexpr Entrant entrants[] = {
    {by_hand_names[0], make_handwritten},
    {by_hand_names[1], make_handwritten_stream},
    {tree_name, make_tree},
    {plan_name, make_plan},
    {prefilter_name, make_prefiltered},
};

struct Options {
  std::string retail;
  std::filesystem::path folder;
  std::size_t events = 0;  // 0: all
  int rounds = 5;
  std::string scripts;
  std::string command;
};

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {}

  int run() {
    std::filesystem::create_directories(options_.folder);
    // Before there is anything in memory: a process counts what it was forked with as its own.
    if (!options_.command.empty()) {
      compare_query_with_replay(options_.command, options_.retail, options_.folder);
    }
    std::size_t all = static_cast<std::size_t>(-1);
    Corpus retail("retail", read_events(options_.retail, options_.events ? options_.events : all));
    Corpus orders("orders", make_orders(options_.events ? options_.events : orders_events));
    fmt::print("Medians of {} rounds, in turn, after one that checks the answers.\n",
               options_.rounds);
    for (const Question& question : questions) {
      ask(question.corpus == "retail" ? retail : orders, question);
    }
    return failures_ == 0 ? 0 : 1;
  }

 private:
  void ask(const Corpus& corpus, const Question& question) {
    speeds_.clear();
    fmt::print("\n{}, {}: {}\n{} events, {:.1f} MB\n", question.corpus, question.title,
               question.expression, corpus.events(), static_cast<double>(corpus.bytes()) / 1e6);
    measure_contenders(corpus, question);
    if (!options_.scripts.empty()) {
      for (const Program& program : programs) measure_program(corpus, question, program);
    }
    print_goals(question);
    std::fflush(stdout);
  }

  void measure_contenders(const Corpus& corpus, const Question& question) {
    struct Lane {
      std::string_view name;
      std::unique_ptr<Contender> contender;
      std::vector<double> seconds;
    };
    std::vector<Lane> lanes;
    for (const Entrant& entrant : entrants) {
      if (auto contender = entrant.make(question)) {
        lanes.push_back({entrant.name, std::move(contender), {}});
      }
    }
    std::optional<Sum> answer;
    for (Lane& lane : lanes) {
      Sum sum(true);
      lane.contender->run(corpus, sum);
      if (!answer) {
        answer = sum;
        fmt::print("answer: {} events ({:.1f} %), {} bytes, checksum {:016x}\n", sum.events(),
                   100.0 * static_cast<double>(sum.events()) / static_cast<double>(corpus.events()),
                   sum.bytes(), sum.checksum());
      } else if (!(sum == *answer)) {
        fail(lane.name, fmt::format("{} events, {} bytes, checksum {:016x}", sum.events(),
                                    sum.bytes(), sum.checksum()));
      }
    }
    for (int round = 0; round < options_.rounds; ++round) {
      for (Lane& lane : lanes) {
        Sum sum(false);
        double begin = thread_seconds();
        lane.contender->run(corpus, sum);
        lane.seconds.push_back(thread_seconds() - begin);
      }
    }
    double by_hand = 0;
    for (const Lane& lane : lanes) {
      speeds_[lane.name] = static_cast<double>(corpus.bytes()) / median(lane.seconds);
    }
    for (std::string_view name : by_hand_names) by_hand = std::max(by_hand, speeds_[name]);
    for (const Lane& lane : lanes) {
      print_line(lane.name, corpus.events(), corpus.bytes(), speeds_[lane.name], by_hand);
    }
    by_hand_ = by_hand;
  }

  // On a sample, against what the first contender says about it.
  void measure_program(const Corpus& corpus, const Question& question, const Program& program) {
    std::string sample(first_lines(corpus.lines(), program.events_max));
    std::string input = write_sample(sample, program.wants_array);
    std::string output = (options_.folder / "answer").string();
    Run run = run_process(program.command(question, options_.scripts, input), output);
    Corpus part("sample", sample);
    std::string expected = (options_.folder / "expected").string();
    write_expected(part, question, expected);
    std::string theirs = normalise(output, program.wants_array);
    if (theirs != normalise(expected, false)) fail(program.name, theirs);
    speeds_[program.name] = static_cast<double>(part.bytes()) / run.cpu_seconds;
    print_line(program.name, part.events(), part.bytes(), speeds_[program.name], by_hand_);
  }

  static std::string_view first_lines(std::string_view lines, std::size_t count) {
    std::size_t end = 0;
    for (std::size_t i = 0; i < count && end < lines.size(); ++i) end = lines.find('\n', end) + 1;
    return lines.substr(0, end);
  }

  std::string write_sample(const std::string& lines, bool as_array) {
    std::string path = (options_.folder / (as_array ? "sample.json" : "sample.ndjson")).string();
    std::ofstream file(path, std::ios::binary);
    if (as_array) {
      std::string array = lines;
      array.pop_back();
      std::replace(array.begin(), array.end(), '\n', ',');
      file << '[' << array << ']';
    } else {
      file << lines;
    }
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
    return path;
  }

  // The answer of FlashFlood's general evaluator, as lines.
  static void write_expected(const Corpus& corpus, const Question& question,
                             const std::string& path) {
    class Lines : public LineSink {
     public:
      explicit Lines(const std::string& name) : file_(name, std::ios::binary) {}
      void take(std::string_view bytes) override { file_ << bytes << '\n'; }

     private:
      std::ofstream file_;
    } lines(path);
    Sum sum(false, &lines);
    make_tree(question)->run(corpus, sum);
  }

  std::string normalise(const std::string& path, bool is_array) const {
    std::string output = (options_.folder / "normalised").string();
    std::vector<std::string> command = {"python3", options_.scripts + "/normalise.py", path};
    if (is_array) command.push_back("--array");
    run_process(command, output);
    std::ifstream file(output);
    std::string line;
    std::getline(file, line);
    return line;
  }

  void print_line(std::string_view name, std::size_t events, std::size_t bytes, double speed,
                  double by_hand) const {
    double event_bytes = static_cast<double>(bytes) / static_cast<double>(events);
    fmt::print("  {:<26} {:>8.3f} GB/s {:>9.3f} M events/s {:>7.3f} of by hand   {:>7} events\n",
               name, speed / 1e9, speed / event_bytes / 1e6, speed / by_hand, events);
  }

  void print_goals(const Question& question) {
    if (speeds_.count(plan_name) == 0) return;  // the plan is not built in
    double plan = speeds_[plan_name];
    const auto loop = speeds_.find(by_hand_names[0]);
    if (loop != speeds_.end())
      goal("plan, of the On-Demand loop", plan / loop->second, question.goal);
    fmt::print("        {:<40} {:>8.2f}\n", "plan, of the faster by hand", plan / by_hand_);
    if (question.has_literal && speeds_.count(prefilter_name) != 0) {
      goal("prefilter, GB/s", speeds_[prefilter_name] / 1e9, 5);
    }
    for (const Program& program : programs) {
      if (speeds_.count(program.name) == 0) continue;
      bool is_js = program.name.find(".js") != program.name.npos;
      goal(fmt::format("plan, times {}", program.name), plan / speeds_[program.name],
           is_js ? 10 : 25);
    }
  }
  static void goal(std::string_view what, double value, double wanted) {
    fmt::print("  goal: {:<40} {:>8.2f}   >= {:<5} {}\n", what, value, wanted,
               value >= wanted ? "met" : "MISSED");
  }

  void fail(std::string_view name, std::string_view answer) {
    fmt::print("  WRONG: {} gives another answer: {}\n", name, answer);
    ++failures_;
  }

  Options options_;
  std::map<std::string_view, double> speeds_;  // bytes a second
  double by_hand_ = 0;
  int failures_ = 0;
};

int run(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  Options options;
  if (words.size() < 2 || words.size() % 2 != 0) {
    fmt::print(stderr,
               "usage: jmespath_bench RETAIL FOLDER [--events N] [--rounds N] [--scripts FOLDER] "
               "[--command PROGRAM]\n");
    return 2;
  }
  options.retail = words[0];
  options.folder = words[1];
  for (std::size_t i = 2; i < words.size(); i += 2) {
    if (words[i] == "--events") {
      options.events = std::stoul(words[i + 1]);
    } else if (words[i] == "--rounds") {
      options.rounds = std::stoi(words[i + 1]);
    } else if (words[i] == "--scripts") {
      options.scripts = words[i + 1];
    } else if (words[i] == "--command") {
      options.command = words[i + 1];
    } else {
      throw std::runtime_error("unknown option " + words[i]);
    }
  }
  return Bench(options).run();
}

}  // namespace
}  // namespace flashflood::bench

int main(int count, char** arguments) {
  try {
    return flashflood::bench::run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "jmespath_bench: {}\n", error.what());
    return 1;
  }
}
