// Fixed-size records as they lie in objects, and the errors of decoders.
//
// A record is a struct without padding whose fields stand in the order of the tables in
// docs/format.md; it is copied to and from the object as a whole. Unused fields are zero, and
// decoders insist on that, so that they can be given a meaning later.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "format/entry.h"

namespace flashflood::format {

template <typename T>
concept WireRecord = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

// The caller has checked that sizeof(T) bytes are there.
template <WireRecord T>
T load_record(const char* at) {
  T record;
  std::memcpy(&record, at, sizeof(T));
  return record;
}

template <WireRecord T>
BytesView bytes_of(const T& record) {
  return {reinterpret_cast<const char*>(&record), sizeof(T)};
}

inline std::int64_t date_to_wire(Timestamp date) { return date.time_since_epoch().count(); }
inline Timestamp date_from_wire(std::int64_t date) {
  return Timestamp{std::chrono::microseconds{date}};
}
inline bool is_valid_date(Timestamp date) { return timestamp_min <= date && date <= timestamp_max; }

inline bool is_valid_kind(std::uint8_t kind) { return kind >= 1 && kind <= 4; }
inline bool is_valid_class(std::uint8_t entry_class) {
  return entry_class == 1 || entry_class == 2;
}

inline constexpr std::size_t token_bytes = 16;
Token token_from_wire(const std::uint8_t* at);
// Throws InvalidArgument unless it has token_bytes.
void token_to_wire(const Token& token, std::uint8_t* at);

// "<name>: <what>" as CorruptData.
[[noreturn]] void throw_corrupt(std::string_view name, std::string_view what);
// UnsupportedFormat that says to update the program; `what` names what is not known.
[[noreturn]] void throw_unsupported(std::string_view name, std::string_view what);
// A version above `known` is UnsupportedFormat, zero is CorruptData. Called after the checksum
// that covers the version was found right.
void check_version(std::uint16_t version, std::uint16_t known, std::string_view name);

}  // namespace flashflood::format
