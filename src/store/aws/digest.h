// The digests that S3 asks for.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashflood {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);
// 16 bytes; nothing where the system's OpenSSL does not allow MD5.
std::optional<std::string> md5(std::string_view bytes);

// CRC-32C (Castagnoli, RFC 3720 appendix B.4); `crc` continues over further bytes.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0) noexcept;
// The value of the header x-amz-checksum-crc32c: base64 of the big-endian number.
std::string crc32c_header(std::string_view bytes);

}  // namespace flashflood
