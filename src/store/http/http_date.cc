#include "store/http/http_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "flashflood/error.h"
#include "flashflood/event.h"

namespace flashflood {

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  const std::string rfc3339 =
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - months.begin() + 1,
                  text.substr(5, 2), text.substr(17, 8));
  try {
    return std::chrono::floor<std::chrono::seconds>(parse_timestamp(rfc3339));
  } catch (const InvalidArgument&) {
    return std::nullopt;
  }
}

std::optional<std::chrono::sys_seconds> date_of(const HttpResponse& response) {
  return parse_http_date(response.header("date").value_or(""));
}

}  // namespace flashflood
