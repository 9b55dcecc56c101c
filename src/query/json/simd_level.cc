#include "query/json/simd_level.h"

#include <vector>

namespace flashflood::query {
namespace {

std::vector<SimdLevel> find_levels() {
  std::vector<SimdLevel> levels{SimdLevel::portable};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
      __builtin_cpu_supports("pclmul")) {
    levels.push_back(SimdLevel::avx2);
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2")) {
      levels.push_back(SimdLevel::avx512);
    }
  }
#endif
  return levels;
}

}  // namespace

std::span<const SimdLevel> simd_levels() {
  static const std::vector<SimdLevel> levels = find_levels();
  return levels;
}

std::string_view name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
    case SimdLevel::portable:
      break;
  }
  return "portable";
}

}  // namespace flashflood::query
