#include "engine/read/merge_entries.h"

#include <deque>

#include "base/stop.h"
#include "base/task_group.h"

namespace flashflood::engine {

void for_each_entry(const Context& context, Merge& merge,
                    const std::function<void(const format::EntryView&)>& entry) {
  struct Opening {
    Piece piece;
    std::future<void> opened;
  };
  std::deque<std::unique_ptr<Opening>> ahead;
  TaskGroup opening;  // refers to what lies ahead
  const std::size_t depth = context.env.compute->width() + 1;
  bool more = true;
  for (;;) {
    throw_if_stopped();
    while (more && ahead.size() < depth) {
      auto piece = merge.next();
      if (!piece) {
        more = false;
        break;
      }
      ahead.push_back(std::make_unique<Opening>());
      ahead.back()->piece = std::move(*piece);
      ahead.back()->opened = opening.start(
          *context.env.compute, [piece_ahead = &ahead.back()->piece] { piece_ahead->open(); });
    }
    if (ahead.empty()) return;
    ahead.front()->opened.get();
    const Piece& piece = ahead.front()->piece;
    for (std::size_t i = 0; i < piece.size(); ++i) entry(piece.entry(i));
    ahead.pop_front();
  }
}

}  // namespace flashflood::engine
