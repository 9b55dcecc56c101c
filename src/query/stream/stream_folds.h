// The ends of streams: what each kind of fold keeps of its elements, and the value that it makes.
//
// Threads: one at a time.
#pragma once

#include <memory>
#include <string>

#include "query/stream/stream_flow.h"

namespace flashflood::query {

class StreamFoldSink : public StreamSink {
 public:
  // The value, once finish() was called; it lives as long as the sink. Throws QueryError.
  virtual Value value() = 0;
};

// Writes the elements as a JSON array to `out`, which outlives it.
class EmitSink final : public StreamSink {
 public:
  explicit EmitSink(std::string& out) : out_(out) {}
  void put(std::string_view json) override {
    out_.push_back(is_first_ ? '[' : ',');
    out_.append(json);
    is_first_ = false;
  }
  void finish() override { out_.append(is_first_ ? "[]" : "]"); }
  bool done() const override { return false; }

 private:
  std::string& out_;
  bool is_first_ = true;
};

// For every fold but `emit`. The fold and the budget outlive the sink; `text` is that of the
// expression.
std::unique_ptr<StreamFoldSink> make_fold_sink(const StreamFold& fold, std::string_view text,
                                               StreamBudget& budget);

}  // namespace flashflood::query
