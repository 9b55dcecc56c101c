#include "engine/import/import_feed.h"

#include <algorithm>

#include "flashflood/error.h"

namespace flashflood::engine {

using original::ManifestRow;

namespace {

constexpr std::uint64_t window_bytes = std::uint64_t{16} << 20;
constexpr std::uint64_t unit_bytes = std::uint64_t{8} << 20;
constexpr std::size_t window_units = 256;
constexpr std::size_t requests_at_once = 32;

}  // namespace

std::optional<BytesView> ImportUnit::data_of(const ManifestRow& row) const {
  if (!data) return std::nullopt;
  if (update) return *data;
  const std::uint64_t begin = row.offset - offset;
  if (begin + row.size > data->size()) return std::nullopt;
  return BytesView(*data).substr(begin, row.size);
}

ImportWindow ImportFeed::next() {
  ImportWindow window;
  std::uint64_t bytes = 0;
  while (bytes < window_bytes && window.units.size() < window_units && next_manifest()) {
    add_rows(window, bytes);
    if (row_ < manifests_.front().manifest->rows.size()) continue;
    window.finished.push_back(manifests_.front().journal);
    manifests_.pop_front();
    row_ = 0;
  }
  parallel_for(io_, window.units.size(), requests_at_once,
               [&](std::size_t i) { fetch(window.units[i]); });
  return window;
}

// Whether there is a manifest at the front.
bool ImportFeed::next_manifest() {
  for (;;) {
    while (!manifests_.empty() && !manifests_.front().manifest) manifests_.pop_front();
    if (!manifests_.empty()) return true;
    if (rest_.empty()) return false;
    for (ManifestReader::Item& item : reader_.read_some(rest_)) {
      manifests_.push_back(std::move(item));
    }
  }
}

// Adds units of the journal at the front, until the window is full or the journal is at its end.
void ImportFeed::add_rows(ImportWindow& window, std::uint64_t& bytes) {
  const ManifestReader::Item& item = manifests_.front();
  const auto& rows = item.manifest->rows;
  bool may_join = false;  // the last unit is of this journal's blob
  for (; row_ < rows.size() && bytes < window_bytes; ++row_) {
    const ManifestRow& row = rows[row_];
    const ImportPlan::Change* const change = plan_.change_of(item.journal, row_);
    if (row.fault != nullptr || (change != nullptr && !change->update)) continue;
    if (change != nullptr) {
      const std::uint64_t length = bucket_.markers[*change->update].data_bytes;
      window.units.push_back(
          {item.journal, item.manifest, {row_}, 0, length, change->update, std::nullopt});
      bytes += length;
      may_join = false;
      continue;
    }
    if (may_join && row.offset + row.size - window.units.back().offset <= unit_bytes) {
      ImportUnit& unit = window.units.back();
      bytes += row.offset + row.size - unit.offset - unit.length;
      unit.length = row.offset + row.size - unit.offset;
      unit.rows.push_back(row_);
      continue;
    }
    if (window.units.size() >= window_units) return;
    window.units.push_back({item.journal, item.manifest, {row_}, row.offset, row.size, {}, {}});
    bytes += row.size;
    may_join = true;
  }
}

void ImportFeed::fetch(ImportUnit& unit) {
  const bool is_update = unit.update.has_value();
  if (!is_update && unit.length == 0) {
    unit.data.emplace();
    return;
  }
  const std::string key =
      is_update ? bucket_.markers[*unit.update].key : bucket_.journals[unit.journal].blob_key();
  const ByteRange range = is_update ? ByteRange::whole() : ByteRange::at(unit.offset, unit.length);
  try {
    auto part = store_.get(key, range);
    if (part) unit.data = std::move(part->bytes);
  } catch (const CorruptData&) {
    // As if it were not there: whoever records it says so.
  }
}

}  // namespace flashflood::engine
