#include "query/quoted.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flashflood::query {
namespace {

// Looks for a match that begins between two places, both included.
using Search = bool (*)(const char* at, const char* last, std::string_view name);

bool is_match(const char* at, std::string_view name) {
  return at[0] == '"' && at[name.size() + 1] == '"' &&
         std::memcmp(at + 1, name.data(), name.size()) == 0;
}

bool search_one_by_one(const char* at, const char* last, std::string_view name) {
  for (; at <= last; ++at) {
    if (is_match(at, name)) return true;
  }
  return false;
}

#if defined(__x86_64__)
// Compares two bytes of the name, its last and its middle one, at 32 places at once.
[[gnu::target("avx2")]] bool search_avx2(const char* at, const char* last, std::string_view name) {
  const std::size_t middle_at = name.size() / 2;
  const __m256i middle = _mm256_set1_epi8(name[middle_at]);
  const __m256i end = _mm256_set1_epi8(name.back());
  if (last - at < 31) return search_one_by_one(at, last, name);
  for (;;) {
    const auto* middles = reinterpret_cast<const __m256i_u*>(at + 1 + middle_at);
    const auto* ends = reinterpret_cast<const __m256i_u*>(at + name.size());
    const __m256i found = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_loadu_si256(middles), middle),
                                           _mm256_cmpeq_epi8(_mm256_loadu_si256(ends), end));
    auto places = static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
    for (; places != 0; places &= places - 1) {
      if (is_match(at + std::countr_zero(places), name)) return true;
    }
    if (last - at < 32) return false;
    // The last places are looked at together, some of them again.
    at = last - at < 63 ? last - 31 : at + 32;
  }
}

// The same at 64 places at once; those behind the last are masked.
[[gnu::target("avx512bw,bmi")]] bool search_avx512(const char* at, const char* last,
                                                   std::string_view name) {
  const std::size_t middle_at = name.size() / 2;
  const __m512i middle = _mm512_set1_epi8(name[middle_at]);
  const __m512i end = _mm512_set1_epi8(name.back());
  for (; at <= last; at += 64) {
    const std::ptrdiff_t count = last - at + 1;
    const std::uint64_t all = count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    const __m512i middles = _mm512_maskz_loadu_epi8(all, at + 1 + middle_at);
    const __m512i ends = _mm512_maskz_loadu_epi8(all, at + name.size());
    std::uint64_t places =
        _mm512_mask_cmpeq_epi8_mask(_mm512_mask_cmpeq_epi8_mask(all, middles, middle), ends, end);
    for (; places != 0; places &= places - 1) {
      if (is_match(at + std::countr_zero(places), name)) return true;
    }
  }
  return false;
}
#endif

Search choose_search() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi")) return search_avx512;
  if (__builtin_cpu_supports("avx2")) return search_avx2;
#endif
  return search_one_by_one;
}

const Search search = choose_search();

}  // namespace

bool holds_quoted(std::string_view text, std::string_view name) {
  const std::size_t size = name.size() + 2;
  if (text.size() < size) return false;
  return search(text.data(), text.data() + text.size() - size, name);
}

}  // namespace flashflood::query
