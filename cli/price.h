// What requests cost in a bucket, at list price. The only place with these figures;
// docs/s3-costs.md shows them.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "flashflood/reports.h"

namespace flashflood::cli {

// US dollars, for Amazon S3 Standard in us-east-1, as AWS listed them in September 2026
// (https://aws.amazon.com/s3/pricing/). Other regions and classes differ.
struct Price {
  double write = 0.005 / 1000;  // PUT, POST and LIST, each
  double read = 0.0004 / 1000;  // GET and HEAD, each
  double remove = 0;            // DELETE
  double internet_gb = 0.09;    // a gigabyte (2^30 bytes) sent out to the internet, the first 10 TB
};

// Without the bytes, which cost nothing within the region.
double price_of_requests(const RequestReport& report, const Price& price = {});
// Of the bytes that were read, by somebody outside of AWS.
double price_of_transfer(const RequestReport& report, const Price& price = {});

// "$0.000012": two digits that count, no exponent.
std::string dollars(double amount);

// Whether a store of this URL charges for requests.
bool has_price(std::string_view store_url);

}  // namespace flashflood::cli
