#include "original/manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "flashflood/error.h"

namespace flashflood::original {
namespace {

constexpr const char* date = "2019-11-25T101010.123456Z";

std::string row(const std::string& id, const std::string& offset, const std::string& size,
                const std::string& timestamp = date) {
  return fmt::format(R"({{"event_id": "{}", "timestamp": "{}", "offset": {}, "size": {}}})", id,
                     timestamp, offset, size);
}

std::string manifest(const std::string& rows) {
  return R"({"journal_id": "j", "from_date": "a", "to_date": "b", "size": 12, "events": [)" + rows +
         "]}";
}

const char* fault_of(const std::string& rows, std::uint64_t blob_bytes = 100) {
  return parse_manifest(manifest(rows), blob_bytes).rows.back().fault;
}

TEST(OriginalManifest, ListsItsEvents) {
  const Manifest parsed =
      parse_manifest(manifest(row("a", "0", "5") + "," + row("\\u00fc/ \\\"", "5", "7")), 12);
  ASSERT_EQ(parsed.rows.size(), 2u);
  EXPECT_EQ(parsed.id(parsed.rows[0]), "a");
  EXPECT_EQ(parsed.id(parsed.rows[1]), "ü/ \"");
  EXPECT_EQ(parsed.rows[1].date, parse_timestamp("2019-11-25T10:10:10.123456Z"));
  EXPECT_EQ(parsed.rows[1].offset, 5u);
  EXPECT_EQ(parsed.rows[1].size, 7u);
  EXPECT_EQ(parsed.data_bytes(), 12u);
  for (const ManifestRow& one : parsed.rows) EXPECT_EQ(one.fault, nullptr);
}

TEST(OriginalManifest, EmptyDataAndNoEvents) {
  EXPECT_EQ(fault_of(row("a", "0", "0"), 0), nullptr);
  EXPECT_TRUE(parse_manifest(manifest(""), 0).rows.empty());
}

TEST(OriginalManifest, AnEventThatCannotBeHasAFault) {
  EXPECT_STREQ(fault_of(row("", "0", "1")), "the id is empty");
  EXPECT_EQ(fault_of(row(std::string(1024, 'x'), "0", "1")), nullptr);
  EXPECT_STREQ(fault_of(row(std::string(1025, 'x'), "0", "1")), "the id is longer than 1024 bytes");
  EXPECT_STREQ(fault_of(row("a", "0", "1", "yesterday")), "its date cannot be read");
  EXPECT_STREQ(fault_of(row("a", "90", "11")), "its data lies beyond the end of the blob");
  EXPECT_STREQ(fault_of(row("a", "101", "0")), "its data lies beyond the end of the blob");
  EXPECT_STREQ(fault_of(row("a", "18446744073709551615", "2")),
               "its data lies beyond the end of the blob");
  EXPECT_STREQ(fault_of(row("a", "2", "18446744073709551615")),
               "its data lies beyond the end of the blob");
  EXPECT_STREQ(fault_of(row("a", "0", "67108865"), 1u << 30), "its data is longer than 64 MiB");
  EXPECT_EQ(fault_of(row("a", "0", "67108864"), 1u << 30), nullptr);
  for (const char* entry : {"7", "null", "[]", "{}", R"({"event_id": "a"})",
                            R"({"event_id": 1, "timestamp": "x", "offset": 0, "size": 0})"}) {
    EXPECT_STREQ(fault_of(entry), "its entry in the manifest is no event") << entry;
  }
  EXPECT_STREQ(fault_of(row("a", "-1", "1")), "its entry in the manifest is no event");
  EXPECT_STREQ(fault_of(row("a", "0.5", "1")), "its entry in the manifest is no event");
}

// Otherwise a small manifest could make any amount of data out of one blob.
TEST(OriginalManifest, DataIsUsedOnce) {
  EXPECT_STREQ(fault_of(row("a", "0", "60") + "," + row("b", "59", "10")),
               "its data overlaps that of the event before it");
  EXPECT_STREQ(fault_of(row("a", "50", "10") + "," + row("b", "0", "10")),
               "its data overlaps that of the event before it");
  EXPECT_EQ(fault_of(row("a", "0", "10") + "," + row("b", "90", "10")), nullptr);
}

TEST(OriginalManifest, AFaultyEventSparesTheOthers) {
  const Manifest parsed = parse_manifest(
      manifest(row("", "0", "5") + ",7," + row("b", "5", "5") + "," + row("c", "10", "90")), 20);
  ASSERT_EQ(parsed.rows.size(), 4u);
  EXPECT_EQ(parsed.rows[2].fault, nullptr);
  EXPECT_EQ(parsed.id(parsed.rows[2]), "b");
  EXPECT_NE(parsed.rows[3].fault, nullptr);
}

TEST(OriginalManifest, WhatIsNoManifestIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("7"), std::string("[]"), std::string("{}"),
        std::string(R"({"events": 7})"), std::string("\xff"), std::string(3, '\0'),
        std::string(100'000, '['), manifest(row("a", "99999999999999999999999", "1")),
        manifest(row("\\ud800", "0", "1")), manifest(row("\xff", "0", "1"))}) {
    EXPECT_THROW(parse_manifest(text, 100), CorruptData) << text.substr(0, 50);
  }
  const std::string whole = manifest(row("a", "0", "5") + "," + row("b", "5", "7"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_THROW(parse_manifest(whole.substr(0, i), 12), CorruptData) << i;
  }
}

}  // namespace
}  // namespace flashflood::original
