#include "base/time.h"

#include <gtest/gtest.h>

#include <string>

#include "flashflood/error.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

// The message with which `text` is refused; empty when it is taken.
std::string refusal(std::string_view text) {
  try {
    parse_timestamp(text);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(ParseTimestamp, ReadsPlainDates) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:00Z"), at(1'298'967'960'000'000));
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.999999Z"), at(-1));
  EXPECT_EQ(parse_timestamp("0001-01-01T00:00:00Z"), timestamp_min);
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:59.999999Z"), timestamp_max);
}

TEST(ParseTimestamp, TakesTheSpellingsOfTheStandard) {
  const Timestamp date = parse_timestamp("2011-03-01T08:26:00Z");
  EXPECT_EQ(parse_timestamp("2011-03-01t08:26:00z"), date);
  EXPECT_EQ(parse_timestamp("2011-03-01 08:26:00Z"), date);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:00+00:00"), date);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:00-00:00"), date);
  EXPECT_EQ(parse_timestamp("2011-03-01T09:26:00+01:00"), date);
  EXPECT_EQ(parse_timestamp("2011-02-28T23:56:00-08:30"), date);
  EXPECT_EQ(parse_timestamp("2011-03-02T08:25:00+23:59"), date);
}

TEST(ParseTimestamp, RoundsFractionsDown) {
  const Timestamp second = parse_timestamp("2011-03-01T08:26:01Z");
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:01.5Z"), second + 500ms);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:01.000001Z"), second + 1us);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:01.0000019Z"), second + 1us);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:01.123456789Z"), second + 123'456us);
  EXPECT_EQ(parse_timestamp("2011-03-01T08:26:01.99999999999999999999Z"), second + 999'999us);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59.9999999Z"), at(-1));
  EXPECT_EQ(parse_timestamp("2011-03-01T09:26:01.25+01:00"), second + 250ms);
}

TEST(ParseTimestamp, KnowsTheCalendar) {
  EXPECT_EQ(parse_timestamp("2000-02-29T00:00:00Z") + 24h, parse_timestamp("2000-03-01T00:00:00Z"));
  EXPECT_EQ(parse_timestamp("2024-02-29T00:00:00Z") + 24h, parse_timestamp("2024-03-01T00:00:00Z"));
  EXPECT_NE(refusal("1900-02-29T00:00:00Z"), "");
  EXPECT_NE(refusal("2023-02-29T00:00:00Z"), "");
  EXPECT_NE(refusal("2024-02-30T00:00:00Z"), "");
  EXPECT_NE(refusal("2024-04-31T00:00:00Z"), "");
  EXPECT_NE(refusal("2024-01-00T00:00:00Z"), "");
  EXPECT_NE(refusal("2024-01-32T00:00:00Z"), "");
}

TEST(ParseTimestamp, ALeapSecondIsTheLastMicrosecondOfItsMinute) {
  const Timestamp last = parse_timestamp("2016-12-31T23:59:59.999999Z");
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60Z"), last);
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60.7Z"), last);
  EXPECT_EQ(parse_timestamp("2017-01-01T00:59:60+01:00"), last);
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:60Z"), timestamp_max);
}

TEST(ParseTimestamp, TheRangeIsThatOfUtc) {
  EXPECT_EQ(parse_timestamp("0001-01-01T01:00:00+01:00"), timestamp_min);
  EXPECT_EQ(parse_timestamp("0000-12-31T23:00:00-01:00"), timestamp_min);
  EXPECT_NE(refusal("0001-01-01T00:59:59.999999+01:00").find("before the year 1"),
            std::string::npos);
  EXPECT_NE(refusal("0000-12-31T23:59:59Z").find("before the year 1"), std::string::npos);
  EXPECT_EQ(parse_timestamp("9999-12-31T22:59:59.999999-01:00"), timestamp_max);
  EXPECT_NE(refusal("9999-12-31T23:00:00-01:00").find("after the year 9999"), std::string::npos);
}

TEST(ParseTimestamp, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* reason;
  } cases[] = {
      {"", "too short"},
      {"2011-03-01", "too short"},
      {"2011-03-01T08:26", "too short"},
      {"2011/03/01T08:26:00Z", "the day must look like"},
      {"2011-03-01_08:26:00Z", "stands a 'T'"},
      {"2011-03-01T08-26-00Z", "the time must look like"},
      {"2O11-03-01T08:26:00Z", "year"},
      {"+011-03-01T08:26:00Z", "year"},
      {"2011-13-01T08:26:00Z", "month"},
      {"2011-00-01T08:26:00Z", "month"},
      {"2011-x3-01T08:26:00Z", "month"},
      {"2011-02-29T08:26:00Z", "no such day"},
      {"2011-02-x9T08:26:00Z", "no such day"},
      {"2011-03-01T24:00:00Z", "hour"},
      {"2011-03-01T 8:26:00Z", "hour"},
      {"2011-03-01T08:60:00Z", "minute"},
      {"2011-03-01T08:26:61Z", "second"},
      {"2011-03-01T08:26:0xZ", "second"},
      {"2011-03-01T08:26:00", "offset from UTC is missing"},
      {"2011-03-01T08:26:00.5", "offset from UTC is missing"},
      {"2011-03-01T08:26:00.Z", "digits must follow"},
      {"2011-03-01T08:26:00,5Z", "comes an offset"},
      {"2011-03-01T08:26:00 Z", "comes an offset"},
      {"2011-03-01T08:26:00Zx", "after the 'Z'"},
      {"2011-03-01T08:26:00+0100", "look like '+01:00'"},
      {"2011-03-01T08:26:00+01", "look like '+01:00'"},
      {"2011-03-01T08:26:00+01:00x", "look like '+01:00'"},
      {"2011-03-01T08:26:00+24:00", "between '-23:59'"},
      {"2011-03-01T08:26:00+01:60", "between '-23:59'"},
      {"2011-03-01T08:26:00+x1:00", "between '-23:59'"},
      {" 2011-03-01T08:26:00Z", "the day must look like"},
      {"20110301T082600.000000Z", "the day must look like"},
  };
  for (const auto& [text, reason] : cases) {
    EXPECT_NE(refusal(text).find(reason), std::string::npos) << text << ": " << refusal(text);
    EXPECT_NE(refusal(text).find("RFC 3339"), std::string::npos) << text;
  }
  EXPECT_NE(refusal(std::string_view("2011-03-01T08:26:00\0", 20)), "");
  EXPECT_LT(refusal(std::string(100'000, '9')).size(), 400U);
}

TEST(FormatTimestamp, HasSixDigitsAndZ) {
  EXPECT_EQ(format_timestamp(at(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_timestamp(at(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_timestamp(timestamp_min), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_timestamp(timestamp_max), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_timestamp(parse_timestamp("2024-02-29T13:14:15.016017Z")),
            "2024-02-29T13:14:15.016017Z");
}

TEST(FormatTimestamp, IsReadBack) {
  constexpr std::int64_t step = 315'569'251'007'919;  // about ten years, with an odd rest
  for (std::int64_t us = timestamp_min.time_since_epoch().count();
       us <= timestamp_max.time_since_epoch().count(); us += step) {
    EXPECT_EQ(parse_timestamp(format_timestamp(at(us))), at(us));
    EXPECT_EQ(parse_compact_timestamp(compact_timestamp(at(us))), at(us));
  }
}

TEST(CompactTimestamp, OrdersLikeTheDates) {
  EXPECT_EQ(compact_timestamp(parse_timestamp("2011-03-01T08:26:00Z")), "20110301T082600.000000Z");
  EXPECT_EQ(compact_timestamp(timestamp_min), "00010101T000000.000000Z");
  EXPECT_LT(compact_timestamp(at(-1)), compact_timestamp(at(0)));
  EXPECT_LT(compact_timestamp(timestamp_min), compact_timestamp(timestamp_max));
}

TEST(CompactTimestamp, ReadsNothingElse) {
  for (const char* text :
       {"", "20110301T082600.000000", "20110301T082600.000000z", "20110301 082600.000000Z",
        "20110231T082600.000000Z", "20110301T242600.000000Z", "20110301T082660.000000Z",
        "00000101T000000.000000Z", "20110301T082600.00000xZ", "2011-03-01T08:26:00Z",
        "20110301T082600.0000000Z"}) {
    EXPECT_FALSE(parse_compact_timestamp(text)) << text;
  }
}

}  // namespace
}  // namespace flashflood
