#include "format/settings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "flashflood/error.h"

namespace flashflood::format {
namespace {

using std::chrono::seconds;

const FloodSettings settings{"0123456789abcdef0123456789abcdef", seconds(7200), seconds(60)};

Bytes sealed(const std::string& fields) {
  return fmt::format("{},\"checksum\":\"{:016x}\"}}\n", fields, xxh3(fields));
}

TEST(Settings, ComeBack) {
  EXPECT_EQ(decode_settings(encode_settings(settings), "f"), settings);
  EXPECT_EQ(encode_settings(settings),
            sealed("{\"type\":\"flashflood\",\"format\":1,"
                   "\"flood_id\":\"0123456789abcdef0123456789abcdef\",\"grace_seconds\":7200,"
                   "\"patience_seconds\":60"));
}

TEST(Settings, SomethingElseIsNotAFlood) {
  for (const char* text : {"", "{}", "[]", "null", "hello", "{\"type\":\"other\"}", "{\"type\":1}",
                           "{\"type\":\"flashflood-lease\"}", "{\"type\":\"flashflood\"", "\xff"}) {
    EXPECT_THROW(decode_settings(text, "f"), NotAFlood) << text;
  }
  EXPECT_THROW(decode_settings(std::string(100'000, '['), "f"), NotAFlood);
}

TEST(Settings, ANewerFormatSaysToUpdate) {
  EXPECT_THROW(decode_settings(sealed("{\"type\":\"flashflood\",\"format\":2"), "f"),
               UnsupportedFormat);
}

TEST(Settings, UnknownFieldsAreIgnored) {
  FloodSettings decoded = decode_settings(
      sealed("{\"type\":\"flashflood\",\"format\":1,\"colour\":[\"blue\",{}],"
             "\"flood_id\":\"0123456789abcdef0123456789abcdef\",\"grace_seconds\":7200,"
             "\"patience_seconds\":60"),
      "f");
  EXPECT_EQ(decoded, settings);
}

TEST(Settings, MissingAndWrongFieldsAreCorrupt) {
  const std::string start = "{\"type\":\"flashflood\",\"format\":1";
  const std::string id = ",\"flood_id\":\"0123456789abcdef0123456789abcdef\"";
  const std::string grace = ",\"grace_seconds\":100";
  const std::string patience = ",\"patience_seconds\":100";
  EXPECT_NO_THROW(decode_settings(sealed(start + id + grace + patience), "f"));
  for (const std::string& fields :
       {start + grace + patience, start + id + patience, start + id + grace,
        std::string("{\"type\":\"flashflood\"") + id + grace + patience,
        start + ",\"flood_id\":\"0123\"" + grace + patience,
        start + ",\"flood_id\":5" + grace + patience,
        start + id + grace + ",\"patience_seconds\":101",
        start + id + grace + ",\"patience_seconds\":0",
        start + id + grace + ",\"patience_seconds\":-1",
        start + id + grace + ",\"patience_seconds\":1.5",
        start + id + ",\"grace_seconds\":9999999999" + patience}) {
    EXPECT_THROW(decode_settings(sealed(fields), "f"), CorruptData) << fields;
  }
}

TEST(Settings, WhatCouldNotBeReadIsNotWritten) {
  EXPECT_THROW(encode_settings({"xyz", seconds(10), seconds(10)}), InvalidArgument);
  EXPECT_THROW(encode_settings({settings.flood_id, seconds(10), seconds(11)}), InvalidArgument);
  EXPECT_THROW(encode_settings({settings.flood_id, seconds(10), seconds(0)}), InvalidArgument);
}

TEST(Lease, ComesBack) {
  Lease lease{18446744073709551615u, seconds(900), {"0123456789abcdef"}, "a-boot", 77};
  EXPECT_EQ(decode_lease(encode_lease(lease), "l"), lease);
  EXPECT_THROW(decode_lease(encode_settings(settings), "l"), CorruptData);
  EXPECT_THROW(decode_lease("", "l"), CorruptData);
  EXPECT_THROW(encode_lease({1, seconds(0), {}, "", 0}), InvalidArgument);
}

TEST(ImportMark, ComesBack) {
  ImportMark mark;
  EXPECT_EQ(decode_import_mark(encode_import_mark(mark), "m"), mark);
  while (mark.journals.size() < ImportMark::journals_max) {
    mark.journals.push_back(IdHash::of(std::to_string(mark.journals.size())));
  }
  EXPECT_EQ(decode_import_mark(encode_import_mark(mark), "m"), mark);
  mark.journals.push_back(IdHash::of("one more"));
  EXPECT_THROW(encode_import_mark(mark), InvalidArgument);
  EXPECT_THROW(decode_import_mark("", "m"), CorruptData);
  EXPECT_THROW(decode_import_mark(encode_settings(settings), "m"), CorruptData);
}

}  // namespace
}  // namespace flashflood::format
