#include "engine/read/querier.h"

#include <utility>

namespace flashflood::engine {
namespace {

ReplayOptions replay_options(const QueryOptions& options) {
  ReplayOptions replay;
  replay.from = options.from;
  replay.to = options.to;
  replay.strict = options.strict;
  replay.read_ahead_bytes = options.read_ahead_bytes;
  return replay;
}

}  // namespace

Querier::Querier(std::shared_ptr<const Context> context, std::string_view expression,
                 const QueryOptions& options)
    : stream_(expression, options.memory_bytes), report_(options.progress) {
  replayer_.emplace(std::move(context), replay_options(options), stream_.shared_head());
  progress_ = replayer_->progress();
}

// Takes one batch, or the end. False when it is over.
bool Querier::advance() {
  if (!replayer_) return false;
  if (!stream_.done() && !replayer_->next_batch().empty()) {
    progress_ = replayer_->progress();
    stream_.take(replayer_->streams());
    if (report_) report_({progress_.entries_read, progress_.entries_total, progress_.data_bytes});
    return true;
  }
  progress_ = replayer_->progress();
  replayer_.reset();
  stream_.finish();
  return true;
}

std::string_view Querier::next_piece() {
  piece_.clear();
  std::string& output = stream_.output();
  try {
    while (output.empty() && advance()) {
    }
  } catch (...) {
    replayer_.reset();
    output.clear();
    throw;
  }
  std::swap(piece_, output);
  return piece_;
}

}  // namespace flashflood::engine
