// The files ~/.aws/config and ~/.aws/credentials, as text: sections, keys, values.
//
// The syntax is what the AWS command line takes (docs.aws.amazon.com/sdkref, "Shared config and
// credentials files"): `[section]`, `key = value`, lines that begin with # or ; are comments. A
// line that is indented deeper than the key before it continues its value; below a key without a
// value such lines are nested settings. Keys are kept in lower case. A section or key that comes
// twice: the later value holds.
//
// Threads: values and pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashflood {

struct IniSection {
  std::map<std::string, std::string, std::less<>> values{};
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> nested{};
};

using IniSections = std::map<std::string, IniSection, std::less<>>;

// The sections by what stands between the brackets, blanks at both ends removed. Throws
// InvalidArgument with `path` and the line; never with the line's text, which may be a secret.
IniSections parse_ini(std::string_view text, const std::string& path);

// The value without a comment at its end, which begins with # or ; after a blank.
std::string_view without_comment(std::string_view value) noexcept;

// The words of a command as a POSIX shell splits them: blanks, quotes, backslashes; nothing is
// expanded. Nothing when a quote is not closed or a backslash is last.
std::optional<std::vector<std::string>> split_words(std::string_view text);

}  // namespace flashflood
