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
// How many bytes at the start of `text` are valid UTF-8: its size when all are.
std::size_t valid_utf8_size(std::string_view text) noexcept;

// For messages: the text in double quotes, control characters and invalid UTF-8 escaped, cut to
// about `length_max` bytes with an ellipsis.
std::string quote(std::string_view text, std::size_t length_max = 80);

// With the letters A to Z in lower case; other bytes stay.
std::string to_lower(std::string_view text);

// Without the blanks (space, tab, CR, LF) at both ends. The view points into `text`, also when it
// is empty.
std::string_view trimmed(std::string_view text) noexcept;

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);  // nothing unless lower-case hexadecimal

// Base64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // nothing unless it is just that

// Appends the text as a JSON string, with its quotes and only the escapes that JSON demands. It
// must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

// A decimal number without sign, blanks or leading zeros (but "0"); nothing for any other text.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

}  // namespace flashflood
