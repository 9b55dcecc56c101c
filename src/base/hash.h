// The two hashes of FlashFlood.
//
// Threads: pure functions.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashflood {

// XXH3 with 64 bits (seed 0): checksums of everything stored, and in-memory tables. Not against
// malice. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
std::uint64_t xxh3(std::string_view bytes) noexcept;

// The first 160 bits of SHA-256 of an id (FIPS 180-4): names an id in keys and in the index. Nobody
// can make two ids collide (2^80 tries). Ordered as big-endian bytes, and uniform.
struct IdHash {
  static constexpr std::size_t size = 20;
  std::array<unsigned char, size> bytes{};

  static IdHash of(std::string_view id);
  // Lower-case hexadecimal, 40 characters; parse returns nothing for any other text.
  std::string hex() const;
  static std::optional<IdHash> parse(std::string_view hex);
  // The first 8 bytes as a big-endian number: orders like the hash itself.
  std::uint64_t prefix() const noexcept;

  auto operator<=>(const IdHash&) const = default;
};

struct IdHashHasher {
  std::size_t operator()(const IdHash& hash) const noexcept { return hash.prefix(); }
};

}  // namespace flashflood
