// Reads the data of the events that an import records, in the order of the source, window by
// window.
//
// Memory: a window is about 16 MiB of data, or one event; and a window of manifests.
//
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/import/import_plan.h"
#include "original/bucket.h"
#include "store/object_store.h"

namespace flashflood::engine {

// Consecutive events of one journal, or one event with the data of an update.
struct ImportUnit {
  std::size_t journal = 0;
  ManifestPtr manifest{};
  std::vector<std::size_t> rows{};
  std::uint64_t offset = 0;  // of `data` in the blob
  std::uint64_t length = 0;
  std::optional<std::size_t> update{};  // the marker that the data comes from
  std::optional<Bytes> data{};          // none: it cannot be read

  // The data of one of its rows; nothing when it is not there.
  std::optional<BytesView> data_of(const original::ManifestRow& row) const;
};

struct ImportWindow {
  std::vector<ImportUnit> units{};
  std::vector<std::size_t> finished{};  // journals of which this is the last
};

class ImportFeed {
 public:
  // Of these journals, in this order.
  ImportFeed(ObjectStore& store, Executor& io, ManifestReader& reader,
             const original::Bucket& bucket, const ImportPlan& plan,
             std::vector<std::size_t> journals)
      : store_(store),
        io_(io),
        reader_(reader),
        bucket_(bucket),
        plan_(plan),
        journals_(std::move(journals)),
        rest_(journals_) {}

  // Empty at the end.
  ImportWindow next();

 private:
  bool next_manifest();
  void add_rows(ImportWindow& window, std::uint64_t& bytes);
  void fetch(ImportUnit& unit);

  ObjectStore& store_;
  Executor& io_;
  ManifestReader& reader_;
  const original::Bucket& bucket_;
  const ImportPlan& plan_;
  const std::vector<std::size_t> journals_;
  std::span<const std::size_t> rest_;           // not read yet
  std::deque<ManifestReader::Item> manifests_;  // read; the first is being taken apart
  std::size_t row_ = 0;                         // of the first, the next one
};

}  // namespace flashflood::engine
