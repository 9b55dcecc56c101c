// Asks the same of many documents, one after the other: which match, and what they give.
//
//   thread_local Matcher matcher;
//   matcher.begin(question, documents);
//   for (...) if (matcher.next(results) == Matcher::Verdict::kept) ...
//
// Documents that are neighbours in memory are scanned together.
//
// Threads: a Matcher belongs to one thread at a time; a Question may be used on many at once.
// Lifetime: begin() borrows the question, the list and the documents until the next begin().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "query/expression.h"
#include "query/json/structure.h"
#include "query/subject.h"

namespace flashflood::query {

struct Question {
  // Keeps the documents for which this is true in JMESPath's sense.
  std::optional<Expression> where{};
  // Its result takes the place of the document, unless it is null.
  std::optional<Expression> query{};
  // Every document is checked whole. Without, one that `where` throws away is looked at only as far
  // as that takes.
  bool strict = false;
};

class Matcher {
 public:
  enum class Verdict {
    kept,
    filtered,  // where is not true, or query gives null
    not_json,
  };

  Matcher();

  void begin(const Question& question, std::span<const std::string_view> documents);
  // Of the next document. Of one that is kept appends what query gives to `out`. Throws QueryError
  // when an expression fails on the document; go on with the next one. `out` then ends with what it
  // had before.
  Verdict next(std::string& out);
  // Why the last document was not_json, for people. Reads it once more.
  std::string problem() const;

 private:
  Verdict judge(std::string& out);
  void open_group();
  bool take_from_group(std::string_view document);
  void take_alone(std::string_view document);

  const Question* question_ = nullptr;
  std::span<const std::string_view> documents_;
  std::size_t next_ = 0;

  // The documents up to group_end_ lie side by side and were scanned as one text.
  std::size_t group_end_ = 0;
  const char* group_text_ = nullptr;  // null when it could not be scanned as one
  std::size_t group_token_ = 0;       // the first of those that are left

  StructureFinder group_finder_;
  // For a document alone.
  StructureFinder finder_;
  std::string padded_;
  std::size_t held_bytes_ = 0;  // the largest since memory was given back
  Subject subject_;
};

}  // namespace flashflood::query
