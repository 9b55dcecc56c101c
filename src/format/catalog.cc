#include "format/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <tuple>

#include "flashflood/error.h"
#include "format/catalog_records.h"
#include "format/envelope.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr EnvelopeForm catalog_form{"FFcatlg\1", 1, "catalog"};
constexpr EnvelopeForm page_form{"FFcpage\1", 1, "catalog page"};

// Numbers are persisted and never reused.
enum CatalogSection : std::uint16_t {
  section_properties = 1,
  section_journals = 2,
  section_pages = 3,
  section_index = 4,
  section_retired = 5,
  section_settings = 6,  // optional
  section_posts = 7,     // optional
};
constexpr std::array<std::uint16_t, 7> catalog_sections{
    section_properties, section_journals, section_pages, section_index,
    section_retired,    section_settings, section_posts};
constexpr std::array<std::uint16_t, 2> page_sections{section_journals, section_posts};

constexpr std::size_t boot_id_bytes_max = 1024;
constexpr std::size_t key_bytes_max = 900;
constexpr std::size_t settings_bytes_max = 64 * 1024;

struct PropertiesRecord {  // followed by the bytes of the boot id
  std::uint64_t number;
  std::uint64_t fence;
  std::uint64_t swept;
  std::uint8_t token[token_bytes];
  std::int64_t boot_clock_ns;
};
static_assert(sizeof(PropertiesRecord) == 48);

// What encoders refuse as InvalidArgument and decoders as CorruptData: nothing when all is well.
using Problem = std::optional<std::string_view>;

Problem check_journals(const std::vector<SealedJournal>& journals) {
  const SealedJournal* before = nullptr;
  for (const SealedJournal& journal : journals) {
    if (!is_valid_date(journal.from) || journal.from > journal.to || !is_valid_date(journal.to) ||
        journal.entries == 0 || journal.dead_entries > journal.entries) {
      return "a sealed journal is out of range";
    }
    if (!journal.posts.fit(journal.from, journal.to, journal.object_bytes)) {
      return "the posts of a journal are out of range";
    }
    if (before != nullptr && !(*before < journal)) return "the sealed journals are out of order";
    before = &journal;
  }
  return std::nullopt;
}

Problem check_pages(const std::vector<PageRef>& pages) {
  Timestamp from = timestamp_min;
  for (const PageRef& page : pages) {
    if (!is_valid_date(page.from) || page.from > page.to || !is_valid_date(page.to) ||
        page.count == 0 || page.entries < page.count || page.dead_entries > page.entries) {
      return "a page is out of range";
    }
    if (page.from < from) return "the pages are out of order";
    from = page.from;
  }
  return std::nullopt;
}

Problem check_index(const std::vector<IndexRun>& runs) {
  for (const IndexRun& run : runs) {
    if (run.parts.empty()) return "a run of the index is empty";
    const IndexPart* before = nullptr;
    for (const IndexPart& part : run.parts) {
      if (part.last < part.first || part.entries == 0) return "a part of the index is out of range";
      if (before != nullptr && part.first <= before->last) {
        return "the parts of the index are out of order";
      }
      before = &part;
    }
  }
  return std::nullopt;
}

Problem check_retired(const Catalog& catalog) {
  const Retired* before = nullptr;
  for (const Retired& retired : catalog.retired) {
    if (retired.key.empty() || retired.key.size() > key_bytes_max ||
        retired.number > catalog.number) {
      return "a retired key is out of range";
    }
    if (before != nullptr && retired.key <= before->key) return "the retired keys are out of order";
    before = &retired;
  }
  return std::nullopt;
}

Problem check_catalog(const Catalog& catalog) {
  if (catalog.fence > catalog.number || catalog.swept > catalog.number) {
    return "a watermark is above the catalog's number";
  }
  if (catalog.boot_id.size() > boot_id_bytes_max) return "the boot id is too long";
  if (catalog.settings.size() > settings_bytes_max) return "the settings are too long";
  if (!catalog.journals.empty() && !catalog.pages.empty()) {
    return "there are both sealed journals and pages";
  }
  if (Problem problem = check_journals(catalog.journals)) return problem;
  if (Problem problem = check_pages(catalog.pages)) return problem;
  if (Problem problem = check_index(catalog.index)) return problem;
  return check_retired(catalog);
}

Bytes encode_properties(const Catalog& catalog) {
  PropertiesRecord record{};
  record.number = catalog.number;
  record.fence = catalog.fence;
  record.swept = catalog.swept;
  token_to_wire(catalog.token, record.token);
  record.boot_clock_ns = catalog.boot_clock_ns;
  return Bytes(bytes_of(record)).append(catalog.boot_id);
}

void decode_properties(BytesView bytes, Catalog& catalog, std::string_view name) {
  if (bytes.size() < sizeof(PropertiesRecord)) throw_corrupt(name, "the properties are cut off");
  auto record = load_record<PropertiesRecord>(bytes.data());
  catalog.number = record.number;
  catalog.fence = record.fence;
  catalog.swept = record.swept;
  catalog.token = token_from_wire(record.token);
  catalog.boot_clock_ns = record.boot_clock_ns;
  catalog.boot_id = bytes.substr(sizeof(PropertiesRecord));
}

// Left out where no journal has any.
void append_posts(Bytes& payload, const std::vector<SealedJournal>& journals) {
  std::vector<const JournalPosts*> posts;
  for (const SealedJournal& journal : journals) posts.push_back(&journal.posts);
  if (std::all_of(posts.begin(), posts.end(), [](auto* some) { return some->empty(); })) return;
  append_section(payload, section_posts, encode_posts(posts), SectionUse::optional);
}

// The sections of a payload, by their numbers.
class Sections {
 public:
  Sections(BytesView payload, std::span<const std::uint16_t> known, std::string_view name)
      : sections_(read_sections(payload, known, name)), name_(name) {}
  std::optional<BytesView> find(std::uint16_t kind) const {
    for (const PayloadSection& section : sections_)
      if (section.kind == kind) return section.bytes;
    return std::nullopt;
  }
  BytesView require(std::uint16_t kind) const {
    if (auto bytes = find(kind)) return *bytes;
    throw_corrupt(name_, "a section is missing");
  }

 private:
  std::vector<PayloadSection> sections_;
  std::string_view name_;
};

}  // namespace

bool operator<(const SealedJournal& a, const SealedJournal& b) {
  return std::tie(a.from, a.to, a.name) < std::tie(b.from, b.to, b.name);
}

std::size_t memory_bytes(const std::vector<SealedJournal>& journals) {
  std::size_t bytes = journals.size() * sizeof(SealedJournal);
  for (const SealedJournal& journal : journals)
    bytes += journal.posts.posts.size() * sizeof(JournalPost);
  return bytes;
}

std::uint64_t IndexRun::entries() const {
  std::uint64_t sum = 0;
  for (const IndexPart& part : parts) sum += part.entries;
  return sum;
}

Bytes encode_catalog(const Catalog& catalog) {
  if (Problem problem = check_catalog(catalog)) {
    throw InvalidArgument(fmt::format("a catalog cannot be written: {}", *problem));
  }
  Bytes payload;
  append_section(payload, section_properties, encode_properties(catalog));
  append_section(payload, section_journals, encode_journals(catalog.journals));
  append_section(payload, section_pages, encode_pages(catalog.pages));
  append_section(payload, section_index, encode_index(catalog.index));
  append_section(payload, section_retired, encode_retired(catalog.retired));
  if (!catalog.settings.empty())
    append_section(payload, section_settings, catalog.settings, SectionUse::optional);
  append_posts(payload, catalog.journals);
  return seal_envelope(payload, catalog_form);
}

Bytes encode_catalog_page(const CatalogPage& page) {
  if (Problem problem = check_journals(page.journals)) {
    throw InvalidArgument(fmt::format("a catalog page cannot be written: {}", *problem));
  }
  Bytes payload;
  append_section(payload, section_journals, encode_journals(page.journals));
  append_posts(payload, page.journals);
  return seal_envelope(payload, page_form);
}

Catalog decode_catalog(BytesView object, std::string_view name) try {
  const Bytes payload = open_envelope(object, catalog_form, name);
  const Sections sections(payload, catalog_sections, name);
  Catalog catalog;
  decode_properties(sections.require(section_properties), catalog, name);
  catalog.journals =
      decode_journals(sections.require(section_journals), sections.find(section_posts), name);
  catalog.pages = decode_pages(sections.require(section_pages), name);
  catalog.index = decode_index(sections.require(section_index), name);
  catalog.retired = decode_retired(sections.require(section_retired), name);
  catalog.settings = sections.find(section_settings).value_or(BytesView());
  if (Problem problem = check_catalog(catalog)) throw_corrupt(name, *problem);
  return catalog;
} catch (const std::out_of_range&) {
  throw_corrupt(name, "a section is cut off");
}

CatalogPage decode_catalog_page(BytesView object, std::string_view name) {
  const Bytes payload = open_envelope(object, page_form, name);
  const Sections sections(payload, page_sections, name);
  CatalogPage page{
      decode_journals(sections.require(section_journals), sections.find(section_posts), name)};
  if (Problem problem = check_journals(page.journals)) throw_corrupt(name, *problem);
  return page;
}

}  // namespace flashflood::format
