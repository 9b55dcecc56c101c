#include "engine/read/merge.h"

#include <algorithm>
#include <utility>

#include "base/task_group.h"
#include "engine/state/rank.h"

namespace flashflood::engine {

using format::EntryView;

namespace {
constexpr std::size_t merged_entries_max = 2048;
}  // namespace

void Piece::open() {
  if (!loader_) return;
  block_ = loader_();
  loader_ = nullptr;
  if (block_) held_.push_back(block_);
}

// One run, and how far it was read.
struct Merge::Cursor {
  std::unique_ptr<Run> run;
  std::size_t next = 0;         // the block it stands in, or before
  std::size_t position = 0;     // in that block
  BlockPtr block;               // decoded, or nothing yet
  std::future<BlockPtr> ahead;  // the block after it, being decoded
  TaskGroup decoding;           // refers to the run's context

  bool finished() const { return next == run->size(); }
  Timestamp date() const { return block ? block->date(position) : run->block(next).first; }
  Timestamp block_end() const { return run->block(next).last; }
  EntryView entry() const {
    EntryView entry = block->entry(position);
    if (run->arrival != 0 && entry.entry_class == format::EntryClass::bulk)
      entry.order = run->arrival;
    return entry;
  }
  // Decodes the block it stands before, and begins with the one after it. A run that is to be
  // skipped is finished.
  void load(const Context& context) {
    if (block) return;
    block = ahead.valid() ? ahead.get() : run->loader(next)();
    if (!block) {
      next = run->size();
      return;
    }
    if (next + 1 < run->size()) {
      auto result = std::make_shared<std::promise<BlockPtr>>();
      ahead = result->get_future();
      decoding.start(*context.env.compute, [result, loader = run->loader(next + 1)] {
        try {
          result->set_value(loader());
        } catch (...) {
          result->set_exception(std::current_exception());
        }
      });
    }
  }
  // True when it stepped out of its block.
  bool advance() {
    if (++position < block->size()) return false;
    ++next;
    position = 0;
    block = nullptr;
    return true;
  }
};

Merge::Merge(const Context& context, std::vector<std::unique_ptr<Run>> runs,
             std::unique_ptr<RunQueue> later)
    : context_(context), later_(std::move(later)) {
  for (auto& run : runs) add(std::move(run));
}

Merge::~Merge() = default;

void Merge::add(std::unique_ptr<Run> run) {
  if (run->size() == 0) return;
  auto cursor = std::make_unique<Cursor>();
  cursor->run = std::move(run);
  cursors_.push_back(std::move(cursor));
}

// Opens the runs that may hold an entry before the end of the first cursor's block.
void Merge::take_later_runs() {
  while (later_) {
    auto from = later_->next_from();
    if (!from) {
      later_.reset();
      return;
    }
    if (!cursors_.empty()) {
      auto first = std::min_element(cursors_.begin(), cursors_.end(),
                                    [](auto& a, auto& b) { return a->date() < b->date(); });
      if (*from > (*first)->block_end()) return;
    }
    add(later_->take());
  }
}

void Merge::drop_finished() {
  std::erase_if(cursors_, [](const auto& cursor) { return cursor->finished(); });
}

// What is merged now comes before what is to come.
void Merge::read_ahead() {
  if (later_ && std::none_of(cursors_.begin(), cursors_.end(),
                             [](auto& cursor) { return cursor->run->wants_more(); }))
    later_->read_ahead();
}

std::optional<Piece> Merge::next() {
  auto piece = next_piece();
  read_ahead();
  return piece;
}

std::optional<Piece> Merge::next_piece() {
  for (;;) {
    take_later_runs();
    if (cursors_.empty()) return std::nullopt;
    Cursor* first = cursors_[0].get();
    Cursor* second = nullptr;
    for (std::size_t i = 1; i < cursors_.size(); ++i) {
      Cursor* cursor = cursors_[i].get();
      if (cursor->date() < first->date()) {
        second = first;
        first = cursor;
      } else if (!second || cursor->date() < second->date()) {
        second = cursor;
      }
    }
    if (!second || first->block_end() < second->date()) {
      if (auto slice = next_slice(*first)) return slice;
    } else {
      Piece piece = merge_some();
      if (piece.count() > 0) return piece;
    }
  }
}

// The rest of the cursor's block, which no other run overlaps.
std::optional<Piece> Merge::next_slice(Cursor& cursor) {
  Piece piece;
  const auto& info = cursor.run->block(cursor.next);
  piece.begin_ = cursor.position;
  piece.count_ = info.count - cursor.position;
  piece.memory_bytes_ = info.raw_bytes;
  piece.arrival_ = cursor.run->arrival;
  if (cursor.block) {
    piece.block_ = cursor.block;
    piece.held_.push_back(cursor.block);
  } else if (cursor.ahead.valid()) {
    piece.block_ = cursor.ahead.get();
    if (piece.block_) piece.held_.push_back(piece.block_);
    if (!piece.block_) cursor.next = cursor.run->size() - 1;
  } else {
    piece.loader_ = cursor.run->loader(cursor.next);
  }
  cursor.block = nullptr;
  cursor.position = 0;
  ++cursor.next;
  bool skipped = !piece.block_ && !piece.loader_;
  drop_finished();
  if (skipped) return std::nullopt;
  return piece;
}

// Merges entries of the runs that overlap, until a block ends or a piece is full.
Piece Merge::merge_some() {
  // All runs whose next entry may come before the end of the first one's block.
  auto by_date = [](const auto& a, const auto& b) { return a->date() < b->date(); };
  std::sort(cursors_.begin(), cursors_.end(), by_date);
  Timestamp bound = cursors_[0]->block_end();
  std::vector<Cursor*> active;
  for (auto& cursor : cursors_) {
    if (cursor->date() > bound) break;
    cursor->load(context_);
    if (!cursor->finished()) active.push_back(cursor.get());
  }
  Piece piece;
  // A heap with the least (date, id) on top; ties show the sealed entry first.
  auto later = [](const Cursor* a, const Cursor* b) {
    Timestamp date_a = a->block->date(a->position), date_b = b->block->date(b->position);
    if (date_a != date_b) return date_a > date_b;
    int ids = a->block->id(a->position).compare(b->block->id(b->position));
    if (ids != 0) return ids > 0;
    return a->run->sealed < b->run->sealed;
  };
  for (Cursor* cursor : active) {
    piece.held_.push_back(cursor->block);
    piece.memory_bytes_ += cursor->run->block(cursor->next).raw_bytes;
  }
  std::make_heap(active.begin(), active.end(), later);
  bool block_ended = false;
  while (!active.empty() && !block_ended && piece.entries_.size() < merged_entries_max) {
    EntryView best = active.front()->entry();
    if (best.date > bound) break;
    // Everything at this (date, id), in any run.
    const Run* best_run = nullptr;
    while (!active.empty()) {
      Cursor* cursor = active.front();
      EntryView entry = cursor->entry();
      if (entry.date != best.date || entry.id != best.id) break;
      const Run* run = cursor->run.get();
      const Run* loser = run;
      if (!best_run) {
        best_run = run;
      } else if (compare_entries(entry, best) > 0) {
        best = entry;
        loser = std::exchange(best_run, run);
      }
      if (outranked_ && loser != best_run) outranked_(*loser, *best_run);
      std::pop_heap(active.begin(), active.end(), later);
      if (cursor->advance()) {
        block_ended = true;
        active.pop_back();
      } else {
        std::push_heap(active.begin(), active.end(), later);
      }
    }
    piece.entries_.push_back(best);
  }
  piece.count_ = piece.entries_.size();
  drop_finished();
  return piece;
}

}  // namespace flashflood::engine
