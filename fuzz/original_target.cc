// Any bytes as a name or a manifest of the original FlashFlood: what is read says only what is
// there.

#include "flashflood/error.h"
#include "fuzz/target.h"
#include "original/manifest.h"
#include "original/names.h"

using flashflood::fuzz::require;
namespace original = flashflood::original;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flashflood::fuzz::text_of(data, size);
  original::parse_journal_name(text);
  if (const auto marker = original::parse_marker_name(text)) {
    require(original::parse_journal_name(marker->journal).has_value(), "a marker names a journal");
    require(marker->event.size() < size, "an id is a part of the name");
  }
  constexpr std::uint64_t blob_bytes = 1000;
  try {
    const original::Manifest manifest = original::parse_manifest(text, blob_bytes);
    std::uint64_t end = 0;
    for (const original::ManifestRow& row : manifest.rows) {
      if (row.fault != nullptr) continue;
      require(row.offset >= end && row.offset + row.size <= blob_bytes, "no data is used twice");
      require(!manifest.id(row).empty(), "an event has an id");
      end = row.offset + row.size;
    }
  } catch (const flashflood::CorruptData&) {
  }
  return 0;
}
