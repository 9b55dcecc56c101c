#include "format/wire.h"

#include <fmt/format.h>

#include "flashflood/error.h"

namespace flashflood::format {

Token token_from_wire(const std::uint8_t* at) {
  Token token;
  std::memcpy(token.bytes.data(), at, token_bytes);
  return token;
}

void token_to_wire(const Token& token, std::uint8_t* at) {
  if (token.bytes.size() != token_bytes) throw InvalidArgument("a token has 16 bytes");
  std::memcpy(at, token.bytes.data(), token_bytes);
}

void throw_corrupt(std::string_view name, std::string_view what) {
  throw CorruptData(fmt::format("{}: {}", name, what));
}

void throw_unsupported(std::string_view name, std::string_view what) {
  throw UnsupportedFormat(fmt::format(
      "{}: {}: written by a newer version of FlashFlood; update the program", name, what));
}

void check_version(std::uint16_t version, std::uint16_t known, std::string_view name) {
  if (version == 0) throw_corrupt(name, "format version 0 does not exist");
  if (version > known) throw_unsupported(name, fmt::format("format version {}", version));
}

}  // namespace flashflood::format
