#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace flashflood {
namespace {

TEST(Utf8, TakesWhatIsValid) {
  for (const std::string_view text :
       {"", "plain", "more than eight ASCII characters", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "caf\xC3\xA9 and then some more", "12345678\xE2\x82\xAC"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << quote(text);
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatIsNot) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xE2\x82", "\xE2\x82\x41", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xF0\x90\x80", "\xFF", "\xFE", "12345678\xC3", "1234567\xC3\x41"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << quote(text);
  }
}

// A byte that continues a character must be found at every distance from an eight-byte boundary.
TEST(Utf8, FindsABadByteAnywhere) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '\x80';
    EXPECT_FALSE(is_valid_utf8(text)) << at;
  }
}

TEST(Quoted, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(quote("a\nb\tc\rd"), "\"a\\nb\\tc\\rd\"");
  EXPECT_EQ(quote("\x1b[31m\x7f"), "\"\\x1b[31m\\x7f\"");
  EXPECT_EQ(quote("\xC2\x9B"), "\"\\xc2\\x9b\"");
  EXPECT_EQ(quote("\xFF\xC3"), "\"\\xff\\xc3\"");
  EXPECT_EQ(quote("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(quote(std::string_view("\0", 1)), "\"\\x00\"");
}

TEST(Quoted, CutsLongTextBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xE2\x82\xAC";
  const std::string out = quote(text, 20);
  EXPECT_LT(out.size(), 32U);
  EXPECT_TRUE(is_valid_utf8(out));
  EXPECT_NE(out.find("…"), std::string::npos);
}

TEST(Hex, GoesThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  EXPECT_EQ(to_hex(std::string_view("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(from_hex(""), "");
  for (const std::string_view text : {"0", "0G", "AB", " 0", "0x"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

TEST(Base64, GoesThereAndBack) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("\xff\xfe\xfd"), "//79");
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Zg==Zg==", "Z g=",
                                      "Zm9v\n", "Zm-_", "A===", "Zg=v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(JsonString, EscapesWhatItMust) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\\n\0\x7f\xC3\xA4/", 9));
  EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0000\x7f\xC3\xA4/\"");
}

TEST(Decimal, TakesCanonicalNumbersOnly) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("42"), 42U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
  for (const std::string_view text : {"", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "x",
                                      "18446744073709551616", "99999999999999999999"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
}

TEST(Text, LowerCaseIsOfAsciiAlone) {
  EXPECT_EQ(to_lower("AbZ-09 @[`{"), "abz-09 @[`{");
  EXPECT_EQ(to_lower("\xC3\x84"), "\xC3\x84");
  EXPECT_EQ(to_lower(""), "");
}

TEST(Text, BlanksAtBothEndsAreTrimmed) {
  EXPECT_EQ(trimmed(" \t\r\na b\n\r\t "), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_NE(trimmed(" \n").data(), nullptr);
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\va\f"), "\va\f");
}

}  // namespace
}  // namespace flashflood
