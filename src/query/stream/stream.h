// JMESPath over a stream: evaluates an expression on {"events": [...]} while the events pass by, in
// memory that does not grow with their number.
//
//   StreamQuery query("sum(events[?country=='France'].quantity)", {});
//   auto batch = query.head().make_batch();        // on any threads, each with its own scratch:
//   query.head().run(documents, strict, scratch, batch);
//   if (!query.done()) query.take(batch);          // batches in order, on one thread:
//   query.finish();
//   use(query.output());
//
// Filters and projections that look at each event alone make the head; what needs their order or
// number runs behind it: slices, sorting, folds. What is left of the expression is evaluated on the
// folded values at the end. docs/jmespath.md tells what streams.
//
// Threads: head() may be used on any number of threads at once; the rest by one at a time.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"
#include "query/stream/stream_flow.h"
#include "query/stream/stream_folds.h"
#include "query/stream/stream_head.h"
#include "query/stream/stream_plan.h"

namespace flashflood::query {

class StreamQuery {
 public:
  // `memory_bytes_max`: for elements that have to wait for others. Throws QueryError when `text`
  // is no expression.
  StreamQuery(std::string_view text, std::size_t memory_bytes_max);
  StreamQuery(const StreamQuery&) = delete;
  StreamQuery& operator=(const StreamQuery&) = delete;

  const StreamHead& head() const { return *head_; }
  // Shared with whoever still evaluates events when the query has gone.
  const std::shared_ptr<const StreamHead>& shared_head() const { return head_; }

  // What became of the next events. Throws QueryError; the query is over then.
  void take(const StreamHead::Batch& batch);
  // Whether more events would change nothing: finish() may be called early.
  bool done() const;
  // Whether a stream has what it needs: what later events hold for it is not looked at, and errors
  // in it do not happen.
  bool stopped_early() const;
  // No more events come. Throws QueryError.
  void finish();

  // The result as compact JSON, as far as it is known: whoever reads it may take parts away.
  std::string& output() { return output_; }

  // How the expression is evaluated, in lines for people.
  std::string explain() const;

 private:
  // One stream behind its head.
  struct Flow {
    StreamFoldSink* fold = nullptr;  // none: emits
    StreamSink* entry = nullptr;
    bool failed = false;
    bool is_over() const { return failed || entry->done(); }
  };

  void build(const StreamFold& fold, std::vector<StreamSegment>& segments);
  void run(std::size_t index, const StreamItems& items);
  // Keeps the error for the tail, which may never ask for the value, or throws it.
  void fail(std::size_t index);

  std::shared_ptr<StreamPlan> plan_;
  StreamBudget budget_;
  std::shared_ptr<const StreamHead> head_;
  std::deque<std::unique_ptr<StreamSink>> sinks_;  // made from the end of each flow to its entry
  std::vector<Flow> flows_;
  std::string output_;
};

}  // namespace flashflood::query
