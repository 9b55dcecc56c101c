#include "content.h"

#include <gtest/gtest.h>

#include <string>

namespace flashflood::cli {
namespace {

using namespace std::string_literals;

std::string name_of(const std::string& head) {
  EXPECT_FALSE(content_needs_more(head + std::string(content_head_bytes, 'x'))) << head;
  return content_of(head).name;
}

TEST(Content, ShowsInTheFirstBytes) {
  EXPECT_EQ(name_of("\x1f\x8b\x08\0"s), "gzip");
  EXPECT_EQ(name_of("\x28\xb5\x2f\xfd"s), "Zstandard");
  EXPECT_EQ(name_of("\x5a\x2a\x4d\x18"s), "Zstandard");
  EXPECT_EQ(name_of("BZh91AY&SY"), "bzip2");
  EXPECT_EQ(name_of("\xfd"s + "7zXZ\0"s), "xz");
  EXPECT_EQ(name_of("PK\x03\x04"s).substr(0, 5), "a zip");
  EXPECT_EQ(name_of("PAR1\x15\0"s), "a Parquet file");
  EXPECT_EQ(name_of("Obj\x01"s), "an Avro file");
  EXPECT_EQ(name_of(std::string(257, '\0') + "ustar"), "a tar archive");
  EXPECT_EQ(name_of("\xff\xfe{\0"s), "UTF-16");
  EXPECT_EQ(name_of("\xfe\xff\0{"s), "UTF-16");
  EXPECT_EQ(name_of("{\0\"\0"s), "UTF-16");
  EXPECT_EQ(name_of("\0{\0\""s), "UTF-16");
  EXPECT_EQ(name_of("\xff\xfe\0\0"s), "UTF-32");
}

TEST(Content, OfTextIsText) {
  for (const std::string text : {"{\"id\": 1}", "PAR1, a word", "ORC and elf", "BZhello", "PK", "",
                                 "\xef\xbb\xbf{}", "\x1b[0mcolour", "BZ"}) {
    EXPECT_EQ(content_of(text).kind, Content::Kind::text) << text;
  }
}

// Somebody who types a line is not kept waiting for 512 bytes.
TEST(Content, NeedsNoMoreOfALineThanTells) {
  for (const std::string text : {"{", "7\n", "PA\n", "BZhx", "ORCs", "x"}) {
    EXPECT_FALSE(content_needs_more(text)) << text;
  }
  for (const std::string& text :
       {""s, "P"s, "BZh9"s, "\x1f"s, "PAR1"s, "\xff\xfe"s, std::string(100, '\0')}) {
    EXPECT_TRUE(content_needs_more(text)) << text;
  }
}

}  // namespace
}  // namespace flashflood::cli
