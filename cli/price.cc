#include "price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flashflood::cli {

double price_of_requests(const RequestReport& report, const Price& price) {
  return static_cast<double>(report.puts + report.lists) * price.write +
         static_cast<double>(report.gets + report.times) * price.read +
         static_cast<double>(report.removes) * price.remove;
}

double price_of_transfer(const RequestReport& report, const Price& price) {
  constexpr double gigabyte = 1U << 30;
  return static_cast<double>(report.bytes_read) / gigabyte * price.internet_gb;
}

std::string dollars(double amount) {
  if (amount <= 0) return "$0";
  const int digits = std::clamp(1 - static_cast<int>(std::floor(std::log10(amount))), 2, 12);
  return fmt::format("${:.{}f}", amount, digits);
}

bool has_price(std::string_view store_url) {
  return store_url.starts_with("s3://") || store_url.starts_with("s3a://");
}

}  // namespace flashflood::cli
