// Which instructions there are for many bytes at once. What a machine has is found out at run time.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flashflood::query {

enum class SimdLevel : std::uint8_t {
  portable,  // 16 bytes at once, whatever the compiler makes of them
  avx2,      // 32 bytes, and BMI 2 and carry-less multiplication: Intel and AMD since 2013 and 2015
  avx512,    // 64 bytes, with BW and VBMI 2: Intel since 2019, AMD since 2022
};

// The levels of this machine, the best last.
std::span<const SimdLevel> simd_levels();
std::string_view name_of(SimdLevel level);

}  // namespace flashflood::query
