#include "engine/read/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <utility>

#include "engine/state/cut_blocks.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::BlockInfo;
using format::EntryView;

void check_range(std::optional<Timestamp> from, std::optional<Timestamp> to) {
  if (from && to && *from > *to)
    throw InvalidArgument(
        fmt::format("the range is empty the wrong way round: from {} comes after to {}",
                    format_timestamp(*from), format_timestamp(*to)));
}

format::BlockRange blocks_in(const format::JournalTail& tail, const format::EventRange& range) {
  const auto& blocks = tail.blocks();
  const format::EventRange behind{range.after, {}};
  auto first = std::partition_point(blocks.begin(), blocks.end(), [&](const BlockInfo& block) {
    return !behind.overlaps(block.first, block.last);
  });
  auto end = std::partition_point(first, blocks.end(), [&](const BlockInfo& block) {
    return range.overlaps(block.first, block.last);
  });
  return {static_cast<std::uint64_t>(first - blocks.begin()),
          static_cast<std::uint64_t>(end - blocks.begin())};
}

// Neighbouring blocks, being read.
struct JournalRun::Window {
  std::size_t first = 0;  // block in the tail
  std::size_t end = 0;
  bool ahead = true;  // begun before it was needed
  ReadAhead::Room room{};
  std::promise<WindowBytes> result{};
  std::shared_future<WindowBytes> bytes = result.get_future().share();
  std::atomic<bool> waited_for{false};

  // Tells `reading_ahead` when it comes too late.
  WindowBytes get(ReadAhead* reading_ahead) {
    const bool here = bytes.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!here && ahead && reading_ahead && !waited_for.exchange(true))
      reading_ahead->came_too_late();
    return bytes.get();
  }
};

JournalRun::JournalRun(const Context& context, Source source, format::BlockRange blocks,
                       Reading reading)
    : context_(context),
      source_(std::make_shared<const Source>(std::move(source))),
      first_(blocks.first),
      end_(blocks.end),
      reading_(std::move(reading)),
      next_(first_) {
  const auto begin = source_->tail->blocks().begin();
  blocks_.assign(begin + static_cast<std::ptrdiff_t>(first_),
                 begin + static_cast<std::ptrdiff_t>(end_));
}

JournalRun::JournalRun(const Context& context, const Source& source, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, Reading reading)
    : JournalRun(context, source, blocks_in(*source.tail, format::event_range(from, to)),
                 std::move(reading)) {}

JournalRun::WindowBytes JournalRun::read_range(const Context& context, const Source& source,
                                               ByteRange range) {
  if (!source.may_be_missing)
    return std::make_shared<const Bytes>(fetch_named(context, source.catalog, source.key, range));
  auto part = fetch(context, source.key, range);
  // A twin may vanish at any time; what vanishes below the fence was no twin but the whole
  // snapshot.
  if (!part) check_not_expired(context, source.catalog, source.key);
  return part ? std::make_shared<const Bytes>(std::move(*part)) : nullptr;
}

void JournalRun::read_window(std::size_t end, ReadAhead::Room room) {
  auto window = std::make_shared<Window>();
  window->first = std::exchange(next_, end);
  window->end = end;
  window->room = std::move(room);
  windows_.push_back(window);
  const ByteRange range = blocks_range(*source_->tail, window->first, end - 1);
  try {
    reads_.start(*context_.env.io, [window, &context = context_, source = source_, range] {
      try {
        window->result.set_value(read_range(context, *source, range));
      } catch (...) {
        window->result.set_exception(std::current_exception());
      }
    });
  } catch (...) {  // else whoever waits for it would wait for ever
    window->result.set_exception(std::current_exception());
    throw;
  }
}

void JournalRun::read_ahead(std::size_t windows_min) {
  if (source_->whole) return;
  const auto& blocks = source_->tail->blocks();
  while (next_ < end_) {
    std::size_t end = next_ + 1;
    std::uint64_t bytes = blocks[next_].stored_bytes;
    while (end < end_ && bytes + blocks[end].stored_bytes <= reading_.window_bytes)
      bytes += blocks[end++].stored_bytes;
    ReadAhead::Room room;
    if (windows_.size() < windows_min) {
      if (reading_.ahead) room = reading_.ahead->take(bytes);
    } else {
      auto left = reading_.ahead ? reading_.ahead->reserve(bytes) : std::nullopt;
      if (!left) return;
      room = std::move(*left);
    }
    read_window(end, std::move(room));
  }
}

void JournalRun::begin() {
  if (!windows_.empty()) return;
  read_ahead(1);
  if (!windows_.empty()) windows_.front()->ahead = false;
}

Run::Loader JournalRun::loader(std::size_t i) {
  const std::size_t block = first_ + i;
  while (!windows_.empty() && windows_.front()->end <= block) windows_.pop_front();
  if (windows_.empty()) next_ = std::max(next_, block);
  begin();
  read_ahead(2);
  std::shared_ptr<Window> window = windows_.empty() ? nullptr : windows_.front();
  return [&context = context_, source = source_, ahead = reading_.ahead, window = std::move(window),
          block]() {
    const format::JournalTail& tail = *source->tail;
    const BlockInfo& info = tail.blocks()[block];
    const auto decode = [&](BytesView stored) {
      return format::decode_block(stored, info, source->key);
    };
    bool again = false;
    return read_intact(context, [&]() -> BlockPtr {
      if (std::exchange(again, true)) {  // the second time the block is read alone
        const WindowBytes bytes = read_range(context, *source, blocks_range(tail, block, block));
        return bytes ? decode(*bytes) : nullptr;
      }
      if (source->whole)
        return decode(BytesView(*source->whole).substr(info.offset, info.stored_bytes));
      const WindowBytes bytes = window->get(ahead.get());
      return bytes ? decode(stored_block(*bytes, tail, window->first, block)) : nullptr;
    });
  };
}

// Keeps the bytes that were read last.
class SparseRun::Reader {
 public:
  Reader(const Context& context, JournalRun::Source source, format::BlockRange blocks,
         std::size_t read_bytes_max)
      : context_(context), source_(std::move(source)), end_(blocks.end), most_(read_bytes_max) {}

  BlockPtr load(std::size_t block) {
    bool again = false;
    return read_intact(context_, [&]() -> BlockPtr {
      const Stored stored = std::exchange(again, true) ? read(block, block + 1) : find(block);
      if (!stored.bytes) return nullptr;
      const format::JournalTail& tail = *source_.tail;
      return format::decode_block(stored_block(*stored.bytes, tail, stored.first, block),
                                  tail.blocks()[block], source_.key);
    });
  }

 private:
  struct Stored {
    JournalRun::WindowBytes bytes{};
    std::size_t first = 0;  // block
  };

  Stored read(std::size_t first, std::size_t end) {
    return {JournalRun::read_range(context_, source_, blocks_range(*source_.tail, first, end - 1)),
            first};
  }

  Stored find(std::size_t block) {
    const std::lock_guard lock(mutex_);
    if (block >= last_.first && block < last_end_) return last_;
    const auto& blocks = source_.tail->blocks();
    const bool goes_on = last_end_ > 0 && block == last_end_;
    const std::uint64_t wanted = goes_on ? std::min<std::uint64_t>(2 * last_bytes_, most_) : 0;
    std::size_t end = block + 1;
    last_bytes_ = blocks[block].stored_bytes;
    while (end < end_ && last_bytes_ + blocks[end].stored_bytes <= wanted)
      last_bytes_ += blocks[end++].stored_bytes;
    last_end_ = 0;  // until it was read
    last_ = read(block, end);
    last_end_ = end;
    return last_;
  }

  const Context& context_;
  const JournalRun::Source source_;
  const std::size_t end_;
  const std::uint64_t most_;
  std::mutex mutex_;  // held while reading; guards what follows
  Stored last_{};
  std::size_t last_end_ = 0;  // block behind it; 0: there is none
  std::uint64_t last_bytes_ = 0;
};

SparseRun::SparseRun(const Context& context, JournalRun::Source source, format::BlockRange blocks,
                     std::size_t read_bytes_max) {
  const auto begin = source.tail->blocks().begin();
  blocks_.assign(begin + static_cast<std::ptrdiff_t>(blocks.first),
                 begin + static_cast<std::ptrdiff_t>(blocks.end));
  first_ = blocks.first;
  reader_ = std::make_shared<Reader>(context, std::move(source), blocks, read_bytes_max);
}

Run::Loader SparseRun::loader(std::size_t i) {
  return [reader = reader_, block = first_ + i] { return reader->load(block); };
}

MemoryRun::MemoryRun(const Context& context, std::span<const EntryView> entries) {
  for_each_block(context, entries, [&](std::span<const EntryView> rows) {
    auto encoded = format::encode_block(rows, {format::Codec::lz4, 1});
    blocks_.push_back(encoded.info);
    stored_.push_back(std::make_shared<const Bytes>(std::move(encoded.stored)));
  });
}

MemoryRun::MemoryRun(std::vector<Bytes> blocks, std::string_view name) {
  std::optional<std::pair<Timestamp, std::string>> before;
  for (Bytes& stored : blocks) {
    auto block = format::decode_block(stored, name);
    format::check_block_order(*block, name);
    const std::size_t last = block->size() - 1;
    if (before && std::pair(block->date(0), std::string(block->id(0))) <= *before)
      throw CorruptData(std::string(name) + ": its blocks are not in order");
    before.emplace(block->date(last), block->id(last));
    format::BlockInfo info;
    info.stored_bytes = static_cast<std::uint32_t>(stored.size());
    info.raw_bytes = static_cast<std::uint32_t>(block->memory_bytes());
    info.count = static_cast<std::uint32_t>(block->size());
    info.first = block->date(0);
    info.last = block->date(last);
    blocks_.push_back(info);
    stored_.push_back(std::make_shared<const Bytes>(std::move(stored)));
  }
}

Run::Loader MemoryRun::loader(std::size_t i) {
  return
      [stored = stored_[i]] { return format::decode_block(*stored, "a pending event in memory"); };
}

}  // namespace flashflood::engine
