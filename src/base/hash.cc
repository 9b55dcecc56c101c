#include "base/hash.h"

// SHA256_Init and its companions are deprecated in OpenSSL 3 in favour of EVP, which looks the
// algorithm up for each digest: 820 ns for an id of 36 bytes with SHA256(), 71 ns this way.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bytes.h"
#include "base/text.h"

namespace flashflood {

std::uint64_t xxh3(std::string_view bytes) noexcept {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  // A fuzzer cannot guess checksums: in its builds all are the same, so that it gets behind them.
  static_cast<void>(bytes);
  return 0;
#else
  return XXH3_64bits(bytes.data(), bytes.size());
#endif
}

IdHash IdHash::of(std::string_view id) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, id.data(), id.size());
  SHA256_Final(digest.data(), &context);
  IdHash hash;
  std::copy_n(digest.begin(), size, hash.bytes.begin());
  return hash;
}

std::string IdHash::hex() const {
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<IdHash> IdHash::parse(std::string_view hex) {
  if (hex.size() != 2 * size) return std::nullopt;
  const std::optional<std::string> decoded = from_hex(hex);
  if (!decoded) return std::nullopt;
  IdHash hash;
  std::copy(decoded->begin(), decoded->end(), hash.bytes.begin());
  return hash;
}

std::uint64_t IdHash::prefix() const noexcept {
  return __builtin_bswap64(load<std::uint64_t>(reinterpret_cast<const char*>(bytes.data())));
}

}  // namespace flashflood
