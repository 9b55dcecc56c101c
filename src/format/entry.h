// Entries: what journals hold.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "flashflood/event.h"

namespace flashflood::format {

// What an entry says about its event. Numbers are persisted and never reused.
enum class EntryKind : std::uint8_t {
  put = 1,
  update = 2,
  remove = 3,  // tombstone: the event is deleted; data is empty
  hidden = 4,  // marker: bulk entries of this (date, id) lose against an entry at another date
};

// How it was recorded. Numbers are persisted and never reused.
enum class EntryClass : std::uint8_t {
  single = 1,  // by put, update or erase: `order` is the revision
  bulk = 2,    // by a recorder: `order` is the time of arrival
};

// One operation on one event, seen in place.
struct EntryView {
  Timestamp date{};
  std::string_view id;
  std::string_view data;
  EntryKind kind = EntryKind::put;
  EntryClass entry_class = EntryClass::bulk;
  // single: the revision, from 1. bulk: nanoseconds since 1970 on the store's clock at which its
  // pending journal was created; 0 inside that journal itself, whose own date of creation counts.
  std::uint64_t order = 0;

  std::uint64_t revision() const { return entry_class == EntryClass::single ? order : 1; }
  bool live() const { return kind == EntryKind::put || kind == EntryKind::update; }
};

// An EntryView that owns its bytes.
struct Entry {
  Timestamp date{};
  std::string id;
  std::string data;
  EntryKind kind = EntryKind::put;
  EntryClass entry_class = EntryClass::bulk;
  std::uint64_t order = 0;

  Entry() = default;
  explicit Entry(const EntryView& view)
      : date(view.date),
        id(view.id),
        data(view.data),
        kind(view.kind),
        entry_class(view.entry_class),
        order(view.order) {}
  EntryView view() const { return {date, id, data, kind, entry_class, order}; }
};

// 128 random bits that tell one attempt to create an object from every other, or name an object.
struct Token {
  std::string bytes = std::string(16, '\0');  // always 16 bytes
  bool operator==(const Token&) const = default;
  auto operator<=>(const Token&) const = default;
};

}  // namespace flashflood::format
