// Small checks and conversions of text.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashflood {

bool is_valid_utf8(std::string_view text) noexcept;

// For messages: the text in double quotes, control characters and invalid UTF-8 escaped, cut to
// about `length_max` bytes with an ellipsis.
std::string quoted(std::string_view text, std::size_t length_max = 80);

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);  // nothing unless lower-case hexadecimal

// A decimal number without sign, blanks or leading zeros (but "0"); nothing for any other text.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

}  // namespace flashflood
