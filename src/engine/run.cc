#include "engine/run.h"

#include <algorithm>

#include "engine/encode.h"

namespace flashflood::engine {

using format::BlockInfo;
using format::EntryView;

JournalRun::JournalRun(const Context& context, Source source, std::optional<Timestamp> from,
                       std::optional<Timestamp> to, std::size_t window_bytes)
    : context_(context), source_(std::move(source)), window_bytes_(window_bytes) {
  const auto& blocks = source_.tail->blocks();
  auto first = std::partition_point(blocks.begin(), blocks.end(), [&](const BlockInfo& block) {
    return from && block.last <= *from;
  });
  auto end = std::partition_point(
      first, blocks.end(), [&](const BlockInfo& block) { return !to || block.first <= *to; });
  first_ = static_cast<std::size_t>(first - blocks.begin());
  end_ = static_cast<std::size_t>(end - blocks.begin());
  blocks_.assign(first, end);
}

JournalRun::~JournalRun() {
  for (const WindowRead* window : {&current_, &ahead_})
    if (window->bytes.valid()) window->bytes.wait();
}

JournalRun::WindowRead JournalRun::read_window(std::size_t first) const {
  const auto& blocks = source_.tail->blocks();
  WindowRead window{first, first + 1, {}};
  std::uint64_t bytes = blocks[first].stored_bytes;
  while (window.end < end_ && bytes + blocks[window.end].stored_bytes <= window_bytes_)
    bytes += blocks[window.end++].stored_bytes;
  auto result = std::make_shared<std::promise<Window>>();
  window.bytes = result->get_future().share();
  ByteRange range = blocks_range(*source_.tail, window.first, window.end - 1);
  if (source_.whole) {
    result->set_value(
        std::make_shared<const Bytes>(source_.whole->substr(range.offset, range.length)));
    return window;
  }
  context_.env.io->submit([result, &context = context_, key = source_.key, range,
                           catalog = source_.catalog, optional = source_.may_be_missing] {
    try {
      if (optional) {
        auto part = fetch(context, key, range);
        result->set_value(part ? std::make_shared<const Bytes>(std::move(*part)) : nullptr);
      } else {
        result->set_value(std::make_shared<const Bytes>(fetch_named(context, catalog, key, range)));
      }
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
  return [tail = source_.tail, key = source_.key, window = current_.bytes, first = current_.first,
          block]() -> BlockPtr {
    Window bytes = window.get();
    if (!bytes) return nullptr;
    return format::decode_block(stored_block(*bytes, *tail, first, block), tail->blocks()[block],
                                key);
  };
}

MemoryRun::MemoryRun(const Context& context, std::span<const EntryView> entries) {
  for_each_block(context, entries, [&](std::span<const EntryView> rows) {
    auto encoded = format::encode_block(rows, {format::Codec::lz4, 1});
    blocks_.push_back(encoded.info);
    stored_.push_back(std::make_shared<const Bytes>(std::move(encoded.stored)));
  });
}

Run::Loader MemoryRun::loader(std::size_t i) {
  return
      [stored = stored_[i]] { return format::decode_block(*stored, "a pending event in memory"); };
}

}  // namespace flashflood::engine
