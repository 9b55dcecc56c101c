#include "format/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/hash.h"
#include "flashflood/error.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr std::uint16_t optional_flag = 1;

struct HeaderRecord {
  char magic[8];
  std::uint16_t version;
  std::uint16_t reserved;
  std::uint32_t reserved2;
  std::uint64_t checksum;  // of the bytes before it
};
static_assert(sizeof(HeaderRecord) == object_header_bytes);

struct SectionRecord {
  std::uint16_t kind;
  std::uint16_t flags;
  std::uint32_t size;
  std::uint64_t offset;
  std::uint64_t checksum;  // of the section
};
static_assert(sizeof(SectionRecord) == 24);

struct FooterRecord {
  char magic[8];
  std::uint16_t version;
  std::uint16_t reserved;
  std::uint32_t sections;
  std::uint64_t object_bytes;
  std::uint64_t tail_offset;
  std::uint64_t directory_offset;
  std::uint64_t directory_checksum;
  std::uint64_t entries;
  std::uint64_t checksum;  // of the bytes before it
};
static_assert(sizeof(FooterRecord) == object_footer_bytes);

// Both records end with the checksum of what stands before it in them.
template <WireRecord T>
std::uint64_t record_checksum(const T& record) {
  return xxh3(bytes_of(record).substr(0, offsetof(T, checksum)));
}

template <WireRecord T>
bool has_magic(const T& record, std::string_view magic) {
  return std::string_view(record.magic, sizeof(record.magic)) == magic;
}

}  // namespace

void append_object_header(Bytes& out, const ObjectForm& form) {
  HeaderRecord header{};
  std::memcpy(header.magic, form.header_magic.data(), sizeof(header.magic));
  header.version = form.version;
  header.checksum = record_checksum(header);
  out.append(bytes_of(header));
}

void check_object_header(BytesView start, const ObjectForm& form, std::string_view name) {
  if (start.size() < sizeof(HeaderRecord)) throw_corrupt(name, "the header is cut off");
  auto header = load_record<HeaderRecord>(start.data());
  if (!has_magic(header, form.header_magic)) {
    throw_corrupt(name, fmt::format("does not begin like a FlashFlood {}", form.what));
  }
  if (header.checksum != record_checksum(header)) {
    throw_corrupt(name, "the checksum of the header is wrong");
  }
  check_version(header.version, form.version, name);
  if (header.reserved != 0 || header.reserved2 != 0) {
    throw_corrupt(name, "reserved bytes of the header are not zero");
  }
}

void TailWriter::add(SectionKind kind, bool optional, BytesView bytes) {
  if (bytes.size() > UINT32_MAX) throw InvalidArgument("a section would have 4 GiB or more");
  SectionRecord line{};
  line.kind = static_cast<std::uint16_t>(kind);
  line.flags = optional ? optional_flag : 0;
  line.size = static_cast<std::uint32_t>(bytes.size());
  line.offset = out_.size();
  line.checksum = xxh3(bytes);
  directory_.append(bytes_of(line));
  out_.append(bytes);
  ++count_;
}

void TailWriter::finish(const ObjectForm& form, std::uint64_t entries) {
  FooterRecord footer{};
  std::memcpy(footer.magic, form.footer_magic.data(), sizeof(footer.magic));
  footer.version = form.version;
  footer.sections = count_;
  footer.tail_offset = tail_offset_;
  footer.directory_offset = out_.size();
  footer.directory_checksum = xxh3(directory_);
  footer.entries = entries;
  out_.append(directory_);
  footer.object_bytes = out_.size() + sizeof(footer);
  footer.checksum = record_checksum(footer);
  out_.append(bytes_of(footer));
}

Footer read_footer(BytesView suffix, std::uint64_t object_bytes, const ObjectForm& form,
                   std::string_view name) {
  if (object_bytes < object_header_bytes + sizeof(FooterRecord) ||
      suffix.size() < sizeof(FooterRecord) || suffix.size() > object_bytes) {
    throw_corrupt(name, fmt::format("is cut off: it has {} bytes", object_bytes));
  }
  auto footer = load_record<FooterRecord>(suffix.data() + suffix.size() - sizeof(FooterRecord));
  if (!has_magic(footer, form.footer_magic)) {
    throw_corrupt(name, fmt::format("does not end like a FlashFlood {}", form.what));
  }
  if (footer.checksum != record_checksum(footer)) {
    throw_corrupt(name, "the checksum of the footer is wrong");
  }
  check_version(footer.version, form.version, name);
  if (footer.reserved != 0) throw_corrupt(name, "reserved bytes of the footer are not zero");
  if (footer.object_bytes != object_bytes) {
    throw_corrupt(name, fmt::format("was written with {} bytes and has {}", footer.object_bytes,
                                    object_bytes));
  }
  std::uint64_t directory_bytes = std::uint64_t{footer.sections} * sizeof(SectionRecord);
  std::uint64_t before_footer = object_bytes - sizeof(FooterRecord);
  if (footer.tail_offset < object_header_bytes || footer.tail_offset > footer.directory_offset ||
      footer.directory_offset > before_footer ||
      before_footer - footer.directory_offset != directory_bytes) {
    throw_corrupt(name, "the footer names places outside the object");
  }
  return {footer.tail_offset, footer.directory_offset, footer.directory_checksum, footer.sections,
          footer.entries};
}

std::optional<BytesView> Tail::find(SectionKind kind) const {
  for (const Section& section : sections) {
    if (section.kind == kind) return section.bytes;
  }
  return std::nullopt;
}

BytesView Tail::require(SectionKind kind, std::string_view name) const {
  std::optional<BytesView> bytes = find(kind);
  if (!bytes) {
    throw_corrupt(name, fmt::format("has no section of kind {}", static_cast<unsigned>(kind)));
  }
  return *bytes;
}

Tail read_tail(BytesView suffix, std::uint64_t object_bytes, const ObjectForm& form,
               std::span<const SectionKind> known, std::string_view name) {
  Tail tail;
  tail.footer = read_footer(suffix, object_bytes, form, name);
  if (suffix.size() == object_bytes) check_object_header(suffix, form, name);
  std::uint64_t start = object_bytes - suffix.size();  // where `suffix` begins in the object
  if (tail.footer.tail_offset < start) throw_corrupt(name, "less than its tail was read");
  auto part = [&](std::uint64_t offset, std::uint64_t size) {
    return suffix.substr(static_cast<std::size_t>(offset - start), static_cast<std::size_t>(size));
  };

  BytesView directory = part(tail.footer.directory_offset,
                             std::uint64_t{tail.footer.sections} * sizeof(SectionRecord));
  if (xxh3(directory) != tail.footer.directory_checksum) {
    throw_corrupt(name, "the checksum of the section directory is wrong");
  }
  std::uint64_t at = tail.footer.tail_offset;
  unsigned last_kind = 0;
  for (std::size_t i = 0; i < tail.footer.sections; ++i) {
    auto line = load_record<SectionRecord>(directory.data() + i * sizeof(SectionRecord));
    if (line.offset != at || line.size > tail.footer.directory_offset - at ||
        line.kind <= last_kind) {
      throw_corrupt(name, "the section directory is out of order");
    }
    if ((line.flags & ~optional_flag) != 0) {
      throw_unsupported(name, fmt::format("section flags {:#x}", line.flags));
    }
    BytesView bytes = part(line.offset, line.size);
    if (xxh3(bytes) != line.checksum) {
      throw_corrupt(name, fmt::format("the checksum of section {} is wrong", line.kind));
    }
    auto kind = static_cast<SectionKind>(line.kind);
    if (std::find(known.begin(), known.end(), kind) != known.end()) {
      tail.sections.push_back({kind, bytes});
    } else if ((line.flags & optional_flag) == 0) {
      throw_unsupported(name, fmt::format("section of kind {}", line.kind));
    }
    at += line.size;
    last_kind = line.kind;
  }
  if (at != tail.footer.directory_offset) {
    throw_corrupt(name, "there are bytes between the sections and their directory");
  }
  return tail;
}

}  // namespace flashflood::format
