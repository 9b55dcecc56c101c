// Running whole processes and timing them from outside.
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace flashflood::bench {

struct Run {
  double seconds = 0;      // from fork to exit
  double cpu_seconds = 0;  // user and system, of the process and its children
  long peak_kib = 0;       // resident memory of the largest process
};

// Runs a command to its end; its output goes to `output` (a file, or /dev/null). Throws
// std::runtime_error when it fails.
Run run_process(const std::vector<std::string>& command, const std::string& output = "/dev/null");

// The same through a shell, for pipes.
Run run_shell(const std::string& command);

double median(std::vector<double> values);

// User and system time of this process so far.
double own_cpu_seconds();

// The time that `work` takes in this process.
template <typename Work>
Run timed(const Work& work) {
  const double cpu = own_cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {elapsed.count(), own_cpu_seconds() - cpu};
}

// Runs a and b in turn, after one run each that does not count, and gives their medians: of the
// ratio of each pair, and of the seconds.
struct Comparison {
  double a_seconds = 0;
  double b_seconds = 0;
  double ratio = 0;  // of a's seconds to b's, pair by pair
  double a_cpu_seconds = 0;
  double b_cpu_seconds = 0;
  long a_peak_kib = 0;
};
template <typename A, typename B>
Comparison compare(int pairs, const A& a, const B& b) {
  std::vector<double> as, bs, ratios, a_cpus, b_cpus;
  Comparison result;
  for (int i = -1; i < pairs; ++i) {
    Run run_a = a(), run_b = b();
    if (i < 0) continue;
    as.push_back(run_a.seconds);
    bs.push_back(run_b.seconds);
    ratios.push_back(run_a.seconds / run_b.seconds);
    a_cpus.push_back(run_a.cpu_seconds);
    b_cpus.push_back(run_b.cpu_seconds);
    if (run_a.peak_kib > result.a_peak_kib) result.a_peak_kib = run_a.peak_kib;
  }
  result.a_seconds = median(as);
  result.b_seconds = median(bs);
  result.ratio = median(ratios);
  result.a_cpu_seconds = median(a_cpus);
  result.b_cpu_seconds = median(b_cpus);
  return result;
}

}  // namespace flashflood::bench
