#include "engine/read/run_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace flashflood::engine {

namespace {
constexpr std::size_t opening_max = 16;
// What is read of these fits into the least room that there is.
constexpr std::uint64_t small_bytes = 2 * ReadAhead::window_bytes;
}  // namespace

bool RunQueue::Opening::is_here() const {
  return !opened.valid() || opened.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void RunQueue::Opening::look() {
  if (!opened.valid()) return;
  try {
    run = opened.get();
  } catch (...) {
    problem = std::current_exception();  // for whoever takes it
  }
}

RunQueue::RunQueue(const Context& context, std::vector<format::SealedJournal> journals, Open open,
                   std::shared_ptr<ReadAhead> reading)
    : context_(context),
      journals_(std::move(journals)),
      open_(std::make_shared<const Open>(std::move(open))),
      reading_(std::move(reading)) {}

std::optional<Timestamp> RunQueue::next_from() const {
  const std::size_t next = next_ - opening_.size();
  if (next == journals_.size()) return std::nullopt;
  return journals_[next].from;
}

std::unique_ptr<Run> RunQueue::take() {
  if (!opening_.empty() && !opening_.front().is_here()) reading_->came_too_late();
  open_ahead(Large::wait);
  Opening opening = std::move(opening_.front());
  opening_.pop_front();
  opening.look();
  if (opening.problem) std::rethrow_exception(opening.problem);
  opening.run->begin();
  open_ahead(Large::wait);
  return std::move(opening.run);
}

void RunQueue::read_ahead() {
  for (Opening& opening : opening_) {
    if (!opening.is_here()) {
      if (opening.has_room) continue;
      return;
    }
    opening.look();
    if (!opening.run) return;
    opening.run->read_ahead();
    if (opening.run->wants_more()) return;
  }
  open_ahead(Large::open);
}

void RunQueue::open_ahead(Large large) {
  while (next_ < journals_.size() && opening_.size() < opening_max) {
    const std::uint64_t bytes = journals_[next_].object_bytes;
    const bool small = bytes <= small_bytes;
    std::optional<ReadAhead::Room> room;
    if (small || large == Large::open) room = reading_->reserve(std::min(bytes, small_bytes));
    if (!room && !opening_.empty()) return;
    open(room ? std::move(*room) : ReadAhead::Room(), room && small);
    if (!small) return;
  }
}

// `room` is kept until the run takes it.
void RunQueue::open(ReadAhead::Room room, bool has_room) {
  auto result = std::make_shared<std::promise<std::unique_ptr<Run>>>();
  opening_.push_back({result->get_future(), has_room});
  auto kept = std::make_shared<ReadAhead::Room>(std::move(room));
  opens_.start(*context_.env.io,
               [result, kept, has_room, open = open_, journal = journals_[next_++]] {
                 try {
                   auto run = (*open)(journal);
                   *kept = {};
                   if (has_room) run->read_ahead();
                   result->set_value(std::move(run));
                 } catch (...) {
                   result->set_exception(std::current_exception());
                 }
               });
}

}  // namespace flashflood::engine
