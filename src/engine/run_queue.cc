#include "engine/run_queue.h"

#include <algorithm>

namespace flashflood::engine {

namespace {
// Small journals are opened many at once, large ones one by one.
constexpr std::size_t opening_max = 16;
constexpr std::uint64_t opening_bytes_max = std::uint64_t{16} << 20;
}  // namespace

RunQueue::RunQueue(const Context& context, std::vector<format::SealedJournal> journals, Open open)
    : context_(context),
      journals_(std::move(journals)),
      open_(std::make_shared<const Open>(std::move(open))) {}

RunQueue::~RunQueue() {
  for (const Opening& opening : opening_) opening.run.wait();
}

std::optional<Timestamp> RunQueue::next_from() const {
  const std::size_t next = next_ - opening_.size();
  if (next == journals_.size()) return std::nullopt;
  return journals_[next].from;
}

std::unique_ptr<Run> RunQueue::take() {
  open_ahead();
  Opening opening = std::move(opening_.front());
  opening_.pop_front();
  opening_bytes_ -= opening.bytes;
  auto run = opening.run.get();
  open_ahead();
  return run;
}

void RunQueue::open_ahead() {
  while (next_ < journals_.size() && (opening_.empty() || (opening_.size() < opening_max &&
                                                           opening_bytes_ < opening_bytes_max))) {
    const format::SealedJournal& journal = journals_[next_++];
    auto result = std::make_shared<std::promise<std::unique_ptr<Run>>>();
    opening_.push_back({result->get_future(), journal.object_bytes});
    opening_bytes_ += journal.object_bytes;
    context_.env.io->submit([result, open = open_, journal] {
      try {
        result->set_value((*open)(journal));
      } catch (...) {
        result->set_exception(std::current_exception());
      }
    });
  }
}

}  // namespace flashflood::engine
