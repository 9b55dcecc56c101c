#include "format/catalog_records.h"

#include <algorithm>
#include <utility>

#include "flashflood/error.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

struct NameRecord {
  std::uint64_t epoch;
  std::uint8_t token[token_bytes];
};
static_assert(sizeof(NameRecord) == 24);

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

// The number of records of type T that fill `bytes`.
template <WireRecord T>
std::size_t record_count(BytesView bytes, std::string_view name) {
  if (bytes.size() % sizeof(T) != 0) throw_corrupt(name, "a section has a wrong size");
  return bytes.size() / sizeof(T);
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

JournalRecord journal_to_wire(const SealedJournal& journal) {
  JournalRecord record{};
  record.from = date_to_wire(journal.from);
  record.to = date_to_wire(journal.to);
  record.name = name_to_wire(journal.name);
  record.entries = journal.entries;
  record.dead_entries = journal.dead_entries;
  record.raw_bytes = journal.raw_bytes;
  record.object_bytes = journal.object_bytes;
  return record;
}

SealedJournal journal_from_wire(const JournalRecord& record) {
  return {date_from_wire(record.from), date_from_wire(record.to),
          name_from_wire(record.name), record.entries,
          record.dead_entries,         record.raw_bytes,
          record.object_bytes};
}

PageRecord page_to_wire(const PageRef& page) {
  PageRecord record{};
  record.name = name_to_wire(page.name);
  record.from = date_to_wire(page.from);
  record.to = date_to_wire(page.to);
  record.count = page.count;
  record.entries = page.entries;
  record.dead_entries = page.dead_entries;
  record.raw_bytes = page.raw_bytes;
  record.object_bytes = page.object_bytes;
  return record;
}

PageRef page_from_wire(const PageRecord& record) {
  return {name_from_wire(record.name),
          date_from_wire(record.from),
          date_from_wire(record.to),
          record.count,
          record.entries,
          record.dead_entries,
          record.raw_bytes,
          record.object_bytes};
}

// Records of one size, one after another.
template <typename T, WireRecord Record>
Bytes encode_list(const std::vector<T>& list, Record (*to_wire)(const T&)) {
  Bytes bytes;
  bytes.reserve(list.size() * sizeof(Record));
  for (const T& one : list) bytes.append(bytes_of(to_wire(one)));
  return bytes;
}

template <typename T, WireRecord Record>
std::vector<T> decode_list(BytesView bytes, T (*from_wire)(const Record&), std::string_view name) {
  const std::size_t count = record_count<Record>(bytes, name);
  std::vector<T> list;
  list.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(from_wire(load_record<Record>(bytes.data() + i * sizeof(Record))));
  return list;
}

}  // namespace

Bytes encode_journals(const std::vector<SealedJournal>& journals) {
  return encode_list(journals, journal_to_wire);
}

std::vector<SealedJournal> decode_journals(BytesView bytes, std::optional<BytesView> posts,
                                           std::string_view name) {
  std::vector<SealedJournal> journals = decode_list(bytes, journal_from_wire, name);
  if (posts) {
    std::vector<JournalPosts> decoded = decode_posts(*posts, journals.size(), name);
    for (std::size_t i = 0; i < journals.size(); ++i) journals[i].posts = std::move(decoded[i]);
  }
  return journals;
}

Bytes encode_pages(const std::vector<PageRef>& pages) { return encode_list(pages, page_to_wire); }

std::vector<PageRef> decode_pages(BytesView bytes, std::string_view name) {
  return decode_list(bytes, page_from_wire, name);
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

}  // namespace flashflood::format
