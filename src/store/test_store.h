// For tests of what wraps a store: a store in memory, what it holds, and randomness from a seed.
//
// Threads: as the classes that they implement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/environment.h"
#include "store/memory_store.h"

namespace flashflood {

class TestRandom final : public Random {
 public:
  explicit TestRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<std::byte>(state_ >> 56);
    }
  }

 private:
  std::uint64_t state_;
};

inline std::shared_ptr<ObjectStore> memory() { return make_memory_store(make_system_clock()); }

// The bytes of an object, or "(absent)".
inline Bytes read(ObjectStore& store, std::string_view key) {
  const auto part = store.get(key, ByteRange::whole());
  return part ? part->bytes : "(absent)";
}

}  // namespace flashflood
