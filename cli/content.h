// What a file holds, told by its first bytes and never by its name.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace flashflood::cli {

struct Content {
  enum class Kind {
    text,     // or anything else that is to be read as it is
    gzip,     //
    zstd,     //
    bzip2,    //
    xz,       //
    utf16le,  // text, to be converted
    utf16be,  //
    foreign   // no events can be read from it as it is
  };
  Kind kind = Kind::text;
  const char* name = "";  // "gzip", "a zip archive"

  bool compressed() const {
    return kind == Kind::gzip || kind == Kind::zstd || kind == Kind::bzip2 || kind == Kind::xz;
  }
  bool utf16() const { return kind == Kind::utf16le || kind == Kind::utf16be; }
};

// No more bytes than this are ever needed.
inline constexpr std::size_t content_head_bytes = 512;

// Whether more bytes than `head` are needed to tell. What is not binary needs no more than tells
// it from the names below, so that a line that somebody types is not waited for in vain.
bool content_needs_more(std::string_view head);
// What begins with `head`, which is all there is, or as much as content_needs_more() asks for.
Content content_of(std::string_view head);

}  // namespace flashflood::cli
