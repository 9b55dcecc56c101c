// What journals and index parts have in common: a header at the start; at the end sections, a
// directory that lists them, and a footer, so that the end of the object opens it.
//
// The header and the footer keep their size, magic, version and the place of their checksum in all
// versions, so that a reader can tell a newer object from a damaged one.
//
// Threads: pure functions; a TailWriter belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace flashflood::format {

inline constexpr std::size_t object_header_bytes = 24;
inline constexpr std::size_t object_footer_bytes = 64;

// Numbers are persisted and never reused.
enum class SectionKind : std::uint16_t {
  properties = 1,
  block_index = 2,
  id_table = 3,
  fences = 4,
  filter = 5,
};

// What tells one kind of object from the others.
struct ObjectForm {
  std::string_view header_magic;  // 8 bytes
  std::string_view footer_magic;  // 8 bytes
  std::uint16_t version;
  std::string_view what;  // for messages
};

void append_object_header(Bytes& out, const ObjectForm& form);
// `start`: at least object_header_bytes from the start of the object. Throws CorruptData and
// UnsupportedFormat.
void check_object_header(BytesView start, const ObjectForm& form, std::string_view name);

// Appends sections, directory and footer to an object whose body is complete.
class TailWriter {
 public:
  explicit TailWriter(Bytes& out) : out_(out), tail_offset_(out.size()) {}
  // In ascending order of kind. A reader that does not know an optional section passes over it.
  // Throws InvalidArgument for a section of 4 GiB or more.
  void add(SectionKind kind, bool optional, BytesView bytes);
  void finish(const ObjectForm& form, std::uint64_t entries);

 private:
  Bytes& out_;
  std::uint64_t tail_offset_;
  Bytes directory_;
  std::uint32_t count_ = 0;
};

struct Footer {
  std::uint64_t tail_offset = 0;       // where the first section begins
  std::uint64_t directory_offset = 0;  // where the directory begins
  std::uint64_t directory_checksum = 0;
  std::uint32_t sections = 0;
  std::uint64_t entries = 0;
};

// `suffix`: the last bytes of an object of object_bytes, at least object_footer_bytes unless the
// object is shorter. Checks that the parts that it names lie one after another in the object.
Footer read_footer(BytesView suffix, std::uint64_t object_bytes, const ObjectForm& form,
                   std::string_view name);

struct Tail {
  Footer footer;
  struct Section {
    SectionKind kind;
    BytesView bytes;
  };
  std::vector<Section> sections;

  std::optional<BytesView> find(SectionKind kind) const;
  // As find; CorruptData when it is missing.
  BytesView require(SectionKind kind, std::string_view name) const;
};

// Reads footer, directory and sections, all verified; also the header when `suffix` is the whole
// object. Sections whose kind is not in `known` are left out when they are optional, and
// UnsupportedFormat when not.
Tail read_tail(BytesView suffix, std::uint64_t object_bytes, const ObjectForm& form,
               std::span<const SectionKind> known, std::string_view name);

}  // namespace flashflood::format
