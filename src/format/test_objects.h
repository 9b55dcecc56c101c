// What the tests of the formats share: random entries, and small objects of every kind.
//
// Threads: each value belongs to one thread.
#pragma once

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "format/block.h"
#include "format/catalog.h"
#include "format/entry.h"
#include "format/index_run.h"
#include "format/journal.h"

namespace flashflood::format::testing {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  // From 0 to `below` - 1.
  std::uint64_t below(std::uint64_t below) { return engine_() % below; }
  std::uint64_t any() { return engine_(); }
  std::string bytes(std::size_t count) {
    std::string out(count, '\0');
    for (char& c : out) c = static_cast<char>(engine_());
    return out;
  }
  Token token() { return {bytes(16)}; }
  Timestamp date() {
    auto span = static_cast<std::uint64_t>((timestamp_max - timestamp_min).count());
    return timestamp_min + std::chrono::microseconds(static_cast<std::int64_t>(below(span + 1)));
  }

 private:
  std::mt19937_64 engine_;
};

inline std::vector<EntryView> views(const std::vector<Entry>& entries) {
  std::vector<EntryView> out;
  for (const Entry& entry : entries) out.push_back(entry.view());
  return out;
}

// In order of (date, id); among them extreme dates and equal ones, every kind and class, ids of 1
// and of 1024 bytes, empty data.
inline std::vector<Entry> random_entries(Dice& dice, std::size_t count, std::size_t data_bytes) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    Entry entry;
    switch (dice.below(8)) {
      case 0:
        entry.date = timestamp_min;
        break;
      case 1:
        entry.date = timestamp_max;
        break;
      case 2:
        entry.date = Timestamp{};
        break;
      default:
        entry.date = dice.date();
    }
    std::size_t id_bytes = dice.below(16) == 0 ? id_bytes_max : 1 + dice.below(40);
    entry.id = dice.bytes(id_bytes);
    entry.data = dice.below(4) == 0 ? "" : dice.bytes(dice.below(data_bytes + 1));
    entry.kind = static_cast<EntryKind>(1 + dice.below(4));
    entry.entry_class = static_cast<EntryClass>(1 + dice.below(2));
    entry.order = dice.any() >> dice.below(64);
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.date, a.id) < std::tie(b.date, b.id);
  });
  return entries;
}

inline bool same(const EntryView& a, const EntryView& b) {
  return std::tie(a.date, a.id, a.data, a.kind, a.entry_class, a.order) ==
         std::tie(b.date, b.id, b.data, b.kind, b.entry_class, b.order);
}

inline Entry small_entry(std::string id, std::int64_t microseconds, std::string data) {
  Entry entry;
  entry.date = Timestamp{std::chrono::microseconds{microseconds}};
  entry.id = std::move(id);
  entry.data = std::move(data);
  return entry;
}

// A journal of two blocks of two entries, with an id table.
inline Bytes small_journal(Codec codec) {
  std::vector<Entry> entries{small_entry("a", 10, std::string(60, 'x')),
                             small_entry("b", 20, std::string(60, 'y')), small_entry("c", 20, ""),
                             small_entry("dd", 30, std::string(90, 'z'))};
  entries[2].kind = EntryKind::remove;
  entries[2].entry_class = EntryClass::single;
  entries[2].order = 7;
  std::vector<EntryView> all = views(entries);
  JournalProperties properties{JournalOrigin::bulk, {"0123456789abcdef"}, 5, false};
  JournalBuilder builder(properties, true);
  for (std::size_t i = 0; i < 4; i += 2) {
    std::span<const EntryView> two(all.data() + i, 2);
    builder.add(encode_block(two, {.codec = codec}), two);
  }
  return builder.finish();
}

inline OutputName name_of(std::uint64_t epoch, char c) { return {epoch, {std::string(16, c)}}; }

inline SealedJournal small_sealed(std::int64_t from, std::int64_t to, char c) {
  return {Timestamp{std::chrono::microseconds{from}},
          Timestamp{std::chrono::microseconds{to}},
          name_of(3, c),
          100,
          2,
          20000,
          4000};
}

inline IdHash hash_from(unsigned char first, unsigned char last) {
  IdHash hash;
  hash.bytes.front() = first;
  hash.bytes.back() = last;
  return hash;
}

inline Catalog small_catalog() {
  Catalog catalog;
  catalog.number = 9;
  catalog.fence = 4;
  catalog.swept = 7;
  catalog.token = {"0123456789abcdef"};
  catalog.boot_id = "boot";
  catalog.boot_clock_ns = 123456789;
  catalog.journals = {small_sealed(1, 5, 'a'), small_sealed(1, 5, 'b'), small_sealed(2, 2, 'a')};
  IndexRun run;
  run.parts.push_back({name_of(2, 'i'), hash_from(0, 0), hash_from(9, 9), 10, 17000});
  run.parts.push_back({name_of(2, 'j'), hash_from(10, 0), hash_from(255, 1), 11, 17000});
  catalog.index = {run, {{{name_of(3, 'k'), hash_from(4, 4), hash_from(4, 4), 1, 16600}}}};
  catalog.retired = {{"head/e-1", 8}, {"journals/x", 9}};
  return catalog;
}

inline std::vector<IndexEntry> random_index_entries(Dice& dice, std::size_t count) {
  std::vector<IndexEntry> entries(count);
  for (IndexEntry& entry : entries) {
    for (unsigned char& c : entry.id.bytes) c = static_cast<unsigned char>(dice.any());
    entry.date = dice.date();
    entry.kind = static_cast<EntryKind>(1 + dice.below(4));
    entry.entry_class = static_cast<EntryClass>(1 + dice.below(2));
    entry.order = dice.any();
  }
  auto less = [](const IndexEntry& a, const IndexEntry& b) { return a.id < b.id; };
  std::sort(entries.begin(), entries.end(), less);
  return entries;
}

inline Bytes index_part(const std::vector<IndexEntry>& entries) {
  IndexPartBuilder builder;
  for (const IndexEntry& entry : entries) builder.add(entry);
  return builder.finish();
}

}  // namespace flashflood::format::testing
