// Byte strings, and reading and writing fixed-width little-endian numbers in them.
//
// Threads: values and pure functions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace flashflood {

static_assert(std::endian::native == std::endian::little,
              "the formats are little endian and are used in place");

// Binary data is held in std::string (owned) and std::string_view (borrowed) throughout: the
// smallest common type of the store, the codecs and the public interface.
using Bytes = std::string;
using BytesView = std::string_view;
// clang-format off
// The number of type T at the start of `at`; the caller has checked that it is there.
template <typename T>
  requires std::is_integral_v<T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <typename T>
  requires std::is_integral_v<T>
void store(char* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

template <typename T>
  requires std::is_integral_v<T>
void append(Bytes& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
// clang-format on
// Appends a 32-bit length and the bytes.
inline void append_sized(Bytes& out, BytesView bytes) {
  append(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

// Reads numbers and byte strings one after another. Every read past the end throws
// std::out_of_range; decoders turn that into CorruptData with the object's name.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : rest_(bytes) {}

  template <typename T>
  T read() {
    return load<T>(take(sizeof(T)).data());
  }
  BytesView take(std::size_t count) {
    if (count > rest_.size()) throw std::out_of_range("ends early");
    BytesView taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  BytesView take_sized() { return take(read<std::uint32_t>()); }
  BytesView rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  BytesView rest_;
};

}  // namespace flashflood
