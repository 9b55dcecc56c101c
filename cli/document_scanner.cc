#include "document_scanner.h"

#include <algorithm>

namespace flashflood::cli {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool ends_scalar(char c) { return is_blank(c) || c == ',' || c == ']' || c == '}'; }

}  // namespace

void JsonScanner::begin_value(char c) {
  if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    depth_ = 1;
  } else {
    in_scalar_ = true;
  }
  if (place_ != JsonPlace::outside) place_ = JsonPlace::array_behind;
}

std::optional<std::size_t> JsonScanner::scan(std::string_view piece) {
  std::optional<std::size_t> end;
  const auto value_ends = [&](std::size_t at) {
    end = at;
    place_at_end_ = place_;
  };
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
        if (depth_ == 0) value_ends(i + 1);
      }
      continue;
    }
    if (depth_ > 0) {
      if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if ((c == '}' || c == ']') && --depth_ == 0) {
        value_ends(i + 1);
      }
      continue;
    }
    if (in_scalar_) {
      if (!ends_scalar(c)) continue;
      in_scalar_ = false;
      value_ends(i);
    }
    if (is_blank(c)) continue;
    if (place_ == JsonPlace::outside && c == '[') {
      place_ = JsonPlace::array_begin;
    } else if (place_ != JsonPlace::outside && c == ']') {
      place_ = JsonPlace::outside;
      value_ends(i + 1);
    } else if (place_ == JsonPlace::array_behind && c == ',') {
      place_ = JsonPlace::array_next;
    } else if (c != '}' && c != ']' && c != ',') {
      begin_value(c);
    }
  }
  return end;
}

std::size_t end_of_sse_events(std::string_view text) {
  const auto behind = [&](std::string_view mark) {
    const auto at = text.rfind(mark);
    return at == std::string_view::npos ? 0 : at + mark.size();
  };
  return std::max(behind("\n\n"), behind("\n\r\n"));
}

}  // namespace flashflood::cli
