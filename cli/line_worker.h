// From lines or documents to events: what record does to each on its workers.
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
  Shape shape = Shape::lines;
  // An expression on the line or document: each element of what it gives is an event.
  std::optional<Expression> each{};
  // Lines are text, and become {"line": …}.
  bool are_text = false;
  // Expressions on the event; without them ids and dates are made.
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
  void cut_lines(Chunk& chunk);
  void cut_json(Chunk& chunk);
  void cut_sse(Chunk& chunk);
  void take_document(Chunk& chunk, std::uint64_t number, std::string_view text);
  void take_elements(Chunk& chunk, std::uint64_t number, std::string_view text);
  // The event's data is the last part of `texts`, from `begin` on.
  void take_made(Chunk& chunk, std::uint64_t number, std::size_t begin);
  void look_at(Chunk::Line& line, Chunk& chunk);
  void take_id(Chunk::Line& line, Chunk& chunk, const Evaluator::Result& id);
  Timestamp date_of(const Evaluator::Result& result) const;
  void take_event(Chunk::Line& line, Chunk& chunk);

  Shape shape_;
  bool are_text_;
  std::optional<Evaluator> each_;
  bool has_id_;
  bool has_date_;
  bool are_events_;
  DateReading reading_;
  Evaluator evaluator_;
  const char* evaluating_ = "";
};

}  // namespace flashflood::cli
