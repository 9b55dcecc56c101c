#include "query/json/number.h"

#include <gtest/gtest.h>

#include <cmath>

namespace flashflood::query {
namespace {

std::string real(double number) {
  std::string out;
  append_real(number, out);
  return out;
}

Number parsed(std::string_view text, bool is_integer) {
  return to_number(Value::make_number_text(text, is_integer));
}

TEST(Number, PrintsDoublesLikePython) {
  EXPECT_EQ(real(0.0), "0.0");
  EXPECT_EQ(real(-0.0), "-0.0");
  EXPECT_EQ(real(2.0), "2.0");
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(0.0001), "0.0001");
  EXPECT_EQ(real(0.00001), "1e-05");
  EXPECT_EQ(real(123456.789), "123456.789");
  EXPECT_EQ(real(1e15), "1000000000000000.0");
  EXPECT_EQ(real(1234567890123456.0), "1234567890123456.0");
  EXPECT_EQ(real(1e16), "1e+16");
  EXPECT_EQ(real(1.5e300), "1.5e+300");
  EXPECT_EQ(real(5e-324), "5e-324");
}

TEST(Number, ReadsBeyondTheRangeOfDoubles) {
  EXPECT_EQ(parse_real("1e999"), HUGE_VAL);
  EXPECT_EQ(parse_real("-1e999"), -HUGE_VAL);
  EXPECT_EQ(parse_real("1" + std::string(400, '0')), HUGE_VAL);
  EXPECT_EQ(parse_real("1e-999"), 0.0);
  EXPECT_EQ(parse_real("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_real("0e99999999999999999999"), 0.0);
  EXPECT_EQ(parse_real("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(parse_real("1e99999999999999999999"), HUGE_VAL);
}

TEST(Number, OrdersAllForms) {
  const Number ordered[] = {parsed("-1e30", false),
                            parsed("-123456789012345678902", true),
                            parsed("-123456789012345678901", true),
                            parsed("-9223372036854775808", true),
                            parsed("-0.5", false),
                            parsed("0", true),
                            parsed("9007199254740992.0", false),
                            parsed("9007199254740993", true),
                            parsed("9223372036854775807", true),
                            parsed("9223372036854775808.0", false),
                            parsed("123456789012345678901", true),
                            parsed("123456789012345678902", true),
                            parsed("1e30", false)};
  for (std::size_t i = 0; i < std::size(ordered); ++i) {
    for (std::size_t j = 0; j < std::size(ordered); ++j) {
      EXPECT_EQ(compare(ordered[i], ordered[j]), i <=> j) << i << " and " << j;
    }
  }
}

}  // namespace
}  // namespace flashflood::query
