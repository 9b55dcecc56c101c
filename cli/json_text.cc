#include "json_text.h"

namespace flashflood::cli {

namespace {

std::size_t skip_blanks(std::string_view json, std::size_t at) {
  const auto next = json.find_first_not_of(json_blanks, at);
  return next == std::string_view::npos ? json.size() : next;
}

// Behind the closing quote of the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

std::size_t end_of_json_value(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = end_of_string(json, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      ++at;
    } else if (depth == 0) {
      // A number or a word.
      const auto end = json.find_first_of(",]} \t\r\n", at);
      return end == std::string_view::npos ? json.size() : end;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return json.size();
}

std::optional<std::string_view> raw_member(std::string_view json, std::string_view key) {
  std::size_t at = skip_blanks(json, 0);
  if (at == json.size() || json[at] != '{') return std::nullopt;
  std::optional<std::string_view> found;
  while (true) {
    at = skip_blanks(json, at + 1);  // behind the brace or the comma
    if (at >= json.size() || json[at] != '"') return found;
    const std::size_t key_end = end_of_string(json, at);
    const std::string_view name = json.substr(at + 1, key_end - at - 2);
    at = skip_blanks(json, skip_blanks(json, key_end) + 1);  // behind the colon
    const std::size_t end = end_of_json_value(json, at);
    if (name == key) found = json.substr(at, end - at);
    at = skip_blanks(json, end);
    if (at >= json.size() || json[at] != ',') return found;
  }
}

}  // namespace flashflood::cli
