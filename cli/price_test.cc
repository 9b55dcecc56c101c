#include "price.h"

#include <gtest/gtest.h>

namespace flashflood::cli {
namespace {

TEST(Price, OfRequestsAndBytes) {
  RequestReport report;
  report.gets = 1'000'000;
  report.puts = 1000;
  report.lists = 1000;
  report.removes = 1'000'000;
  report.bytes_read = std::uint64_t{2} << 30;
  EXPECT_NEAR(price_of_requests(report), 0.4 + 0.005 + 0.005, 1e-9);
  EXPECT_NEAR(price_of_transfer(report), 0.18, 1e-9);
}

TEST(Price, InDollars) {
  EXPECT_EQ(dollars(0), "$0");
  EXPECT_EQ(dollars(0.0000004), "$0.00000040");
  EXPECT_EQ(dollars(0.0123), "$0.012");
  EXPECT_EQ(dollars(1234.5), "$1234.50");
}

TEST(Price, OnlyInABucket) {
  EXPECT_TRUE(has_price("s3://bucket/prefix"));
  EXPECT_TRUE(has_price("s3a://bucket/prefix"));
  EXPECT_FALSE(has_price("/data/events"));
  EXPECT_FALSE(has_price("file:///data/events"));
}

}  // namespace
}  // namespace flashflood::cli
