// Lines that record leaves out: how many, which, and when there are too many.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashflood::cli {

// What --skip-bad, --max-bad and --rejects say.
struct RejectRules {
  bool skip = false;
  std::optional<std::uint64_t> count_max{};  // more end the recording
  std::optional<double> share_max{};         // of all lines, 0 to 1: more are a failure at the end
  std::string file{};                        // where they go; empty: nowhere
};

// Throws UsageError.
RejectRules parse_reject_rules(bool skip_bad, const std::optional<std::string>& max_bad,
                               const std::optional<std::string>& rejects);

class Rejects {
 public:
  // Throws Failure when the file cannot be written.
  explicit Rejects(RejectRules rules);

  // `where`: "file:12". Throws Failure, with `where` and `reason`, when nothing may be left out,
  // and when these are too many.
  void add(const std::string& file, std::uint64_t line, const std::string& reason,
           std::string_view data);
  // Ends the file. Throws Failure when it cannot be written, or when more were left out than may be
  // of `good` and these.
  void finish(std::uint64_t good);

  std::uint64_t count() const { return count_; }
  // "skipped 2 bad lines:" and the first of them.
  std::string summary() const;

 private:
  RejectRules rules_;
  std::ofstream file_;
  std::uint64_t count_ = 0;
  std::vector<std::string> examples_;
};

}  // namespace flashflood::cli
