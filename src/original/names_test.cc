#include "original/names.h"

#include <gtest/gtest.h>

#include <string>

namespace flashflood::original {
namespace {

const std::string blob = "0d2a5be5-8f0e-4c4e-9f3b-3f2f5f0f9b11";
const std::string from = "2019-11-25T101010.123456Z";
const std::string to = "2019-11-26T000000.000000Z";
const std::string journal = from + "--" + to + "--2019-12-01T010203.000004Z--" + blob;

std::string marker_of(const std::string& event, const std::string& action = "UPDATE") {
  return std::string(journal.rbegin(), journal.rend()) + "--" + event +
         "--2019-12-02T000000.000001Z--" + action;
}

TEST(OriginalDate, IsReadAsTheOriginalWritesIt) {
  EXPECT_EQ(parse_date(from), parse_timestamp("2019-11-25T10:10:10.123456Z"));
  EXPECT_EQ(parse_date("2020-02-29T235959.999999Z"),
            parse_timestamp("2020-02-29T23:59:59.999999Z"));
  EXPECT_EQ(parse_date("2019-11-25T101010.5Z"), parse_timestamp("2019-11-25T10:10:10.5Z"));
}

TEST(OriginalDate, AYearBefore1000HasFewerDigitsOrNot) {
  const Timestamp date = parse_timestamp("0987-06-05T04:03:02.000001Z");
  EXPECT_EQ(parse_date("987-06-05T040302.000001Z"), date);
  EXPECT_EQ(parse_date("0987-06-05T040302.000001Z"), date);
  EXPECT_EQ(parse_date("1-01-01T000000.000000Z"), timestamp_min);
  EXPECT_EQ(parse_date("9999-12-31T235959.999999Z"), timestamp_max);
}

TEST(OriginalDate, OtherTextsAreRefused) {
  for (const char* text :
       {"", "Z", "2019-11-25", "2019-11-25T10:10:10.123456Z", "2019-13-25T101010.123456Z",
        "2019-02-29T101010.123456Z", "2019-11-25T241010.123456Z", "2019-11-25T106010.123456Z",
        "2019-11-25T101060.123456Z", "2019-11-25T101010Z", "2019-11-25T101010.Z",
        "2019-11-25T101010.1234567Z", "2019-11-25T101010.123456", "2019-11-25T101010.123456Zx",
        "0-11-25T101010.123456Z", "-2019-11-25T101010.123456Z", "12019-11-25T101010.123456Z",
        " 2019-11-25T101010.123456Z", "2019-11-2xT101010.123456Z"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(OriginalJournalName, TellsRangeVersionAndBlob) {
  const auto parsed = parse_journal_name(journal);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->from, parse_timestamp("2019-11-25T10:10:10.123456Z"));
  EXPECT_EQ(parsed->to, parse_timestamp("2019-11-26T00:00:00Z"));
  EXPECT_EQ(parsed->version, parse_timestamp("2019-12-01T01:02:03.000004Z"));
  EXPECT_EQ(parsed->blob, blob);
  const std::string as_put = from + "--" + from + "--new--" + blob;
  ASSERT_TRUE(parse_journal_name(as_put));
  EXPECT_EQ(parse_journal_name(as_put)->version, std::nullopt);
}

TEST(OriginalJournalName, OtherNamesAreRefused) {
  for (const std::string& name :
       {std::string(), std::string("x"), from, from + "--" + to, from + "--" + to + "--new",
        from + "--" + to + "--new--", from + "--" + to + "--old--" + blob, journal + "--more",
        "x--" + to + "--new--" + blob, from + "--x--new--" + blob}) {
    EXPECT_FALSE(parse_journal_name(name)) << name;
  }
}

TEST(OriginalMarkerName, TellsJournalEventDateAndAction) {
  const auto parsed = parse_marker_name(marker_of("order-7"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->journal, journal);
  EXPECT_EQ(parsed->event, "order-7");
  EXPECT_EQ(parsed->date, parse_timestamp("2019-12-02T00:00:00.000001Z"));
  EXPECT_EQ(parsed->action, Action::update);
  EXPECT_EQ(parse_marker_name(marker_of("order-7", "DELETE"))->action, Action::remove);
}

TEST(OriginalMarkerName, AnIdMayBeAnything) {
  for (const std::string& id :
       {std::string("-a"), std::string("a-"), std::string("-"), std::string("a/b/c"),
        std::string("/"), std::string("a--b"), std::string("x.dead"), std::string("\xff\n\0", 3),
        std::string("ü"), std::string()}) {
    const auto parsed = parse_marker_name(marker_of(id));
    ASSERT_TRUE(parsed) << id;
    EXPECT_EQ(parsed->event, id);
    EXPECT_EQ(parsed->journal, journal);
  }
}

TEST(OriginalMarkerName, OtherNamesAreRefused) {
  const std::string reversed(journal.rbegin(), journal.rend());
  for (const std::string& name :
       {std::string(), reversed, reversed + "--", reversed + "--a", reversed + "--a--UPDATE",
        reversed + "--a--2019-12-02T000000.000001Z--update", reversed + "--a--2019-12-02--UPDATE",
        journal + "--a--2019-12-02T000000.000001Z--UPDATE", std::string("--------------"),
        marker_of("a") + ".dead"}) {
    EXPECT_FALSE(parse_marker_name(name)) << name;
  }
}

// Whatever is cut off or changed: no crash, and what is read is what a name says.
TEST(OriginalNames, EveryPartAndChangeOfANameIsReadOrRefused) {
  const std::string name = marker_of("id");
  for (std::size_t i = 0; i < name.size(); ++i) {
    parse_marker_name(name.substr(0, i));
    parse_marker_name(name.substr(i));
    parse_journal_name(name.substr(i));
    for (const char c : {'-', '\0', '9', 'Z', '/'}) {
      std::string changed = name;
      changed[i] = c;
      if (const auto parsed = parse_marker_name(changed)) {
        EXPECT_TRUE(parse_journal_name(parsed->journal));
      }
    }
  }
}

}  // namespace
}  // namespace flashflood::original
