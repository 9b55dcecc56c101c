#include "format/index_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flashflood/error.h"
#include "format/sections.h"
#include "format/wire.h"

namespace flashflood::format {
namespace {

constexpr ObjectForm index_form{"FFindex\1", "FFifoot\1", 1, "index part"};
constexpr std::string_view page_magic = "FFipage\1";
constexpr std::uint16_t page_version = 1;
static_assert(index_header_bytes == object_header_bytes);
static_assert(index_footer_bytes == object_footer_bytes);

constexpr std::array known_sections{SectionKind::fences, SectionKind::filter};
constexpr std::size_t section_line_bytes = 24;

struct PageHeader {
  std::uint64_t checksum;  // of the rest of the page
  char magic[8];
  std::uint16_t version;
  std::uint16_t count;
  std::uint32_t page;
};
static_assert(sizeof(PageHeader) == index_page_header_bytes);

struct EntryRecord {
  std::uint8_t id[IdHash::size];
  std::uint8_t kind;
  std::uint8_t entry_class;
  std::uint16_t reserved;
  std::int64_t date;
  std::uint64_t order;
};
static_assert(sizeof(EntryRecord) == index_entry_bytes);
static_assert(index_page_entries == 409);

// 40 entries a block are 12.8 bits an entry; the least number of blocks is one.
constexpr std::uint64_t entries_per_filter_block = 40;
std::uint64_t filter_blocks(std::uint64_t entries) {
  return entries / entries_per_filter_block + 1;
}

// Where the filter looks for a hash: the block by bytes 8 to 11 of it, the bits by bytes 12 to 19;
// bytes 0 to 7 order the entries and say nothing new within a part.
struct FilterProbe {
  FilterProbe(const unsigned char* hash, std::uint64_t blocks) {
    const char* at = reinterpret_cast<const char*>(hash);
    block = std::uint64_t{load<std::uint32_t>(at + 8)} * blocks >> 32;
    bits = load<std::uint64_t>(at + 12);
  }
  std::uint64_t mask(std::size_t word) const { return std::uint64_t{1} << (bits >> 6 * word & 63); }

  std::uint64_t block;
  std::uint64_t bits;
};

// How many pages take `entries`.
std::uint64_t pages_for(std::uint64_t entries) {
  return entries / index_page_entries + (entries % index_page_entries != 0 ? 1 : 0);
}

}  // namespace

IndexPartBuilder::IndexPartBuilder() { append_object_header(out_, index_form); }

void IndexPartBuilder::add(const IndexEntry& entry) {
  if (entries_ > 0 && entry.id <= last_) throw InvalidArgument("index entries are out of order");
  EntryRecord record{};
  std::copy(entry.id.bytes.begin(), entry.id.bytes.end(), record.id);
  record.kind = static_cast<std::uint8_t>(entry.kind);
  record.entry_class = static_cast<std::uint8_t>(entry.entry_class);
  record.date = date_to_wire(entry.date);
  record.order = entry.order;
  if (!is_valid_kind(record.kind) || !is_valid_class(record.entry_class) ||
      !is_valid_date(entry.date)) {
    throw InvalidArgument("an index entry is out of range");
  }
  if (page_entries_ == 0) {
    if (fences_.size() == UINT32_MAX) throw InvalidArgument("an index part has too many pages");
    fences_.push_back(entry.id.prefix());
    out_.append(sizeof(PageHeader), '\0');
  }
  out_.append(bytes_of(record));
  last_ = entry.id;
  ++entries_;
  if (++page_entries_ == index_page_entries) end_page();
}

void IndexPartBuilder::end_page() {
  std::size_t page = fences_.size() - 1;
  out_.resize(index_page_offset(page + 1));
  char* start = out_.data() + index_page_offset(page);
  PageHeader header{};
  std::copy(page_magic.begin(), page_magic.end(), header.magic);
  header.version = page_version;
  header.count = static_cast<std::uint16_t>(page_entries_);
  header.page = static_cast<std::uint32_t>(page);
  std::memcpy(start, &header, sizeof(header));
  store(start, xxh3({start + sizeof(header.checksum), index_page_bytes - sizeof(header.checksum)}));
  page_entries_ = 0;
}

std::size_t IndexPartBuilder::size() const {
  return index_page_offset(fences_.size()) + fences_.size() * sizeof(std::uint64_t) +
         filter_blocks(entries_) * sizeof(FilterBlock) +
         known_sections.size() * section_line_bytes + index_footer_bytes;
}

Bytes IndexPartBuilder::finish() {
  if (entries_ == 0) throw InvalidArgument("an index part has at least one entry");
  if (page_entries_ > 0) end_page();
  std::vector<FilterBlock> filter(filter_blocks(entries_));
  for (std::uint64_t i = 0; i < entries_; ++i) {
    const char* at = out_.data() + index_page_offset(i / index_page_entries) + sizeof(PageHeader) +
                     i % index_page_entries * sizeof(EntryRecord);
    FilterProbe probe(reinterpret_cast<const unsigned char*>(at), filter.size());
    FilterBlock& block = filter[probe.block];
    for (std::size_t w = 0; w < block.words.size(); ++w) block.words[w] |= probe.mask(w);
  }
  out_.reserve(size());
  TailWriter tail(out_);
  tail.add(SectionKind::fences, false,
           {reinterpret_cast<const char*>(fences_.data()), fences_.size() * sizeof(fences_[0])});
  tail.add(SectionKind::filter, false,
           {reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof(FilterBlock)});
  tail.finish(index_form, entries_);
  return std::move(out_);
}

bool IndexTail::may_hold(const IdHash& id) const {
  FilterProbe probe(id.bytes.data(), filter_.size());
  const FilterBlock& block = filter_[probe.block];
  std::uint64_t missing = 0;
  for (std::size_t w = 0; w < block.words.size(); ++w) missing |= probe.mask(w) & ~block.words[w];
  return missing == 0;
}

IndexPages guess_index_pages(const IndexPartInfo& part, const IdHash& id) {
  constexpr double deviations = 4;
  const std::uint64_t last_page = pages_for(part.entries) - 1;
  const auto width = static_cast<double>(part.last.prefix() - part.first.prefix());
  const auto reached = static_cast<double>(id.prefix() - part.first.prefix());
  const double share = width > 0 ? reached / width : 0;
  const auto entries = static_cast<double>(part.entries);
  // Its own place, and one more on either side for what is rounded.
  const double spread = deviations * std::sqrt(entries * share * (1 - share)) + 1;
  const auto page_at = [&](double place) {
    const double page = place / static_cast<double>(index_page_entries);
    return static_cast<std::size_t>(std::clamp(page, 0.0, static_cast<double>(last_page)));
  };
  return {page_at(share * entries - spread), page_at(share * entries + spread)};
}

std::size_t entries_of_page(std::uint64_t part_entries, std::size_t page) {
  return std::min<std::uint64_t>(part_entries - std::uint64_t{page} * index_page_entries,
                                 index_page_entries);
}

std::optional<IndexPages> IndexTail::pages_of(const IdHash& id) const {
  const std::uint64_t prefix = id.prefix();
  // The last page that begins with the prefix or below may hold it. So may the page before the
  // first one that begins with just this prefix: it may end with it.
  auto [lower, upper] = std::equal_range(fences_.begin(), fences_.end(), prefix);
  if (upper == fences_.begin()) return std::nullopt;
  auto first = static_cast<std::size_t>(lower - fences_.begin());
  auto last = static_cast<std::size_t>(upper - fences_.begin()) - 1;
  return IndexPages{first > 0 ? first - 1 : 0, last};
}

std::size_t IndexTail::memory_bytes() const {
  return sizeof(*this) + fences_.capacity() * sizeof(std::uint64_t) +
         filter_.capacity() * sizeof(FilterBlock);
}

struct IndexTailParser {
  static std::shared_ptr<const IndexTail> parse(BytesView suffix, std::uint64_t object_bytes,
                                                std::string_view name) {
    Tail tail = read_tail(suffix, object_bytes, index_form, known_sections, name);
    BytesView fences = tail.require(SectionKind::fences, name);
    BytesView filter = tail.require(SectionKind::filter, name);
    const std::uint64_t entries = tail.footer.entries;
    const std::uint64_t page_bytes = tail.footer.tail_offset - index_header_bytes;
    const std::uint64_t pages = page_bytes / index_page_bytes;
    if (entries == 0 || page_bytes % index_page_bytes != 0 || pages_for(entries) != pages ||
        fences.size() != pages * sizeof(std::uint64_t) ||
        filter.size() != filter_blocks(entries) * sizeof(FilterBlock)) {
      throw_corrupt(name, "pages, fences, filter and footer do not fit together");
    }
    auto parsed = std::make_shared<IndexTail>();
    parsed->entries_ = entries;
    parsed->fences_.resize(pages);
    std::memcpy(parsed->fences_.data(), fences.data(), fences.size());
    if (!std::is_sorted(parsed->fences_.begin(), parsed->fences_.end())) {
      throw_corrupt(name, "the fences are out of order");
    }
    parsed->filter_.resize(filter.size() / sizeof(FilterBlock));
    std::memcpy(parsed->filter_.data(), filter.data(), filter.size());
    return parsed;
  }
};

std::uint64_t index_tail_bytes(BytesView suffix, std::uint64_t object_bytes,
                               std::string_view name) {
  return object_bytes - read_footer(suffix, object_bytes, index_form, name).tail_offset;
}

std::shared_ptr<const IndexTail> parse_index_tail(BytesView suffix, std::uint64_t object_bytes,
                                                  std::string_view name) {
  return IndexTailParser::parse(suffix, object_bytes, name);
}

void check_index_header(BytesView start, std::string_view name) {
  check_object_header(start, index_form, name);
}

std::vector<IndexEntry> decode_index_page(BytesView bytes, std::size_t page,
                                          std::string_view name) {
  if (bytes.size() != index_page_bytes) {
    throw_corrupt(name, fmt::format("page {} has {} bytes", page, bytes.size()));
  }
  auto header = load_record<PageHeader>(bytes.data());
  if (header.checksum != xxh3(bytes.substr(sizeof(header.checksum)))) {
    throw_corrupt(name, fmt::format("the checksum of page {} is wrong", page));
  }
  if (std::string_view(header.magic, sizeof(header.magic)) != page_magic || header.page != page) {
    throw_corrupt(name, fmt::format("something else lies in the place of page {}", page));
  }
  check_version(header.version, page_version, name);
  if (header.count == 0 || header.count > index_page_entries) {
    throw_corrupt(name, fmt::format("page {} has {} entries", page, header.count));
  }
  std::vector<IndexEntry> entries;
  entries.reserve(header.count);
  bool right = true;
  for (std::size_t i = 0; i < header.count; ++i) {
    auto record =
        load_record<EntryRecord>(bytes.data() + sizeof(PageHeader) + i * sizeof(EntryRecord));
    IndexEntry& entry = entries.emplace_back();
    std::copy(std::begin(record.id), std::end(record.id), entry.id.bytes.begin());
    entry.date = date_from_wire(record.date);
    entry.kind = static_cast<EntryKind>(record.kind);
    entry.entry_class = static_cast<EntryClass>(record.entry_class);
    entry.order = record.order;
    right = right && is_valid_kind(record.kind) && is_valid_class(record.entry_class) &&
            record.reserved == 0 && is_valid_date(entry.date) &&
            (i == 0 || entries[i - 1].id < entry.id);
  }
  BytesView padding = bytes.substr(sizeof(PageHeader) + header.count * sizeof(EntryRecord));
  right = right && padding.find_first_not_of('\0') == BytesView::npos;
  if (!right) throw_corrupt(name, fmt::format("the entries of page {} are out of range", page));
  return entries;
}

}  // namespace flashflood::format
