#include "content.h"

#include <algorithm>
#include <array>

namespace flashflood::cli {

namespace {

using Kind = Content::Kind;
using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  Content content;
  bool letters = false;  // text may begin so too: only what is binary is this
};

// In this order: a longer one before its beginning.
constexpr std::array magics = {
    Magic{"\x1f\x8b\x08"sv, {Kind::gzip, "gzip"}},
    Magic{"\x28\xb5\x2f\xfd"sv, {Kind::zstd, "Zstandard"}},
    Magic{"\xfd"
          "7zXZ\0"sv,
          {Kind::xz, "xz"}},
    Magic{"PK\x03\x04"sv, {Kind::foreign, "a zip archive (or an Office document)"}},
    Magic{"PK\x05\x06"sv, {Kind::foreign, "an empty zip archive"}},
    Magic{"7z\xbc\xaf\x27\x1c"sv, {Kind::foreign, "a 7-Zip archive"}},
    Magic{"Rar!\x1a\x07"sv, {Kind::foreign, "a RAR archive"}},
    Magic{"\x04\x22\x4d\x18"sv, {Kind::foreign, "lz4"}},
    Magic{"\xff\x06\0\0sNaPpY"sv, {Kind::foreign, "Snappy"}},
    Magic{"\x1f\x9d"sv, {Kind::foreign, "a file of compress (.Z)"}},
    Magic{"LZIP\x01"sv, {Kind::foreign, "lzip"}},
    Magic{"Obj\x01"sv, {Kind::foreign, "an Avro file"}},
    Magic{"ARROW1\0\0"sv, {Kind::foreign, "an Arrow file"}},
    Magic{"SQLite format 3\0"sv, {Kind::foreign, "an SQLite database"}},
    Magic{"\x7f"
          "ELF"sv,
          {Kind::foreign, "a program"}},
    Magic{"%PDF-1."sv, {Kind::foreign, "a PDF document"}},
    Magic{"PAR1"sv, {Kind::foreign, "a Parquet file"}, true},
    Magic{"ORC"sv, {Kind::foreign, "an ORC file"}, true},
    Magic{"\xff\xfe\0\0"sv, {Kind::foreign, "UTF-32"}},
    Magic{"\0\0\xfe\xff"sv, {Kind::foreign, "UTF-32"}},
    Magic{"\xff\xfe"sv, {Kind::utf16le, "UTF-16"}},
    Magic{"\xfe\xff"sv, {Kind::utf16be, "UTF-16"}},
};

// The digit tells the size of the blocks; what follows is the mark of the first block, or that of
// the end of an empty file.
constexpr std::string_view bzip2_block = "\x31\x41\x59\x26\x53\x59";
constexpr std::string_view bzip2_end = "\x17\x72\x45\x38\x50\x90";

// Whether `head` begins so, as far as it goes.
bool may_be_bzip2(std::string_view head) {
  constexpr std::string_view name = "BZh";
  if (!name.starts_with(head.substr(0, 3))) return false;
  if (head.size() > 3 && (head[3] < '1' || head[3] > '9')) return false;
  const std::string_view mark = head.size() > 4 ? head.substr(4, 6) : std::string_view();
  return bzip2_block.starts_with(mark) || bzip2_end.starts_with(mark);
}

bool is_bzip2(std::string_view head) { return head.size() >= 10 && may_be_bzip2(head); }

// A frame that a decompressor skips may come first.
bool is_skippable_zstd(std::string_view head) {
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xf0) == 0x50 &&
         head.substr(1, 3) == "\x2a\x4d\x18"sv;
}

bool is_tar(std::string_view head) { return head.size() >= 262 && head.substr(257, 5) == "ustar"; }

bool is_binary(std::string_view head) {
  return std::any_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\x1b';
  });
}

// Without a mark in front: what JSON begins with, each character with a zero.
Content utf16_without_mark(std::string_view head) {
  constexpr std::string_view starts = "{[\" \t\r\n";
  if (head.size() < 4) return {};
  if (head[1] == '\0' && head[3] == '\0' && head[2] != '\0' &&
      starts.find(head[0]) != std::string_view::npos) {
    return {Kind::utf16le, "UTF-16"};
  }
  if (head[0] == '\0' && head[2] == '\0' && head[3] != '\0' &&
      starts.find(head[1]) != std::string_view::npos) {
    return {Kind::utf16be, "UTF-16"};
  }
  return {};
}

// Whether `head` is the beginning of `magic`, and less than all of it.
bool is_part_of(std::string_view head, std::string_view magic) {
  return head.size() < magic.size() && magic.starts_with(head);
}

}  // namespace

bool content_needs_more(std::string_view head) {
  if (head.empty()) return true;
  if (head.size() >= content_head_bytes) return false;
  if (std::any_of(magics.begin(), magics.end(), [&](const Magic& magic) {
        return is_part_of(head, magic.bytes) || (magic.letters && head == magic.bytes);
      })) {
    return true;
  }
  if (may_be_bzip2(head)) return !is_bzip2(head);
  if (is_skippable_zstd(head)) return false;
  if (std::any_of(magics.begin(), magics.end(), [&](const Magic& magic) {
        return !magic.letters && head.starts_with(magic.bytes);
      })) {
    return false;
  }
  // No text: a tar archive shows late.
  return is_binary(head) && content_of(head).kind == Kind::text;
}

Content content_of(std::string_view head) {
  for (const Magic& magic : magics) {
    if (head.starts_with(magic.bytes) && (!magic.letters || is_binary(head))) return magic.content;
  }
  if (is_bzip2(head)) return {Kind::bzip2, "bzip2"};
  if (is_skippable_zstd(head)) return {Kind::zstd, "Zstandard"};
  if (is_tar(head)) return {Kind::foreign, "a tar archive"};
  return utf16_without_mark(head);
}

}  // namespace flashflood::cli
