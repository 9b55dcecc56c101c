// What the golden files hold, as literal values. Neither these nor the files are ever changed: a
// new version of a format gets files of its own, and the old ones must still be read.
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "format/catalog.h"
#include "format/index_run.h"
#include "format/journal.h"
#include "format/settings.h"
#include "format/split.h"

namespace flashflood::format::golden {

inline Timestamp date(std::int64_t microseconds) {
  return Timestamp{std::chrono::microseconds{microseconds}};
}

inline Entry entry(std::int64_t microseconds, std::string id, std::string data, EntryKind kind,
                   EntryClass entry_class, std::uint64_t order) {
  Entry made;
  made.date = date(microseconds);
  made.id = std::move(id);
  made.data = std::move(data);
  made.kind = kind;
  made.entry_class = entry_class;
  made.order = order;
  return made;
}

// single.bin
inline JournalProperties single_properties() {
  return {JournalOrigin::single, {"0123456789abcdef"}, 42, false};
}
inline Entry single_entry() {  // 2011-03-01T08:26:00Z
  return entry(1298967960000000, "order-536365", R"({"amount":3})", EntryKind::update,
               EntryClass::single, 2);
}

// journal-none.bin, journal-zstd.bin, journal-lz4.bin: the first two entries are one block, the
// others another.
inline JournalProperties journal_properties() {
  return {JournalOrigin::sealed, {"fedcba9876543210"}, 7, false};
}
inline std::vector<Entry> journal_entries() {
  return {
      entry(timestamp_min.time_since_epoch().count(), "first", std::string(300, 'f'),
            EntryKind::put, EntryClass::bulk, 1298967960123456789),
      entry(0, "epoch", "", EntryKind::remove, EntryClass::single, 3),
      entry(1298967960000000, "a", std::string(200, 'a') + std::string(200, 'b'), EntryKind::update,
            EntryClass::single, 9999999999),
      entry(1298967960000000, "b\xc3\xa4", std::string("\0\xff\n", 3), EntryKind::hidden,
            EntryClass::bulk, 5),
      entry(timestamp_max.time_since_epoch().count(), "last", "[]", EntryKind::put,
            EntryClass::single, 1),
  };
}
inline Bytes journal(Codec codec, bool with_id_table) {
  std::vector<Entry> entries = journal_entries();
  std::vector<EntryView> all;
  for (const Entry& one : entries) all.push_back(one.view());
  std::span<const EntryView> first(all.data(), 2);
  std::span<const EntryView> second(all.data() + 2, 3);
  JournalBuilder builder(journal_properties(), with_id_table);
  builder.add(encode_block(first, {.codec = codec}), first);
  builder.add(encode_block(second, {.codec = codec}), second);
  return builder.finish();
}

inline OutputName name(std::uint64_t epoch, std::string_view token) {
  return {epoch, {std::string(token)}};
}
inline IdHash hash(int first, int last) {
  IdHash made;
  made.bytes.front() = static_cast<unsigned char>(first);
  made.bytes.back() = static_cast<unsigned char>(last);
  return made;
}
inline std::vector<SealedJournal> sealed_journals() {
  return {{date(1298967960000000), date(1299000000000000), name(41, "journal-token-00"), 1000, 3,
           250000, 31000},
          {date(1298967960000000), date(1299000000000001), name(40, "journal-token-01"), 2, 2, 10,
           500}};
}

// catalog.bin
inline Catalog catalog() {
  Catalog made;
  made.number = 43;
  made.fence = 40;
  made.swept = 41;
  made.token = {"catalog-token-00"};
  made.boot_id = "boot-1";
  made.boot_clock_ns = 1234567890123;
  made.journals = {sealed_journals().front()};
  made.index = {{{{name(41, "index-part-token"), hash(0x10, 1), hash(0xf0, 2), 1000, 58216}}}};
  made.retired = {{"head/e-old", 42}, {"journals/old", 43}};
  return made;
}

// catalog-pages.bin
inline Catalog catalog_with_pages() {
  Catalog made;
  made.number = 44;
  made.token = {"catalog-token-01"};
  made.pages = {{name(44, "page-token-00000"), date(-5), date(9), 2, 1002, 5, 250010, 31500},
                {name(44, "page-token-00001"), date(6), date(7), 1, 1, 0, 1, 500}};
  made.index = {
      {{{name(1, "index-token-0000"), hash(0, 1), hash(9, 9), 10, 17000},
        {name(1, "index-token-0001"), hash(10, 0), hash(255, 255), 11, 17000}}},
      {{{name(2, "index-token-0002"), hash(5, 5), hash(5, 5), 1, 16700}}},
  };
  return made;
}

// catalog-zstd.bin
inline Catalog long_catalog() {
  Catalog made;
  made.number = 1000;
  made.token = {"catalog-token-02"};
  made.journals = sealed_journals();
  for (int i = 0; i < 100; ++i) {
    made.retired.push_back({"head/e-" + std::to_string(1000000 + i * 7) + std::string(50, 'x'),
                            static_cast<std::uint64_t>(900 + i)});
  }
  return made;
}

// flashflood.json
inline FloodSettings settings() {
  return {"00112233445566778899aabbccddeeff", std::chrono::seconds(3600),
          std::chrono::seconds(600)};
}

// catalog-posts.bin: with the optional sections.
inline Catalog catalog_with_posts() {
  Catalog made;
  made.number = 45;
  made.token = {"catalog-token-03"};
  made.settings = encode_settings(settings());
  made.journals = sealed_journals();
  made.journals.front().posts = {{{date(1298967960000000), 24}, {date(1298990000000000), 16000}},
                                 30500};
  return made;
}

// page-posts.bin
inline CatalogPage page_with_posts() { return {catalog_with_posts().journals}; }

// page.bin
inline CatalogPage page() { return {sealed_journals()}; }

// index.bin: hashes that differ in every byte, so that the filter is seen, too.
inline IdHash mixed_hash(int first, int seed) {
  IdHash made;
  for (std::size_t i = 0; i < made.bytes.size(); ++i) {
    made.bytes[i] = static_cast<unsigned char>(first + seed * static_cast<int>(i * i));
  }
  return made;
}
inline std::vector<IndexEntry> index_entries() {
  return {{mixed_hash(0, 1), date(0), EntryKind::put, EntryClass::bulk, 1298967960123456789},
          {mixed_hash(0, 29), timestamp_min, EntryKind::remove, EntryClass::single, 9999999999},
          {mixed_hash(7, 53), date(1298967960000000), EntryKind::update, EntryClass::single, 2},
          {mixed_hash(255, 77), timestamp_max, EntryKind::hidden, EntryClass::bulk, 0}};
}
inline Bytes index_part() {
  IndexPartBuilder builder;
  for (const IndexEntry& one : index_entries()) builder.add(one);
  return builder.finish();
}

// lease.json
inline Lease lease() {
  return {43, std::chrono::seconds(1800), {"lease-token-0000"}, "boot-1", 1234567890123};
}

// import.json
inline ImportMark import_mark() { return {{hash(1, 2), mixed_hash(7, 53)}}; }

// split.json, split-presigned.json
inline Split split() {
  Split made;
  made.flood_id = "00112233445566778899aabbccddeeff";
  made.store = "s3://bucket/flood";
  made.catalog = 43;
  made.fence = 40;
  made.number = 2;
  made.count = 3;
  made.range.after = EventPosition{date(1298967960000000), "order-\"536365\"\n"};
  made.range.upto = EventPosition{date(1299000000000000), std::nullopt};
  made.where = "amount > `3`";
  made.query = "amount";
  made.strict = true;
  made.entries = 7001;
  made.stored_bytes = 524288;
  made.lease = output_key(leases_prefix, {43, {"lease-token-0000"}});
  made.made = date(1700000000000000);
  made.expires = date(1700086400000000);
  SplitJournal pending;
  pending.key = bulk_key({42, {"recorder-token-0"}, 7});
  pending.object_bytes = 20000;
  pending.entries = 1000;
  pending.arrival = 1699999999123456789;
  SplitJournal sealed;
  sealed.key =
      sealed_key(date(1298900000000000), date(1299000000000000), {41, {"output-token-000"}});
  sealed.object_bytes = 9000000;
  sealed.entries = 100000;
  sealed.blocks = BlockRange{3, 5};
  made.journals = {pending, sealed};
  Entry single =
      entry(1298970000000000, "late", R"({"amount":4})", EntryKind::put, EntryClass::single, 1);
  made.pending = {encode_block(std::vector{single.view()}, {Codec::none, 1}).stored};
  return made;
}
inline Split presigned_split() {
  Split made = split();
  made.where.clear();
  made.query.clear();
  made.strict = false;
  made.pending.clear();
  made.journals.erase(made.journals.begin());
  made.journals[0].url =
      "https://bucket.example:9000/flood/" + made.journals[0].key + "?X-Amz-Signature=0123abcd";
  return made;
}

}  // namespace flashflood::format::golden
