// The part of a stream that looks at each event alone: filters, projections and flattening, up to
// the first step for which order or number matter.
//
// Threads: segments and heads are immutable, and run on many threads at once; items and documents
// belong to one thread at a time. Lifetime: a segment keeps the plan that it was made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"
#include "query/filter/prefilter.h"
#include "query/matcher.h"
#include "query/stream/stream_plan.h"

namespace flashflood::query {

// Elements, one after another, as compact JSON.
struct StreamItems {
  std::string text;
  std::vector<std::size_t> ends;  // of each; empty where only their number is wanted
  std::uint64_t count = 0;
  std::exception_ptr problem;  // of what came behind the last of them

  std::string_view operator[](std::size_t i) const {
    std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(text).substr(begin, ends[i] - begin);
  }
  void clear() {
    text.clear();
    ends.clear();
    count = 0;
  }
};

// Some stages, each of them for an element alone, as few expressions.
class StreamSegment {
 public:
  // `with_text`: the elements are wanted, not only their number.
  StreamSegment(const std::shared_ptr<const StreamPlan>& plan, std::span<const StreamStage> stages,
                bool with_text);

  // Adds what becomes of the document's value, which `is_array` or not. Throws QueryError.
  void run(Document& document, bool is_array, StreamItems& items) const;

  // The same as a filter and a query of a replay, for documents that are no arrays or where arrays
  // are nothing special; none when it takes more.
  std::optional<Question> question() const;
  // Whether an array is taken as its elements.
  bool flattens() const { return flattens_; }
  bool with_text() const { return with_text_; }
  // "where country=='France', quantity"; empty when elements pass as they are.
  const std::string& description() const { return description_; }
  // How its expressions are evaluated, a line for each that has something to tell.
  std::vector<std::string> plans() const;

 private:
  void add_each(Document& document, StreamItems& items) const;
  void add(const Result& result, StreamItems& items) const;

  std::string description_;
  bool with_text_ = true;
  bool keeps_null_ = true;
  bool flattens_ = false;            // `each_` is for arrays only
  std::optional<Expression> where_;  // what is not true is left out
  std::optional<Expression> take_;   // of the rest
  std::optional<Expression> each_;   // gives an array of the elements instead of these two
};

class StreamHead {
 public:
  explicit StreamHead(std::vector<StreamSegment> segments) : segments_(std::move(segments)) {}

  // For each stream, what becomes of some events.
  using Batch = std::vector<StreamItems>;
  Batch make_batch() const { return Batch(segments_.size()); }

  // What a thread needs to run a head, made once.
  struct Scratch {
    Document document{};
    Matcher matcher{};
  };
  struct Outcome {
    std::uint64_t not_json = 0;  // left out
    std::size_t end = 0;         // documents looked at: all, or with `strict` those before this one
    std::string problem{};       // which is not JSON for this reason
  };

  // Adds what becomes of some events, in order. A stream on which the evaluation failed keeps the
  // error and takes no more.
  Outcome run(std::span<const std::string_view> documents, bool strict, Scratch& scratch,
              Batch& batch) const;

  // Throws events away of which no stream would notice anything, not even an error; empty where
  // that cannot be known.
  Prefilter prefilter() const;

  const std::vector<StreamSegment>& segments() const { return segments_; }

 private:
  Outcome run_each(std::span<const std::string_view> documents, bool strict, Scratch& scratch,
                   Batch& batch) const;
  Outcome run_matcher(std::span<const std::string_view> documents, bool strict, Scratch& scratch,
                      StreamItems& items) const;
  void add(std::string_view json, Document& document, Batch& batch) const;
  static void add_to(const StreamSegment& segment, std::string_view json, Document& document,
                     StreamItems& items);

  std::vector<StreamSegment> segments_;
};

}  // namespace flashflood::query
