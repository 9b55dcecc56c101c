#include "engine/state/cut_blocks.h"

#include <cstddef>

namespace flashflood::engine {

using format::EntryView;

void for_each_block(const Context& context, std::span<const EntryView> entries,
                    const std::function<void(std::span<const EntryView>)>& block) {
  std::size_t begin = 0, bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::size_t size = entries[i].id.size() + entries[i].data.size();
    if (i > begin && bytes + size > context.block_bytes) {
      block(entries.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (begin < entries.size()) block(entries.subspan(begin));
}

}  // namespace flashflood::engine
