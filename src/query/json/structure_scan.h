// The vectorised search for the tokens of a JSON text, at the levels that have one of their own.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "query/json/simd_level.h"

namespace flashflood::query {

// A token that begins no string and is no bracket, brace, comma or colon. Of those their first byte
// is the kind.
constexpr char scalar_kind = '0';

// What a scan finds, in memory of the caller.
struct ScanTarget {
  // Vectors are stored whole: so many places behind the last one may be written.
  static constexpr std::size_t slack = 64;

  std::uint32_t* positions;  // of the tokens: room for one for each byte, and the slack
  char* kinds;               // of the tokens: the same room
  std::uint64_t* starts;     // for each 64 bytes of text, where tokens begin: bit i is byte i
  std::uint32_t* ranks;      // for each 64 bytes of text, how many tokens begin before them
};

struct ScanOutcome {
  std::size_t tokens = 0;
  bool is_closed = false;     // every string
  bool has_controls = false;  // within a string there is a control character
  bool is_ascii = false;
  bool has_escapes = false;  // there is a backslash
};

// Reads nothing behind the text, which has less than 4 GiB.
using StructureScan = ScanOutcome (*)(const char* text, std::size_t size, const ScanTarget& target);
// Null when the level has none.
StructureScan structure_scan_of(SimdLevel level);

}  // namespace flashflood::query
