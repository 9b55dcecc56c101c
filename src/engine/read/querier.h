// A running query: a replay whose events go through the head of a stream on the compute threads,
// and through the rest of it here, in order.
//
// Threads: one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/read/replayer.h"
#include "engine/state/context.h"
#include "flashflood/replay.h"
#include "query/stream/stream.h"

namespace flashflood::engine {

class Querier {
 public:
  // Throws InvalidArgument and QueryError for arguments that make no sense.
  Querier(std::shared_ptr<const Context> context, std::string_view expression,
          const QueryOptions& options);

  // See QueryResult.
  std::string_view next_piece();
  const ReplayProgress& progress() const { return progress_; }

 private:
  bool advance();

  query::StreamQuery stream_;
  std::optional<Replayer> replayer_;  // nothing when it is over
  ReplayProgress progress_;
  const ProgressCallback report_;
  std::string piece_;
};

}  // namespace flashflood::engine
