// Percent-encoding, as signatures of requests ask for it: everything but unreserved characters is
// encoded, in upper-case hexadecimal.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace flashflood {

enum class Slash { encoded, kept };

std::string percent_encoded(std::string_view text, Slash slash = Slash::encoded);

// As servers encode keys in listings: a '+' is a blank, and what is no code stays as it is.
std::string form_decoded(std::string_view text);
// The same, and a '+' is a '+'.
std::string percent_decoded(std::string_view text);

}  // namespace flashflood
