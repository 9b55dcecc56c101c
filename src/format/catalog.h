// Catalogs: one version of the list of what is sealed. A root object, and pages when it is long.
//
// Threads: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/entry.h"
#include "format/journal_posts.h"
#include "format/keys.h"

namespace flashflood::format {

// A sealed journal, as the catalog knows it.
struct SealedJournal {
  Timestamp from{};  // date of the first entry
  Timestamp to{};    // date of the last entry
  OutputName name;
  std::uint64_t entries = 0;
  std::uint64_t dead_entries = 0;  // of these tombstones and markers
  std::uint64_t raw_bytes = 0;     // sum of ids and data
  std::uint64_t object_bytes = 0;  // of the object
  JournalPosts posts{};            // none where a program wrote it that knew none

  std::string key() const { return sealed_key(from, to, name); }
  SealedJournal without_posts() const {
    return {from, to, name, entries, dead_entries, raw_bytes, object_bytes};
  }
  bool operator==(const SealedJournal&) const = default;
};
// The order of journals in pages: (from, to, name).
bool operator<(const SealedJournal& a, const SealedJournal& b);
// What a list of them takes in memory.
std::size_t memory_bytes(const std::vector<SealedJournal>& journals);

// A page: an immutable object below catalog/ that lists journals in order.
struct CatalogPage {
  std::vector<SealedJournal> journals;
};

struct PageRef {
  OutputName name;
  Timestamp from{};         // least `from` of its journals
  Timestamp to{};           // greatest `to`
  std::uint64_t count = 0;  // journals
  std::uint64_t entries = 0;
  std::uint64_t dead_entries = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t object_bytes = 0;  // sum over its journals
  bool operator==(const PageRef&) const = default;
};

// A part of a run: one object below index/ that holds the entries of a range of hashes.
struct IndexPart {
  OutputName name;
  IdHash first;  // the least and the greatest hash in it
  IdHash last;
  std::uint64_t entries = 0;
  std::uint64_t object_bytes = 0;
  bool operator==(const IndexPart&) const = default;
};
// A run: parts in order of their disjoint ranges.
struct IndexRun {
  std::vector<IndexPart> parts;
  std::uint64_t entries() const;
  bool operator==(const IndexRun&) const = default;
};

// An object that a commit took out of the flood.
struct Retired {
  std::string key;           // below the flood's prefix
  std::uint64_t number = 0;  // of the catalog that retired it
  bool operator==(const Retired&) const = default;
};

struct Catalog {
  std::uint64_t number = 0;
  std::uint64_t fence = 0;
  std::uint64_t swept = 0;
  Token token;  // of the attempt that wrote it
  // The store's clock when it was written, where the store is a folder: see StoreTime.
  std::string boot_id;
  std::int64_t boot_clock_ns = 0;
  // A copy of flashflood.json, so that whoever reads the catalog need not ask for it. Empty where a
  // program wrote it that knew no such copy.
  Bytes settings;
  std::vector<SealedJournal> journals;  // in order; empty when there are pages
  std::vector<PageRef> pages;           // in order of from
  std::vector<IndexRun> index;   // newest last; of two entries of one id the newer run's counts
  std::vector<Retired> retired;  // in order of key

  bool operator==(const Catalog&) const = default;
};

// Throw InvalidArgument for what the decoders would refuse: lists out of order, a watermark or the
// number of a retired key above the catalog's own number, both journals and pages, an empty run, a
// journal without entries.
Bytes encode_catalog(const Catalog& catalog);
Bytes encode_catalog_page(const CatalogPage& page);
// Everything is checked: checksums, order, bounds. Throws CorruptData that begins with `name`;
// UnsupportedFormat for a newer version.
Catalog decode_catalog(BytesView object, std::string_view name);
CatalogPage decode_catalog_page(BytesView object, std::string_view name);

}  // namespace flashflood::format
