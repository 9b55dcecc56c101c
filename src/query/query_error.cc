#include <fmt/format.h>

#include <algorithm>

#include "query/program.h"

namespace flashflood::query {
namespace {

constexpr std::size_t shown_before_max = 60;
constexpr std::size_t shown_after_max = 40;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

void raise_query_error(QueryError::Kind kind, std::string_view text, std::size_t column,
                       const std::string& what) {
  column = std::min(column, text.size());
  // A window of a long expression, cut between characters, without line breaks.
  std::size_t begin = column > shown_before_max ? column - shown_before_max : 0;
  while (begin < column && continues_character(text[begin])) ++begin;
  std::size_t end = std::min(text.size(), column + shown_after_max);
  while (end < text.size() && continues_character(text[end])) ++end;
  std::string shown = begin > 0 ? "..." : "";
  std::string caret(shown.size(), ' ');
  for (std::size_t i = begin; i < end; ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    shown.push_back(c < 0x20 || c == 0x7F ? ' ' : text[i]);
    if (i < column && !continues_character(text[i])) caret.push_back(' ');
  }
  if (end < text.size()) shown.append("...");
  throw QueryError(kind, fmt::format("{} (column {})\n{}\n{}^", what, column, shown, caret),
                   column);
}

}  // namespace flashflood::query
