#include "store/aws/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <bit>

#include "base/bytes.h"
#include "base/text.h"
#include "flashflood/error.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace flashflood {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78;  // reflected

// Eight bytes at once: table k says what a byte does that k more bytes follow.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 255];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

std::uint32_t crc32c_by_tables(std::string_view bytes, std::uint32_t crc) noexcept {
  while (bytes.size() >= 8) {
    const std::uint64_t word = load<std::uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][(word >> (8 * k)) & 255];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes)
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(c)) & 255];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                      std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    wide = _mm_crc32_u64(wide, load<std::uint64_t>(bytes.data()));
    bytes.remove_prefix(8);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (const char c : bytes) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(c));
  return crc;
}
#endif

std::optional<std::string> digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) != 1) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(out.data()), size);
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::optional<std::string> hash = digest(EVP_sha256(), bytes);
  if (!hash) throw Error("OpenSSL cannot compute SHA-256");
  return std::move(*hash);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), out.data(),
           &size) == nullptr) {
    throw Error("OpenSSL cannot compute HMAC with SHA-256");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::optional<std::string> md5(std::string_view bytes) { return digest(EVP_md5(), bytes); }

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return ~crc32c_by_instruction(bytes, ~crc);
#endif
  return ~crc32c_by_tables(bytes, ~crc);
}

std::string crc32c_header(std::string_view bytes) {
  const std::uint32_t crc = __builtin_bswap32(crc32c(bytes));
  return to_base64({reinterpret_cast<const char*>(&crc), sizeof(crc)});
}

}  // namespace flashflood
