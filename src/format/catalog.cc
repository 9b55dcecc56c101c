#include "format/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <tuple>

#include "flashflood/error.h"
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
};
constexpr std::array<std::uint16_t, 5> catalog_sections{
    section_properties, section_journals, section_pages, section_index, section_retired};
constexpr std::array<std::uint16_t, 1> page_sections{section_journals};

constexpr std::size_t boot_id_bytes_max = 1024;
constexpr std::size_t key_bytes_max = 900;

struct NameRecord {
  std::uint64_t epoch;
  std::uint8_t token[token_bytes];
};
static_assert(sizeof(NameRecord) == 24);

struct PropertiesRecord {  // followed by the bytes of the boot id
  std::uint64_t number;
  std::uint64_t fence;
  std::uint64_t swept;
  std::uint8_t token[token_bytes];
  std::int64_t boot_clock_ns;
};
static_assert(sizeof(PropertiesRecord) == 48);

struct JournalRecord {
  std::int64_t from;
  std::int64_t to;
  NameRecord name;
  std::uint64_t entries;
  std::uint64_t dead_entries;
  std::uint64_t raw_bytes;
  std::uint64_t object_bytes;
};
static_assert(sizeof(JournalRecord) == 72);

struct PageRecord {
  NameRecord name;
  std::int64_t from;
  std::int64_t to;
  std::uint64_t count;
  std::uint64_t entries;
  std::uint64_t dead_entries;
  std::uint64_t raw_bytes;
  std::uint64_t object_bytes;
};
static_assert(sizeof(PageRecord) == 80);

struct PartRecord {
  NameRecord name;
  std::uint8_t first[IdHash::size];
  std::uint8_t last[IdHash::size];
  std::uint64_t entries;
  std::uint64_t object_bytes;
};
static_assert(sizeof(PartRecord) == 80);

NameRecord name_to_wire(const OutputName& name) {
  NameRecord record{};
  record.epoch = name.epoch;
  token_to_wire(name.token, record.token);
  return record;
}

OutputName name_from_wire(const NameRecord& record) {
  return {record.epoch, token_from_wire(record.token)};
}

// What encoders refuse as InvalidArgument and decoders as CorruptData: nothing when all is well.
using Problem = std::optional<std::string_view>;

Problem check_journals(const std::vector<SealedJournal>& journals) {
  const SealedJournal* before = nullptr;
  for (const SealedJournal& journal : journals) {
    if (!is_valid_date(journal.from) || journal.from > journal.to || !is_valid_date(journal.to) ||
        journal.entries == 0 || journal.dead_entries > journal.entries) {
      return "a sealed journal is out of range";
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

// The number of records of type T that fill `bytes`.
template <WireRecord T>
std::size_t record_count(BytesView bytes, std::string_view name) {
  if (bytes.size() % sizeof(T) != 0) throw_corrupt(name, "a section has a wrong size");
  return bytes.size() / sizeof(T);
}

Bytes encode_journals(const std::vector<SealedJournal>& journals) {
  Bytes bytes;
  bytes.reserve(journals.size() * sizeof(JournalRecord));
  for (const SealedJournal& journal : journals) {
    JournalRecord record{};
    record.from = date_to_wire(journal.from);
    record.to = date_to_wire(journal.to);
    record.name = name_to_wire(journal.name);
    record.entries = journal.entries;
    record.dead_entries = journal.dead_entries;
    record.raw_bytes = journal.raw_bytes;
    record.object_bytes = journal.object_bytes;
    bytes.append(bytes_of(record));
  }
  return bytes;
}

std::vector<SealedJournal> decode_journals(BytesView bytes, std::string_view name) {
  std::size_t count = record_count<JournalRecord>(bytes, name);
  std::vector<SealedJournal> journals;
  journals.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto record = load_record<JournalRecord>(bytes.data() + i * sizeof(JournalRecord));
    journals.push_back({date_from_wire(record.from), date_from_wire(record.to),
                        name_from_wire(record.name), record.entries, record.dead_entries,
                        record.raw_bytes, record.object_bytes});
  }
  return journals;
}

Bytes encode_pages(const std::vector<PageRef>& pages) {
  Bytes bytes;
  bytes.reserve(pages.size() * sizeof(PageRecord));
  for (const PageRef& page : pages) {
    PageRecord record{};
    record.name = name_to_wire(page.name);
    record.from = date_to_wire(page.from);
    record.to = date_to_wire(page.to);
    record.count = page.count;
    record.entries = page.entries;
    record.dead_entries = page.dead_entries;
    record.raw_bytes = page.raw_bytes;
    record.object_bytes = page.object_bytes;
    bytes.append(bytes_of(record));
  }
  return bytes;
}

std::vector<PageRef> decode_pages(BytesView bytes, std::string_view name) {
  std::size_t count = record_count<PageRecord>(bytes, name);
  std::vector<PageRef> pages;
  pages.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto record = load_record<PageRecord>(bytes.data() + i * sizeof(PageRecord));
    pages.push_back({name_from_wire(record.name), date_from_wire(record.from),
                     date_from_wire(record.to), record.count, record.entries, record.dead_entries,
                     record.raw_bytes, record.object_bytes});
  }
  return pages;
}

// The number of runs, the number of parts of each, then all parts.
Bytes encode_index(const std::vector<IndexRun>& runs) {
  Bytes bytes;
  append(bytes, static_cast<std::uint64_t>(runs.size()));
  for (const IndexRun& run : runs) append(bytes, static_cast<std::uint64_t>(run.parts.size()));
  for (const IndexRun& run : runs) {
    for (const IndexPart& part : run.parts) {
      PartRecord record{};
      record.name = name_to_wire(part.name);
      std::copy(part.first.bytes.begin(), part.first.bytes.end(), record.first);
      std::copy(part.last.bytes.begin(), part.last.bytes.end(), record.last);
      record.entries = part.entries;
      record.object_bytes = part.object_bytes;
      bytes.append(bytes_of(record));
    }
  }
  return bytes;
}

IndexPart part_from_wire(const PartRecord& record) {
  IndexPart part;
  part.name = name_from_wire(record.name);
  std::copy(std::begin(record.first), std::end(record.first), part.first.bytes.begin());
  std::copy(std::begin(record.last), std::end(record.last), part.last.bytes.begin());
  part.entries = record.entries;
  part.object_bytes = record.object_bytes;
  return part;
}

std::vector<IndexRun> decode_index(BytesView bytes, std::string_view name) {
  ByteReader reader(bytes);
  auto count = reader.read<std::uint64_t>();
  if (count > reader.rest().size() / sizeof(std::uint64_t)) {
    throw_corrupt(name, "the index has too many runs");
  }
  ByteReader sizes(reader.take(count * sizeof(std::uint64_t)));
  std::vector<IndexRun> runs;
  runs.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto parts = sizes.read<std::uint64_t>();
    if (parts > reader.rest().size() / sizeof(PartRecord)) {
      throw_corrupt(name, "a run of the index has too many parts");
    }
    IndexRun& run = runs.emplace_back();
    run.parts.reserve(parts);
    for (std::uint64_t k = 0; k < parts; ++k) {
      run.parts.push_back(
          part_from_wire(load_record<PartRecord>(reader.take(sizeof(PartRecord)).data())));
    }
  }
  if (!reader.empty()) throw_corrupt(name, "the index has a wrong size");
  return runs;
}

// The number of keys, the numbers, where the keys end, then the keys.
Bytes encode_retired(const std::vector<Retired>& retired) {
  Bytes bytes;
  append(bytes, static_cast<std::uint64_t>(retired.size()));
  for (const Retired& one : retired) append(bytes, one.number);
  std::uint64_t end = 0;
  for (const Retired& one : retired) {
    end += one.key.size();
    if (end > UINT32_MAX) throw InvalidArgument("a catalog has too many retired keys");
    append(bytes, static_cast<std::uint32_t>(end));
  }
  for (const Retired& one : retired) bytes.append(one.key);
  return bytes;
}

std::vector<Retired> decode_retired(BytesView bytes, std::string_view name) {
  ByteReader reader(bytes);
  auto count = reader.read<std::uint64_t>();
  if (count > reader.rest().size() / (sizeof(std::uint64_t) + sizeof(std::uint32_t))) {
    throw_corrupt(name, "there are too many retired keys");
  }
  ByteReader numbers(reader.take(count * sizeof(std::uint64_t)));
  ByteReader ends(reader.take(count * sizeof(std::uint32_t)));
  std::vector<Retired> retired;
  retired.reserve(count);
  std::uint32_t begin = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto end = ends.read<std::uint32_t>();
    if (end < begin) throw_corrupt(name, "the retired keys have wrong sizes");
    retired.push_back({std::string(reader.take(end - begin)), numbers.read<std::uint64_t>()});
    begin = end;
  }
  if (!reader.empty()) throw_corrupt(name, "the retired keys have a wrong size");
  return retired;
}

}  // namespace

bool operator<(const SealedJournal& a, const SealedJournal& b) {
  return std::tie(a.from, a.to, a.name) < std::tie(b.from, b.to, b.name);
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
  return seal_envelope(payload, catalog_form);
}

Bytes encode_catalog_page(const CatalogPage& page) {
  if (Problem problem = check_journals(page.journals)) {
    throw InvalidArgument(fmt::format("a catalog page cannot be written: {}", *problem));
  }
  Bytes payload;
  append_section(payload, section_journals, encode_journals(page.journals));
  return seal_envelope(payload, page_form);
}

Catalog decode_catalog(BytesView object, std::string_view name) try {
  Bytes payload = open_envelope(object, catalog_form, name);
  std::vector<PayloadSection> sections = read_sections(payload, catalog_sections, name);
  if (sections.size() != catalog_sections.size()) throw_corrupt(name, "a section is missing");
  Catalog catalog;
  decode_properties(sections[0].bytes, catalog, name);
  catalog.journals = decode_journals(sections[1].bytes, name);
  catalog.pages = decode_pages(sections[2].bytes, name);
  catalog.index = decode_index(sections[3].bytes, name);
  catalog.retired = decode_retired(sections[4].bytes, name);
  if (Problem problem = check_catalog(catalog)) throw_corrupt(name, *problem);
  return catalog;
} catch (const std::out_of_range&) {
  throw_corrupt(name, "a section is cut off");
}

CatalogPage decode_catalog_page(BytesView object, std::string_view name) {
  Bytes payload = open_envelope(object, page_form, name);
  std::vector<PayloadSection> sections = read_sections(payload, page_sections, name);
  if (sections.size() != page_sections.size()) throw_corrupt(name, "a section is missing");
  CatalogPage page{decode_journals(sections[0].bytes, name)};
  if (Problem problem = check_journals(page.journals)) throw_corrupt(name, *problem);
  return page;
}

}  // namespace flashflood::format
