#include "engine/run.h"

#include <algorithm>

#include "engine/encode.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::BlockInfo;
using format::EntryView;

format::BlockRange blocks_in(const format::JournalTail& tail, const format::Stretch& stretch) {
  const auto& blocks = tail.blocks();
  const format::Stretch behind{stretch.after, {}};
  auto first = std::partition_point(blocks.begin(), blocks.end(), [&](const BlockInfo& block) {
    return !behind.overlaps(block.first, block.last);
  });
  auto end = std::partition_point(first, blocks.end(), [&](const BlockInfo& block) {
    return stretch.overlaps(block.first, block.last);
  });
  return {static_cast<std::uint64_t>(first - blocks.begin()),
          static_cast<std::uint64_t>(end - blocks.begin())};
}

JournalRun::JournalRun(const Context& context, Source source, format::BlockRange blocks,
                       std::size_t window_bytes)
    : context_(context),
      source_(std::make_shared<const Source>(std::move(source))),
      first_(blocks.first),
      end_(blocks.end),
      window_bytes_(window_bytes) {
  const auto begin = source_->tail->blocks().begin();
  blocks_.assign(begin + static_cast<std::ptrdiff_t>(first_),
                 begin + static_cast<std::ptrdiff_t>(end_));
}

JournalRun::JournalRun(const Context& context, const Source& source, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, std::size_t window_bytes)
    : JournalRun(context, source, blocks_in(*source.tail, stretch_between(from, to)),
                 window_bytes) {}

JournalRun::~JournalRun() {
  for (const WindowRead* window : {&current_, &ahead_})
    if (window->bytes.valid()) window->bytes.wait();
}

JournalRun::Window JournalRun::read_range(const Context& context, const Source& source,
                                          ByteRange range) {
  if (!source.may_be_missing)
    return std::make_shared<const Bytes>(fetch_named(context, source.catalog, source.key, range));
  auto part = fetch(context, source.key, range);
  // A twin may vanish at any time; what vanishes below the fence was no twin but the whole
  // snapshot.
  if (!part) check_not_expired(context, source.catalog, source.key);
  return part ? std::make_shared<const Bytes>(std::move(*part)) : nullptr;
}

JournalRun::WindowRead JournalRun::read_window(std::size_t first) const {
  const auto& blocks = source_->tail->blocks();
  WindowRead window{first, first + 1, {}};
  std::uint64_t bytes = blocks[first].stored_bytes;
  while (window.end < end_ && bytes + blocks[window.end].stored_bytes <= window_bytes_)
    bytes += blocks[window.end++].stored_bytes;
  auto result = std::make_shared<std::promise<Window>>();
  window.bytes = result->get_future().share();
  ByteRange range = blocks_range(*source_->tail, window.first, window.end - 1);
  if (source_->whole) {
    result->set_value(
        std::make_shared<const Bytes>(source_->whole->substr(range.offset, range.length)));
    return window;
  }
  context_.env.io->submit([result, &context = context_, source = source_, range] {
    try {
      result->set_value(read_range(context, *source, range));
    } catch (...) {
      result->set_exception(std::current_exception());
    }
  });
  return window;
}

void JournalRun::prefetch() {
  if (first_ < end_ && !ahead_.bytes.valid()) ahead_ = read_window(first_);
}

Run::Loader JournalRun::loader(std::size_t i) {
  std::size_t block = first_ + i;
  if (block < current_.first || block >= current_.end) {
    bool have_ahead = block >= ahead_.first && block < ahead_.end;
    current_ = have_ahead ? ahead_ : read_window(block);
    ahead_ = {};
    if (current_.end < end_) ahead_ = read_window(current_.end);
  }
  return [&context = context_, source = source_, window = current_.bytes, first = current_.first,
          block]() {
    const format::JournalTail& tail = *source->tail;
    bool again = false;
    return read_intact(context, [&]() -> BlockPtr {
      // The second time the block is read alone.
      const std::size_t begin = again ? block : first;
      const Window bytes =
          again ? read_range(context, *source, blocks_range(tail, block, block)) : window.get();
      again = true;
      if (!bytes) return nullptr;
      return format::decode_block(stored_block(*bytes, tail, begin, block), tail.blocks()[block],
                                  source->key);
    });
  };
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
