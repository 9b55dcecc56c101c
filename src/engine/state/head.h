// The head: one listing that tells the whole state of the flood.
//
// Threads: plain values and pure functions, but for the store requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/context.h"
#include "format/catalog.h"

namespace flashflood::engine {

struct CatalogStamp {
  std::uint64_t number = 0;
  StoreTimestamp modified{};
  std::string etag;
};

// A pending journal of a single operation, as listed.
struct PendingSingle {
  std::string key;
  format::SingleKey name;
  std::uint64_t size = 0;
  std::string etag;
};

// A pending journal of a recorder, as listed.
struct PendingBulk {
  std::string key;
  format::BulkKey name;
  std::uint64_t size = 0;
  std::string etag;
  std::uint64_t arrival = 0;  // nanoseconds since 1970 on the store's clock
};

struct Head {
  std::chrono::nanoseconds began{};                // steady clock, before the listing
  std::vector<CatalogStamp> catalogs;              // newest first; empty before the first commit
  std::shared_ptr<const format::Catalog> catalog;  // the newest one; number 0 is the empty flood
  // Pending: listed, and not retired by the catalog. In order of key.
  std::vector<PendingSingle> singles;
  std::vector<PendingBulk> bulks;
  // Retired names that are still listed, in order.
  std::vector<std::string> lingering;

  // The pending single operations of one id, by revision.
  std::span<const PendingSingle> singles_of(const IdHash& id) const;
};

struct FirstHead {
  std::optional<Head> head;
};

// Lists the head and loads the newest catalog (from the cache when it is known). Begins again when
// that took longer than half the patience: a longer listing is no cut through the flood.
Head load_head(const Context& context);

// The same as far as a look-up of one id needs it: of the catalogs perhaps the newest alone, of the
// pending single operations perhaps those of the id alone, and nothing that lingers. At most three
// listings however much is pending, but for recorders' journals that do not fit into one.
Head load_head_of(const Context& context, const IdHash& id);

// The line with which a catalog retires an object; nothing when it does not.
const format::Retired* find_retired(const format::Catalog& catalog, const std::string& key);

// The newest catalog alone: after a lost race for a number, and after a commit.
struct NewestCatalog {
  std::uint64_t number = 0;
  std::shared_ptr<const format::Catalog> catalog;
};
NewestCatalog load_newest_catalog(const Context& context);

// A catalog that is known to exist; nothing when it was collected.
std::shared_ptr<const format::Catalog> load_catalog(const Context& context,
                                                    const CatalogStamp& stamp);

// Throws SnapshotExpired if the fence has passed the catalog `number`, so that what its snapshot
// names, such as `key`, may be gone.
void check_not_expired(const Context& context, std::uint64_t number, std::string_view key);

// A range of an object that the snapshot of catalog `number` names. When it is missing, throws
// SnapshotExpired if the fence has passed that catalog, and CorruptData otherwise.
Bytes fetch_named(const Context& context, std::uint64_t number, std::string_view key,
                  ByteRange range = ByteRange::whole());

// How much of a reader's or writer's time span has passed since `began`.
inline std::chrono::nanoseconds elapsed_since(const Context& context,
                                              std::chrono::nanoseconds began) {
  return context.steady_now() - began;
}

}  // namespace flashflood::engine
