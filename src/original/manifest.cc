#include "original/manifest.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/text.h"
#include "flashflood/error.h"
#include "original/names.h"

namespace flashflood::original {
namespace {

using simdjson::SUCCESS;

const char* fault_of_id(std::string_view id) {
  if (id.empty()) return "the id is empty";
  if (id.size() > id_bytes_max) return "the id is longer than 1024 bytes";
  return is_valid_utf8(id) ? nullptr : "the id is not UTF-8";
}

const char* fault_of_place(const ManifestRow& row, std::uint64_t end_before,
                           std::uint64_t blob_bytes) {
  if (row.offset < end_before) return "its data overlaps that of the event before it";
  if (row.size > blob_bytes || row.offset > blob_bytes - row.size) {
    return "its data lies beyond the end of the blob";
  }
  return row.size > data_bytes_max ? "its data is longer than 64 MiB" : nullptr;
}

}  // namespace

std::uint64_t Manifest::data_bytes() const {
  std::uint64_t end = 0;
  for (const ManifestRow& row : rows) {
    if (row.size <= UINT64_MAX - row.offset) end = std::max(end, row.offset + row.size);
  }
  return end;
}

Manifest parse_manifest(BytesView json, std::uint64_t blob_bytes) {
  if (json.size() > manifest_bytes_max) {
    throw CorruptData("the manifest is longer than 256 MiB");
  }
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto error = parser.parse(json.data(), json.size()).get(document); error != SUCCESS) {
    throw CorruptData(fmt::format("the manifest is not JSON ({})", simdjson::error_message(error)));
  }
  simdjson::dom::array events;
  if (document["events"].get(events) != SUCCESS) {
    throw CorruptData("the manifest has no list of events");
  }
  Manifest manifest;
  manifest.rows.reserve(events.size());
  std::uint64_t end = 0;  // of the data of the rows so far
  for (const simdjson::dom::element event : events) {
    ManifestRow row;
    std::string_view id, date;
    row.id_begin = manifest.ids.size();
    if (event["event_id"].get(id) != SUCCESS || event["timestamp"].get(date) != SUCCESS ||
        event["offset"].get(row.offset) != SUCCESS || event["size"].get(row.size) != SUCCESS) {
      row.offset = row.size = 0;
      row.fault = "its entry in the manifest is no event";
      manifest.rows.push_back(row);
      continue;
    }
    row.id_bytes = id.size();
    manifest.ids += id;
    const auto parsed = parse_date(date);
    row.date = parsed.value_or(Timestamp{});
    row.fault = parsed ? fault_of_id(id) : "its date cannot be read";
    const char* const misplaced = fault_of_place(row, end, blob_bytes);
    if (row.fault == nullptr) row.fault = misplaced;
    if (misplaced == nullptr) end = row.offset + row.size;
    manifest.rows.push_back(row);
  }
  manifest.ids.shrink_to_fit();  // manifests are kept
  return manifest;
}

}  // namespace flashflood::original
