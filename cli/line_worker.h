// From lines to events: what record does to each line on its workers.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flashflood/jmespath.h"
#include "line_reader.h"

namespace flashflood::cli {

// What lines hold, and where their ids and dates are.
struct LineRules {
  // Expressions on the line; without them ids and dates are made.
  std::optional<Expression> id{};
  std::optional<Expression> date{};
  DateReading reading{};
  // Lines are what replay --format event prints: id, date and data stand in them.
  bool are_events = false;
};

// Cuts chunks into lines and finds their ids and dates.
class LineWorker {
 public:
  explicit LineWorker(const LineRules& rules);

  // Fills what the workers fill (line_reader.h). A line that cannot be recorded gets a problem.
  void work(Chunk& chunk);

 private:
  void look_at(Chunk::Line& line, Chunk& chunk);
  void take_id(Chunk::Line& line, Chunk& chunk, const Evaluator::Result& id);
  Timestamp date_of(const Evaluator::Result& result) const;
  void take_event(Chunk::Line& line, Chunk& chunk);

  bool has_id_;
  bool has_date_;
  bool are_events_;
  DateReading reading_;
  Evaluator evaluator_;
  const char* evaluating_ = "";
};

}  // namespace flashflood::cli
