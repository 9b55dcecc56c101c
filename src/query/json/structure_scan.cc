#include "query/json/structure_scan.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flashflood::query {
namespace {

#if defined(__x86_64__)
// For the lower half of a byte: the operator, or the blank, that has it. Braces and brackets are
// the same but for one bit. A byte that is neither differs from its entry, also from that which
// instructions take for bytes outside ASCII, zero.
constexpr char none = '\x80';
constexpr char operator_table[16] = {none, none, none, none, none, none, none, none,
                                     none, none, ':',  '{',  ',',  '}',  none, none};
constexpr char blank_table[16] = {' ',  none, none, none, none, none, none, none,
                                  none, '\t', '\n', none, none, '\r', none, none};
constexpr char brace_bit = '{' ^ '[';

// How far ahead of the scan bytes are fetched: what callers scan at once.
constexpr std::size_t prefetch_bytes = std::size_t{8} << 10;

// An address that nobody may read does no harm.
inline void prefetch(const char* text, std::size_t distance) {
  __builtin_prefetch(
      reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(text) + distance));
}

namespace avx2 {
#define FLASHFLOOD_KERNEL __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul"))) inline
struct Block {
  __m256i low;
  __m256i high;

  FLASHFLOOD_KERNEL explicit Block(const char* at)
      : low(_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at))),
        high(_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at + 32))) {}

  FLASHFLOOD_KERNEL static std::uint64_t join(__m256i low, __m256i high) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  FLASHFLOOD_KERNEL static __m256i equal(__m256i half, char byte) {
    return _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte));
  }
  FLASHFLOOD_KERNEL static __m256i spread(const char* table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(table)));
  }
  FLASHFLOOD_KERNEL static __m256i operators(__m256i half) {
    return _mm256_cmpeq_epi8(_mm256_or_si256(half, _mm256_set1_epi8(brace_bit)),
                             _mm256_shuffle_epi8(spread(operator_table), half));
  }
  FLASHFLOOD_KERNEL static __m256i blanks(__m256i half) {
    return _mm256_cmpeq_epi8(half, _mm256_shuffle_epi8(spread(blank_table), half));
  }
  FLASHFLOOD_KERNEL static __m256i named(__m256i half) {
    const __m256i others =
        _mm256_or_si256(_mm256_or_si256(operators(half), blanks(half)), equal(half, '"'));
    return _mm256_blendv_epi8(_mm256_set1_epi8(scalar_kind), half, others);
  }
  FLASHFLOOD_KERNEL std::uint64_t quotes() const { return join(equal(low, '"'), equal(high, '"')); }
  FLASHFLOOD_KERNEL std::uint64_t backslashes() const {
    return join(equal(low, '\\'), equal(high, '\\'));
  }
  FLASHFLOOD_KERNEL std::uint64_t operators() const {
    return join(operators(low), operators(high));
  }
  FLASHFLOOD_KERNEL std::uint64_t blanks() const { return join(blanks(low), blanks(high)); }
};

struct Extremes {
  std::uint64_t controls = 0;
  __m256i all;

  FLASHFLOOD_KERNEL Extremes() : all(_mm256_setzero_si256()) {}

  FLASHFLOOD_KERNEL void add(const Block& block, std::uint64_t in_string) {
    const __m256i last = _mm256_set1_epi8(0x1F);
    controls |= in_string & Block::join(_mm256_cmpeq_epi8(_mm256_max_epu8(block.low, last), last),
                                        _mm256_cmpeq_epi8(_mm256_max_epu8(block.high, last), last));
    all = _mm256_or_si256(all, _mm256_or_si256(block.low, block.high));
  }
  FLASHFLOOD_KERNEL bool has_controls() const { return controls != 0; }
  FLASHFLOOD_KERNEL bool is_ascii() const { return _mm256_movemask_epi8(all) == 0; }
};

FLASHFLOOD_KERNEL void gather(const Block& block, std::uint64_t bits, std::uint64_t /*words*/,
                              std::uint32_t at, std::uint32_t* positions, char* kinds) {
  alignas(32) char bytes[64];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), Block::named(block.low));
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes + 32), Block::named(block.high));
  const int count = std::popcount(bits);
  // Several at once, of which the last ones may be none: their number is hard to guess.
  for (int done = 0; done < count; done += 8) {
#pragma GCC unroll 16
    for (int i = 0; i < 8; ++i) {
      const auto place = static_cast<std::uint32_t>(_tzcnt_u64(bits)) & 63;
      positions[done + i] = at + place;
      kinds[done + i] = bytes[place];
      bits = _blsr_u64(bits);
    }
  }
}

FLASHFLOOD_KERNEL std::uint64_t fold(std::uint64_t bits) {
  const __m128i all = _mm_set1_epi8(-1);
  const __m128i wide = _mm_set_epi64x(0, static_cast<long long>(bits));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(wide, all, 0)));
}
#include "query/json/structure_kernel.h"
#undef FLASHFLOOD_KERNEL
}  // namespace avx2

namespace avx512 {
#define FLASHFLOOD_KERNEL \
  __attribute__((target("avx512bw,avx512vbmi2,avx2,bmi,bmi2,popcnt,pclmul"))) inline
struct Block {
  __m512i bytes;

  FLASHFLOOD_KERNEL explicit Block(const char* at) : bytes(_mm512_loadu_si512(at)) {}

  FLASHFLOOD_KERNEL std::uint64_t equal(char byte) const {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
  }
  FLASHFLOOD_KERNEL static __m512i spread(const char* table) {
    return _mm512_maskz_broadcast_i32x4(0xFFFF,
                                        _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(table)));
  }
  FLASHFLOOD_KERNEL std::uint64_t quotes() const { return equal('"'); }
  FLASHFLOOD_KERNEL std::uint64_t backslashes() const { return equal('\\'); }
  FLASHFLOOD_KERNEL std::uint64_t operators() const {
    return _mm512_cmpeq_epi8_mask(_mm512_or_si512(bytes, _mm512_set1_epi8(brace_bit)),
                                  _mm512_shuffle_epi8(spread(operator_table), bytes));
  }
  FLASHFLOOD_KERNEL std::uint64_t blanks() const {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_shuffle_epi8(spread(blank_table), bytes));
  }
};

struct Extremes {
  __m512i least;
  __m512i all;

  FLASHFLOOD_KERNEL Extremes() : least(_mm512_set1_epi8(-1)), all(_mm512_setzero_si512()) {}

  FLASHFLOOD_KERNEL void add(const Block& block, std::uint64_t in_string) {
    least = _mm512_mask_min_epu8(least, in_string, least, block.bytes);
    all = _mm512_or_si512(all, block.bytes);
  }
  FLASHFLOOD_KERNEL bool has_controls() const {
    return _mm512_cmplt_epu8_mask(least, _mm512_set1_epi8(0x20)) != 0;
  }
  FLASHFLOOD_KERNEL bool is_ascii() const { return _mm512_movepi8_mask(all) == 0; }
};

FLASHFLOOD_KERNEL void gather(const Block& block, std::uint64_t bits, std::uint64_t words,
                              std::uint32_t at, std::uint32_t* positions, char* kinds) {
  const __m512i named = _mm512_mask_blend_epi8(words, block.bytes, _mm512_set1_epi8(scalar_kind));
  _mm512_storeu_si512(kinds, _mm512_maskz_compress_epi8(bits, named));
  const __m512i numbers = _mm512_set_epi64(
      0x3F3E3D3C3B3A3938, 0x3736353433323130, 0x2F2E2D2C2B2A2928, 0x2726252423222120,
      0x1F1E1D1C1B1A1918, 0x1716151413121110, 0x0F0E0D0C0B0A0908, 0x0706050403020100);
  const __m512i places = _mm512_maskz_compress_epi8(bits, numbers);
  const __m512i base = _mm512_set1_epi32(static_cast<int>(at));
  auto put = [&](int quarter, __m128i sixteen) __attribute__((target("avx512bw"))) {
    _mm512_storeu_si512(positions + 16 * quarter,
                        _mm512_add_epi32(_mm512_maskz_cvtepu8_epi32(0xFFFF, sixteen), base));
  };
  // Whether there are more than 16 is hard to guess.
  put(0, _mm512_maskz_extracti32x4_epi32(0xF, places, 0));
  put(1, _mm512_maskz_extracti32x4_epi32(0xF, places, 1));
  if (std::popcount(bits) > 32) [[unlikely]] {
    put(2, _mm512_maskz_extracti32x4_epi32(0xF, places, 2));
    put(3, _mm512_maskz_extracti32x4_epi32(0xF, places, 3));
  }
}

FLASHFLOOD_KERNEL std::uint64_t fold(std::uint64_t bits) {
  const __m128i all = _mm_set1_epi8(-1);
  const __m128i wide = _mm_set_epi64x(0, static_cast<long long>(bits));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(wide, all, 0)));
}
#include "query/json/structure_kernel.h"
#undef FLASHFLOOD_KERNEL
}  // namespace avx512
#endif

}  // namespace

StructureScan structure_scan_of([[maybe_unused]] SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return avx512::scan;
  if (level == SimdLevel::avx2) return avx2::scan;
#endif
  return nullptr;
}

}  // namespace flashflood::query
