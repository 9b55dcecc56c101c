// Any bytes as each kind of stored object: it is decoded, or there is an error of its class. Under
// libFuzzer checksums are always right (base/hash.cc), so that it gets behind them.

#include <functional>

#include "flashflood/error.h"
#include "format/catalog.h"
#include "format/index_run.h"
#include "format/journal.h"
#include "format/settings.h"
#include "fuzz/target.h"

namespace flashflood::format {
namespace {

constexpr std::string_view name = "an/object";

// Touches every byte of an entry.
std::size_t weigh(const EntryView& entry) {
  std::size_t sum = static_cast<std::size_t>(entry.kind) + static_cast<std::size_t>(entry.order);
  for (char c : entry.id) sum += static_cast<unsigned char>(c);
  for (char c : entry.data) sum += static_cast<unsigned char>(c);
  return sum;
}

std::size_t read_block(const Block& block) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) sum += weigh(block.entry(i));
  return sum;
}

void read_journal(BytesView object) {
  auto tail = parse_journal_tail(object, object.size(), name);
  for (const BlockInfo& info : tail->blocks()) {
    auto block = decode_block(object.substr(info.offset, info.stored_bytes), info, name);
    fuzz::require(read_block(*block) != 0, "entries have ids");
    if (!tail->has_id_table()) continue;
    for (std::uint64_t row : tail->rows_of(block->id(0))) {
      fuzz::require(tail->place(row).block < tail->blocks().size(), "rows have their place");
    }
  }
}

void read_index(BytesView object) {
  auto tail = parse_index_tail(object, object.size(), name);
  for (std::size_t page = 0; page < tail->pages(); ++page) {
    std::uint64_t offset = index_page_offset(page);
    fuzz::require(offset + index_page_bytes <= object.size(), "pages lie in the object");
    for (const IndexEntry& entry :
         decode_index_page(object.substr(offset, index_page_bytes), page, name)) {
      tail->may_hold(entry.id);
      tail->pages_of(entry.id);
    }
  }
}

const std::function<void(BytesView)> readers[] = {
    [](BytesView object) { read_block(*decode_block(object, name)); },
    read_journal,
    [](BytesView object) { weigh(decode_single(object, name).entry.view()); },
    [](BytesView object) { decode_catalog(object, name); },
    [](BytesView object) { decode_catalog_page(object, name); },
    read_index,
    [](BytesView object) { decode_settings(object, name); },
    [](BytesView object) { decode_lease(object, name); },
    [](BytesView object) { decode_import_mark(object, name); },
};

}  // namespace
}  // namespace flashflood::format

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& read : flashflood::format::readers) {
    try {
      read(flashflood::fuzz::text_of(data, size));
    } catch (const flashflood::CorruptData&) {
    } catch (const flashflood::UnsupportedFormat&) {
    } catch (const flashflood::NotAFlood&) {
    }
  }
  return 0;
}
