#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "flashflood/error.h"
#include "flashflood/event.h"

namespace flashflood {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Unit = DateReading::Unit;

std::string read(std::string_view text, std::optional<minutes> zone = {},
                 Unit unit = Unit::seconds) {
  try {
    return format_timestamp(read_date(text, {unit, zone}));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

std::string number(std::string_view text, Unit unit = Unit::seconds) {
  try {
    return format_timestamp(read_date_number(text, unit));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

TEST(DateReading, TakesWhatIsCloseToRfc3339) {
  for (const char* text : {"2024-01-02T10:30:00Z",
                           "2024-01-02T10:30:00.000Z",
                           "2024-01-02t10:30:00z",
                           "2024-01-02 10:30:00Z",
                           "2024-01-02T10:30:00+0000",
                           "2024-01-02T11:30:00+01",
                           "2024-01-02T05:00:00-0530",
                           "2024-01-02 10:30:00 UTC",
                           "2024-01-02 10:30:00 GMT",
                           "2024-01-02 10:30:00 +0000",
                           "2024-01-02 10:30:00,000 +00:00",
                           "2024-01-02T10:30Z",
                           " 2024-01-02T10:30:00Z ",
                           "20240102T103000Z",
                           "20240102T103000.000+0000",
                           "20240102T1030Z",
                           "Tue, 02 Jan 2024 10:30:00 +0000",
                           "Tue, 2 Jan 2024 10:30:00 GMT",
                           "2 Jan 2024 10:30 UT",
                           "tue, 02 jan 2024 05:30:00 EST",
                           "1704191400",
                           "1704191400.0",
                           R"({"$date":"2024-01-02T10:30:00Z"})",
                           R"({"$date": 1704191400000 })",
                           R"({ "$date" : {"$numberLong":"1704191400000"} })"}) {
    EXPECT_EQ(read(text), "2024-01-02T10:30:00.000000Z") << text;
  }
  EXPECT_EQ(read("2024-01-02T10:30:00,1234567Z"), "2024-01-02T10:30:00.123456Z");
  EXPECT_EQ(read("2016-12-31 23:59:60 UTC"), "2016-12-31T23:59:59.999999Z");
}

TEST(DateReading, TakesAZoneOnlyWhenItIsGiven) {
  for (const char* text :
       {"2024-01-02T10:30:00", "2024-01-02 10:30:00.000", "20240102T103000", "2024-01-02 10:30"}) {
    EXPECT_NE(read(text).find("no zone is given"), std::string::npos) << read(text);
    EXPECT_EQ(read(text, minutes(0)), "2024-01-02T10:30:00.000000Z") << text;
    EXPECT_EQ(read(text, hours(-5)), "2024-01-02T15:30:00.000000Z") << text;
  }
  EXPECT_NE(read("2024-01-02").find("no zone is given"), std::string::npos);
  EXPECT_EQ(read("2024-01-02", hours(2)), "2024-01-01T22:00:00.000000Z");
  EXPECT_EQ(read("20240102", minutes(0)), "2024-01-02T00:00:00.000000Z");
  // One that is written there counts.
  EXPECT_EQ(read("2024-01-02T10:30:00+01:00", hours(-5)), "2024-01-02T09:30:00.000000Z");
}

TEST(DateReading, SaysWhatIsWrong) {
  const auto says = [](std::string_view text, const std::string& words) {
    const std::string message = read(text, minutes(0));
    EXPECT_NE(message.find(words), std::string::npos) << text << ": " << message;
    EXPECT_NE(message.find("2011-03-01T08:26:00Z"), std::string::npos) << message;
  };
  says("", "year");
  says("soon", "no year");
  says("2024-13-02T10:30:00Z", "month");
  says("2023-02-29T10:30:00Z", "no such day");
  says("2024-01-02T24:00:00Z", "hour");
  says("2024-01-02T10:30:61Z", "second");
  says("2024-01-02T10:30:00.Z", "decimal point");
  says("2024-01-02T10:30:00Zx", "offset");
  says("2024-01-02T10:30:00 EST", "offset");  // as in RFC 3339: names are for RFC 2822
  says("2024-01-02T10:30:00+24:00", "-23:59");
  says("2024-01-02T", "time");
  says("Mon, 02 Jan 2024 10:30:00 +0000", "another day of the week");
  says("02 Foo 2024 10:30:00 +0000", "Jan to Dec");
  says("0001-01-01T00:00:00+01:00", "before the year 1");
  says(R"({"date":1})", "$date");
}

TEST(DateReading, NumbersAreExact) {
  EXPECT_EQ(number("0"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(number("1299573000.25"), "2011-03-08T08:30:00.250000Z");
  EXPECT_EQ(number("1299573000.1234567"), "2011-03-08T08:30:00.123456Z");
  EXPECT_EQ(number("-0.5"), "1969-12-31T23:59:59.500000Z");
  EXPECT_EQ(number("-0.0000001"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(number("-0.0000010"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(number("1.3e9"), "2011-03-13T07:06:40.000000Z");
  EXPECT_EQ(number("13E+8"), "2011-03-13T07:06:40.000000Z");
  EXPECT_EQ(number("1e-400"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(number("0e999999999999"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(number("253402300799.999999"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(number("-62135596800"), "0001-01-01T00:00:00.000000Z");
  EXPECT_NE(number("1e400").find("out of range"), std::string::npos);
  EXPECT_NE(number("-62135596800.000001").find("out of range"), std::string::npos);
  EXPECT_NE(number("0x10").find("not a number"), std::string::npos);
}

TEST(DateReading, UnitsAreTakenOnlyWhenTheyAreGiven) {
  EXPECT_EQ(number("1704191400123", Unit::milliseconds), "2024-01-02T10:30:00.123000Z");
  EXPECT_EQ(number("1704191400123456", Unit::microseconds), "2024-01-02T10:30:00.123456Z");
  EXPECT_EQ(number("1704191400123456789", Unit::nanoseconds), "2024-01-02T10:30:00.123456Z");
  EXPECT_EQ(number("-1", Unit::nanoseconds), "1969-12-31T23:59:59.999999Z");
  for (const char* text :
       {"1704191400", "1704191400000", "1704191400000000", "1704191400000000000"}) {
    EXPECT_EQ(number(text, Unit::detect), "2024-01-02T10:30:00.000000Z") << text;
  }
  // What cannot be a date names the unit in which it is one.
  const std::string message = number("1704191400123");
  EXPECT_NE(message.find("in milliseconds it is 2024-01-02T10:30:00.123000Z"), std::string::npos)
      << message;
  EXPECT_NE(number("1704191400123456789", Unit::milliseconds).find("in nanoseconds it is 2024"),
            std::string::npos);
}

TEST(DateReading, Zones) {
  EXPECT_EQ(read_zone("UTC"), minutes(0));
  EXPECT_EQ(read_zone("z"), minutes(0));
  EXPECT_EQ(read_zone("+02:00"), minutes(120));
  EXPECT_EQ(read_zone("-0530"), minutes(-330));
  for (const char* text : {"+2:00", "Europe/Berlin", "EST", "", "+25:00", "02:00"}) {
    EXPECT_THROW(read_zone(text), InvalidArgument) << text;
  }
}

std::string span(std::string_view text, minutes zone = minutes(0)) {
  try {
    const auto now = parse_timestamp("2024-03-01T01:30:00Z");
    const DateSpan span = read_date_span(text, now, zone);
    const std::string begin = format_timestamp(span.begin).substr(0, 19);
    return span.begin == span.end ? begin
                                  : begin + " to " + format_timestamp(span.end).substr(0, 19);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

TEST(DateSpan, WordsAndDates) {
  EXPECT_EQ(span("2024-01-02"), "2024-01-02T00:00:00 to 2024-01-03T00:00:00");
  EXPECT_EQ(span("2024-02"), "2024-02-01T00:00:00 to 2024-03-01T00:00:00");
  EXPECT_EQ(span("2024"), "2024-01-01T00:00:00 to 2025-01-01T00:00:00");
  EXPECT_EQ(span("today"), "2024-03-01T00:00:00 to 2024-03-02T00:00:00");
  EXPECT_EQ(span("yesterday"), "2024-02-29T00:00:00 to 2024-03-01T00:00:00");
  EXPECT_EQ(span("yesterday", hours(-5)), "2024-02-28T05:00:00 to 2024-02-29T05:00:00");
  EXPECT_EQ(span("2024-01-02", hours(2)), "2024-01-01T22:00:00 to 2024-01-02T22:00:00");
  EXPECT_EQ(span("now"), "2024-03-01T01:30:00");
  EXPECT_EQ(span("-1h"), "2024-03-01T00:30:00");
  EXPECT_EQ(span("7d"), "2024-02-23T01:30:00");
  EXPECT_EQ(span("2w"), "2024-02-16T01:30:00");
  EXPECT_EQ(span("999999999999d"), "0001-01-01T00:00:00");
  EXPECT_EQ(span("2024-01-02T10:30:00Z"), "2024-01-02T10:30:00");
  EXPECT_EQ(span("2024-01-02 10:30", hours(1)), "2024-01-02T09:30:00");
  EXPECT_EQ(span("1704191400"), "2024-01-02T10:30:00");
  EXPECT_EQ(span("9999-12-31"), "9999-12-31T00:00:00 to 9999-12-31T23:59:59");
  EXPECT_NE(span("2023-02-29").find("no such day"), std::string::npos);
  EXPECT_NE(span("2023-13").find("no such month"), std::string::npos);
  EXPECT_NE(span("soon").find("refused"), std::string::npos);
  EXPECT_NE(span("--1h").find("refused"), std::string::npos);
}

}  // namespace
}  // namespace flashflood
