#include "text.h"

#include <gtest/gtest.h>

#include "failure.h"
#include "values.h"

namespace flashflood::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string compact(std::string_view json) {
  std::string out;
  append_compact_json(out, json);
  return out;
}

TEST(Text, CountsAndSizesForPeople) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(1234567), "1,234,567");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(human_bytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(human_bytes(UINT64_MAX), "16.0 EiB");
  EXPECT_EQ(plural(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(plural(2000, "entry", "entries"), "2,000 entries");
}

TEST(Text, DurationsForPeople) {
  EXPECT_EQ(human_seconds(0.0000042), "4 us");
  EXPECT_EQ(human_seconds(0.0125), "12.5 ms");
  EXPECT_EQ(human_seconds(59.94), "59.9 s");
  EXPECT_EQ(human_seconds(200), "3 min 20 s");
  EXPECT_EQ(human_seconds(3600), "1 h");
  EXPECT_EQ(human_seconds(90000), "1 d 1 h");
}

TEST(Text, QuotesAndCutsBetweenCharacters) {
  EXPECT_EQ(quoted_text("a\"b\n\x01"), R"("a\"b\n\x01")");
  const std::string cut = quoted_text(std::string(79, 'x') + "éé");
  EXPECT_EQ(cut, "\"" + std::string(79, 'x') + "…\"");
}

TEST(Text, FindsWhatWasMeant) {
  const std::vector<std::string> commands{"put", "get", "record", "replay", "journal", "journals"};
  EXPECT_EQ(closest("recrod", commands), "record");
  EXPECT_EQ(closest("jornal", commands), "journal");
  EXPECT_EQ(closest("rep", commands), "replay");
  EXPECT_EQ(closest("pt", commands), "put");
  EXPECT_EQ(closest("insert", commands), std::nullopt);
  EXPECT_EQ(closest(std::string(1000, 'x'), commands), std::nullopt);
}

TEST(Text, TablesAlignByCharacters) {
  EXPECT_EQ(table({{"NAME", "N"}, {"é", "10"}}, {1}), "NAME   N\né     10\n");
}

TEST(Text, JsonAndBase64) {
  EXPECT_EQ(json_string(std::string("q\"\\\n\t\0é", 8)), "\"q\\\"\\\\\\n\\t\\u0000é\"");
  EXPECT_EQ(compact("{ \"a b\\\" \" : [ 1 ,\r\n\t2 ] }"), "{\"a b\\\" \":[1,2]}");
  // RFC 4648 section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Values, SizesAndDurations) {
  EXPECT_EQ(parse_size("--x", "65536"), 65536U);
  EXPECT_EQ(parse_size("--x", "1.5k"), 1536U);
  EXPECT_EQ(parse_size("--x", "8MiB"), 8U << 20);
  for (const char* text : {"", "-1", "8X", "M", "1e99", "nan", "8 M", "1MM"}) {
    EXPECT_THROW(parse_size("--x", text), UsageError) << text;
  }
  EXPECT_EQ(parse_duration("--x", "250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("--x", "1.5m"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("--x", "7"), milliseconds(7000));
  for (const char* text : {"", "-1s", "1w", "s", "inf", "9999999999d"}) {
    EXPECT_THROW(parse_duration("--x", text), UsageError) << text;
  }
  EXPECT_THROW(parse_seconds("--x", "1500ms"), UsageError);
  EXPECT_THROW(parse_count("--x", "5", 6, 9), UsageError);
  EXPECT_THROW(parse_count("--x", "99999999999999999999"), UsageError);
}

std::string range(const RangeArguments& arguments) {
  try {
    const DateRange range = parse_range(arguments);
    const auto text = [](const std::optional<Timestamp>& date) {
      return date ? format_timestamp(*date).substr(0, 26) : std::string("-");
    };
    return text(range.from) + " " + text(range.to);
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Values, RangesSayWhichEndOfADayTheyMean) {
  const std::string day = "2023-12-31T23:59:59.999999 2024-01-01T23:59:59.999999";
  EXPECT_EQ(range({.from = "2024-01-01", .to = "2024-01-01"}), day);
  EXPECT_EQ(range({.on = "2024-01-01"}), day);
  EXPECT_EQ(range({.since = "2024-01-01", .until = "2024-01-02"}), day);
  EXPECT_EQ(range({.on = "2024-01-01", .zone = "+01:00"}),
            "2023-12-31T22:59:59.999999 2024-01-01T22:59:59.999999");
  EXPECT_EQ(range({.on = "2024-02"}), "2024-01-31T23:59:59.999999 2024-02-29T23:59:59.999999");
  // A moment is left out at --from, and in at --since.
  EXPECT_EQ(range({.from = "2024-01-01T00:00:00Z"}), "2024-01-01T00:00:00.000000 -");
  EXPECT_EQ(range({.since = "2024-01-01T00:00:00Z"}), "2023-12-31T23:59:59.999999 -");
  EXPECT_EQ(range({.to = "2024-01-01T00:00:00Z"}), "- 2024-01-01T00:00:00.000000");
  EXPECT_EQ(range({.until = "2024-01-01T00:00:00Z"}), "- 2023-12-31T23:59:59.999999");
  EXPECT_EQ(range({.since = "0001-01-01T00:00:00Z"}), "- -");
  EXPECT_EQ(range({.to = "9999-12-31"}), "- 9999-12-31T23:59:59.999999");
  EXPECT_EQ(range({}), "- -");
}

TEST(Values, RangesThatContradictThemselves) {
  EXPECT_EQ(range({.from = "2024", .since = "2024"}), "--from and --since do not go together");
  EXPECT_EQ(range({.to = "2024", .on = "2024"}), "--on and --to do not go together");
  EXPECT_EQ(range({.from = "2024-01-02", .to = "2024-01-01"}), "--from is later than --to");
  EXPECT_NE(range({.on = "now"}).find("no day, month or year"), std::string::npos);
  EXPECT_NE(range({.from = "soon"}).find("--from: "), std::string::npos);
  EXPECT_NE(range({.from = "2024", .zone = "CET"}).find("--zone: "), std::string::npos);
}

TEST(Values, IntervalsAreNotNothing) {
  EXPECT_EQ(parse_interval("--x", "10ms"), milliseconds(10));
  for (const char* text : {"0", "0s", "9ms", "0.1ms"}) {
    EXPECT_THROW(parse_interval("--x", text), UsageError) << text;
  }
}

TEST(Text, Base64ComesBack) {
  for (const std::string bytes : {"", "a", "ab", "abc", "\xff\x00\x80z"}) {
    std::string out = "x";
    EXPECT_TRUE(append_from_base64(out, base64(bytes)));
    EXPECT_EQ(out, "x" + bytes);
  }
  for (const char* text : {"a", "ab=", "ab==c", "====", "=abc", "a===", "ab c"}) {
    std::string out = "x";
    EXPECT_FALSE(append_from_base64(out, text)) << text;
    EXPECT_EQ(out, "x");
  }
}

}  // namespace
}  // namespace flashflood::cli
