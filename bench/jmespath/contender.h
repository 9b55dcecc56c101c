// What is asked, who answers, and how an answer is measured.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "bench/jmespath/corpus.h"

namespace flashflood::bench {

struct Question {
  std::string_view corpus;
  std::string_view title;
  std::string_view expression;
  // Otherwise the documents for which the expression is true are kept as they are.
  bool is_projection = false;
  std::string_view jq;       // the same for jq, which prints what it keeps
  double goal = 0;           // of the speed of the hand-written loop
  bool has_literal = false;  // that a prefilter can search
};

class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void take(std::string_view bytes) = 0;
};

// Of what a contender keeps or prints. Equal answers have equal sums.
class Sum {
 public:
  // Without `thorough` it only counts, so that it takes next to no time.
  explicit Sum(bool thorough, LineSink* lines = nullptr) : thorough_(thorough), lines_(lines) {}
  void add(std::string_view bytes) {
    ++events_;
    bytes_ += bytes.size();
    if (thorough_) checksum_ = checksum_ * 31 + xxh3(bytes);
    if (lines_ != nullptr) lines_->take(bytes);
  }
  std::uint64_t events() const { return events_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t checksum() const { return checksum_; }
  bool operator==(const Sum&) const = default;

 private:
  bool thorough_;
  LineSink* lines_;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t checksum_ = 0;
};

// Somebody within this process. It is made before the time is taken.
class Contender {
 public:
  virtual ~Contender() = default;
  // Hands every document that is kept, or every result, to `sum`.
  virtual void run(const Corpus& corpus, Sum& sum) = 0;
};

struct Entrant {
  std::string_view name;
  // Null when it does not answer such questions.
  std::unique_ptr<Contender> (*make)(const Question& question);
};

// Each in a file of its own.
std::unique_ptr<Contender> make_tree(const Question& question);
std::unique_ptr<Contender> make_plan(const Question& question);
std::unique_ptr<Contender> make_prefiltered(const Question& question);
std::unique_ptr<Contender> make_handwritten(const Question& question);
std::unique_ptr<Contender> make_handwritten_stream(const Question& question);

// A program of others, run on a file of documents.
struct Program {
  std::string_view name;
  std::size_t events_max;  // of a sample: they are slow
  bool wants_array;        // the documents as one array instead of lines
  std::vector<std::string> (*command)(const Question& question, const std::string& scripts,
                                      const std::string& input);
};
extern const std::vector<Program> programs;

}  // namespace flashflood::bench
