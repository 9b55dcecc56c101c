// What lies in a bucket of the original FlashFlood: its journals, and its updates and deletes that
// are not applied yet.
//
// Threads: list_bucket() makes its listings on several threads; a Bucket that does not change any
// more may be read by any number.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "flashflood/reports.h"
#include "original/manifest.h"
#include "original/names.h"
#include "original/problems.h"
#include "store/object_store.h"

namespace flashflood::original {

// A journal without a tombstone.
struct Journal {
  std::string name;
  std::optional<Timestamp> version{};  // nothing: "new"
  std::uint64_t manifest_bytes = 0;
  std::uint64_t blob_bytes = 0;

  std::string manifest_key() const;
  std::string blob_key() const;
};

// An update or delete without a tombstone.
struct Marker {
  MarkerName name;
  std::uint64_t data_bytes = 0;
  std::string key{};
};

struct Bucket {
  std::vector<Journal> journals;  // in order of their names, that is of their first dates
  std::vector<Marker> markers;
  std::uint64_t tombstones = 0;                   // of journals
  std::uint64_t applied_markers = 0;              // with a tombstone
  std::uint64_t unnamed_blobs = 0;                // that no manifest names
  std::vector<std::string> unnamed_blob_names{};  // the first few
};

// Lists all of it. Journals without their blob, and names that cannot be read, go to `problems`,
// the journals not to the result. NotAFlood when there is nothing of the original's at all.
Bucket list_bucket(ObjectStore& store, Executor& io, std::size_t names_max, Problems& problems);

// The manifest of a journal. CorruptData, with the reason alone, when it is gone or broken.
Manifest read_manifest(ObjectStore& store, const Journal& journal);

// Whether the key index names the event.
bool is_indexed(ObjectStore& store, std::string_view event);

}  // namespace flashflood::original
