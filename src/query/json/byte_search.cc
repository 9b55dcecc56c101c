#include "query/json/byte_search.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flashflood::query {
namespace {

// Bytes of JSON texts, the frequent ones first; what is not among them is rare.
constexpr std::string_view frequent_bytes =
    "\"e:t,iano0r1sd2cl u_p5m34.-678h9g{}TfyEbASvRkOwICNLDPMHUxFBG[]WKYVZqj/JX";

// How often a byte occurs, about: by its rank.
double frequency(char byte) {
  // A byte of a character outside ASCII is as frequent as those before it and after it.
  std::size_t rank = frequent_bytes.size() / 2;
  if (static_cast<unsigned char>(byte) < 0x80) {
    rank = std::min(frequent_bytes.find(byte), frequent_bytes.size());
  }
  return 1.0 / static_cast<double>(3 + rank);
}

struct Places {
  std::size_t first = 0;
  std::size_t second = 0;
};

// The two places, within the shortest needle, of which the bytes occur together the least often.
Places find_places(std::span<const std::string> needles) {
  Places best;
  double least = 0;
  const std::size_t size = std::min(needles[0].size(), ByteSearch::place_max + 1);
  for (std::size_t first = 0; first < size; ++first) {
    for (std::size_t second = first + 1; second < size; ++second) {
      double together = 0;
      for (const std::string& needle : needles) {
        together += frequency(needle[first]) * frequency(needle[second]);
      }
      if (best.second != 0 && together >= least) continue;
      least = together;
      best = {first, second};
    }
  }
  return best;
}

namespace portable {
#define FLASHFLOOD_KERNEL inline
typedef unsigned char Vector __attribute__((vector_size(16)));
typedef signed char Match __attribute__((vector_size(16)));
constexpr std::size_t width = 16;
inline Vector splat(char byte) { return Vector{} + static_cast<unsigned char>(byte); }
inline Vector load(const char* at) {
  Vector vector;
  std::memcpy(&vector, at, sizeof vector);
  return vector;
}
inline Match equal(Vector left, Vector right) { return left == right; }
inline Match both(Match left, Match right) { return left & right; }
inline Match either(Match left, Match right) { return left | right; }
inline std::uint64_t bits(Match match) {
  std::uint64_t halves[2];
  std::memcpy(halves, &match, sizeof halves);
  if ((halves[0] | halves[1]) == 0) return 0;
  // Of eight bytes that are 0 or 255 the multiplication gathers one bit each in the highest byte.
  auto gather = [](std::uint64_t bytes) {
    return ((bytes & 0x0101'0101'0101'0101) * 0x0102'0408'1020'4080) >> 56;
  };
  return gather(halves[0]) | gather(halves[1]) << 8;
}
inline Vector spread(const char* table) { return load(table); }
inline Vector look_up(Vector bytes, Vector low, Vector high) {
  unsigned char of[3][width];
  std::memcpy(of[0], &bytes, width);
  std::memcpy(of[1], &low, width);
  std::memcpy(of[2], &high, width);
  for (unsigned char& byte : of[0]) byte = of[1][byte & 15] & of[2][byte >> 4];
  std::memcpy(&bytes, of[0], width);
  return bytes;
}
inline Match shared(Vector left, Vector right) { return (left & right) != Vector{}; }
#include "query/json/byte_search_kernel.h"
#undef FLASHFLOOD_KERNEL
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
#define FLASHFLOOD_KERNEL __attribute__((target("avx2,bmi"))) inline
using Vector = __m256i;
using Match = __m256i;
constexpr std::size_t width = 32;
FLASHFLOOD_KERNEL Vector splat(char byte) { return _mm256_set1_epi8(byte); }
FLASHFLOOD_KERNEL Vector load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at));
}
FLASHFLOOD_KERNEL Match equal(Vector left, Vector right) { return _mm256_cmpeq_epi8(left, right); }
FLASHFLOOD_KERNEL Match both(Match left, Match right) { return _mm256_and_si256(left, right); }
FLASHFLOOD_KERNEL Match either(Match left, Match right) { return _mm256_or_si256(left, right); }
FLASHFLOOD_KERNEL std::uint64_t bits(Match match) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(match));
}
FLASHFLOOD_KERNEL Vector spread(const char* table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i_u*>(table)));
}
FLASHFLOOD_KERNEL Vector look_up(Vector bytes, Vector low, Vector high) {
  const __m256i half = _mm256_set1_epi8(15);
  return _mm256_and_si256(
      _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half)),
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half)));
}
FLASHFLOOD_KERNEL Match shared(Vector left, Vector right) {
  return _mm256_xor_si256(_mm256_cmpeq_epi8(_mm256_and_si256(left, right), _mm256_setzero_si256()),
                          _mm256_set1_epi8(-1));
}
#include "query/json/byte_search_kernel.h"
#undef FLASHFLOOD_KERNEL
}  // namespace avx2

namespace avx512 {
#define FLASHFLOOD_KERNEL __attribute__((target("avx512bw,bmi"))) inline
using Vector = __m512i;
using Match = __mmask64;
constexpr std::size_t width = 64;
FLASHFLOOD_KERNEL Vector splat(char byte) { return _mm512_set1_epi8(byte); }
FLASHFLOOD_KERNEL Vector load(const char* at) { return _mm512_loadu_si512(at); }
FLASHFLOOD_KERNEL Match equal(Vector left, Vector right) {
  return _mm512_cmpeq_epi8_mask(left, right);
}
FLASHFLOOD_KERNEL Match both(Match left, Match right) { return left & right; }
FLASHFLOOD_KERNEL Match either(Match left, Match right) { return left | right; }
FLASHFLOOD_KERNEL std::uint64_t bits(Match match) { return match; }
FLASHFLOOD_KERNEL Vector spread(const char* table) {
  // Not with an instruction: GCC 12 takes its own header's for a use of what is not initialized.
  char wide[width];
  for (std::size_t at = 0; at < width; at += 16) std::memcpy(wide + at, table, 16);
  return load(wide);
}
FLASHFLOOD_KERNEL Vector look_up(Vector bytes, Vector low, Vector high) {
  const __m512i half = _mm512_set1_epi8(15);
  return _mm512_and_si512(
      _mm512_shuffle_epi8(low, _mm512_and_si512(bytes, half)),
      _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half)));
}
FLASHFLOOD_KERNEL Match shared(Vector left, Vector right) {
  return _mm512_test_epi8_mask(left, right);
}
#include "query/json/byte_search_kernel.h"
#undef FLASHFLOOD_KERNEL
}  // namespace avx512
#endif

auto scan_of([[maybe_unused]] SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return avx512::scan;
  if (level == SimdLevel::avx2) return avx2::scan;
#endif
  return portable::scan;
}

}  // namespace

ByteSearch::ByteSearch(std::vector<std::string> needles, SimdLevel level)
    : needles_(std::move(needles)), scan_(scan_of(level)) {
  std::stable_sort(needles_.begin(), needles_.end(),
                   [](const auto& left, const auto& right) { return left.size() < right.size(); });
  if (needles_.empty()) return;
  const Places places = find_places(needles_);
  first_place_ = places.first;
  second_place_ = places.second;
}

ByteSearch::Hit ByteSearch::hit_at(std::string_view text, std::size_t at) const {
  if (text[at] == '\\') return {at, 1};
  for (const std::string& needle : needles_) {
    if (text.size() - at < needle.size()) break;
    if (std::memcmp(text.data() + at, needle.data(), needle.size()) == 0)
      return {at, needle.size()};
  }
  return {};
}

}  // namespace flashflood::query
