// A fuzz target: what is done with one input, whatever its bytes. Ends the program when a promise
// is broken; sanitizers end it for the rest.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// The name and signature that libFuzzer wants.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace flashflood::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds, std::string_view promise, std::string_view detail = {}) {
  if (holds) return;
  std::string message = "broken: " + std::string(promise) + "\n" + std::string(detail) + "\n";
  std::fwrite(message.data(), 1, message.size(), stderr);
  std::abort();
}

}  // namespace flashflood::fuzz
