#include "engine/state/id_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "engine/state/head.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::IndexEntry;
using format::IndexPages;
using format::IndexPart;
using format::IndexRun;
using format::IndexTail;

namespace {

constexpr std::uint64_t part_entries_max = 1'000'000;  // 40 MB
constexpr std::size_t scan_pages = 64;                 // 1 MiB read at once
constexpr std::size_t gap_pages_max = 4;               // read over so many to save a request
constexpr std::size_t window_pages_max = 512;          // 8 MiB

std::string part_key(const IndexPart& part) {
  return format::output_key(format::index_prefix, part.name);
}

std::shared_ptr<const IndexTail> load_index_tail(const Context& context, std::uint64_t catalog,
                                                 const IndexPart& part) {
  std::string key = part_key(part);
  if (auto known = context.cache->get<IndexTail>(key)) return known;
  auto tail = read_intact(context, [&] {
    std::uint64_t guess = std::min(part.object_bytes, format::index_tail_guess);
    Bytes suffix = fetch_named(context, catalog, key, ByteRange::last(guess));
    std::uint64_t needed = format::index_tail_bytes(suffix, part.object_bytes, key);
    if (needed > suffix.size())
      suffix = fetch_named(context, catalog, key, ByteRange::last(needed));
    return format::parse_index_tail(suffix, part.object_bytes, key);
  });
  if (tail->entries() != part.entries)
    throw CorruptData(fmt::format("{}: holds {} entries, and the catalog says {}", key,
                                  tail->entries(), part.entries));
  context.cache->put<IndexTail>(key, tail, tail->memory_bytes());
  return tail;
}

std::vector<IndexEntry> read_pages_once(const Context& context, std::uint64_t catalog,
                                        const IndexPart& part, IndexPages pages) {
  std::string key = part_key(part);
  std::size_t count = pages.last - pages.first + 1;
  Bytes bytes = fetch_named(
      context, catalog, key,
      ByteRange::at(format::index_page_offset(pages.first), count * format::index_page_bytes));
  if (bytes.size() != count * format::index_page_bytes)
    throw CorruptData(key + ": ends in the middle of its pages");
  std::vector<IndexEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    auto page = format::decode_index_page(
        BytesView(bytes).substr(i * format::index_page_bytes, format::index_page_bytes),
        pages.first + i, key);
    if (page.size() != format::entries_of_page(part.entries, pages.first + i))
      throw CorruptData(fmt::format("{}: page {} has {} entries, which does not fit the catalog",
                                    key, pages.first + i, page.size()));
    if (entries.empty()) {
      entries = std::move(page);
    } else {
      entries.insert(entries.end(), page.begin(), page.end());
    }
  }
  return entries;
}

// Reads neighbouring pages with one request.
std::vector<IndexEntry> read_pages(const Context& context, std::uint64_t catalog,
                                   const IndexPart& part, IndexPages pages) {
  return read_intact(context, [&] { return read_pages_once(context, catalog, part, pages); });
}

const IndexPart* part_of(const IndexRun& run, const IdHash& id) {
  auto part = std::lower_bound(run.parts.begin(), run.parts.end(), id,
                               [](const IndexPart& p, const IdHash& h) { return p.last < h; });
  return part != run.parts.end() && part->first <= id ? &*part : nullptr;
}

const IndexEntry* find_entry(const std::vector<IndexEntry>& entries, const IdHash& id) {
  auto entry = std::lower_bound(entries.begin(), entries.end(), id,
                                [](const IndexEntry& e, const IdHash& h) { return e.id < h; });
  return entry != entries.end() && entry->id == id ? &*entry : nullptr;
}

// Looks an id up in a part whose tail is not known, which saves the read of the tail. Nothing when
// the id lies elsewhere than most do: then only the tail tells whether it is there.
struct Answer {
  std::optional<IndexEntry> entry;
};
std::optional<Answer> find_without_tail(const Context& context, std::uint64_t catalog,
                                        const IndexPart& part, const IdHash& id) {
  const IndexPages pages = format::guess_index_pages({part.entries, part.first, part.last}, id);
  const auto entries = read_pages(context, catalog, part, pages);
  if (const IndexEntry* entry = find_entry(entries, id)) return Answer{*entry};
  // The first and the last entry of the part are at its ends.
  if (entries.front().id < id && id < entries.back().id) return Answer{};
  return std::nullopt;
}

// One id that is looked for, while a part is gone through.
struct Wanted {
  std::size_t position;
  std::size_t first_page;
  std::size_t last_page;
};

// Reads one run as a stream of entries in order.
class RunScanner {
 public:
  RunScanner(const Context& context, std::uint64_t catalog, const IndexRun& run, std::size_t place)
      : age(place), context_(context), catalog_(catalog), run_(run) {
    refill();
  }
  bool done() const { return position_ == window_.size(); }
  const IndexEntry& entry() const { return window_[position_]; }
  void advance() {
    if (++position_ == window_.size()) refill();
  }

  const std::size_t age;  // place in the list of runs: the higher, the newer

 private:
  void refill() {
    window_.clear();
    position_ = 0;
    while (part_ < run_.parts.size()) {
      const IndexPart& part = run_.parts[part_];
      if (!tail_) tail_ = load_index_tail(context_, catalog_, part);
      if (page_ < tail_->pages()) {
        std::size_t last = std::min(page_ + scan_pages, tail_->pages()) - 1;
        window_ = read_pages(context_, catalog_, part, {page_, last});
        page_ = last + 1;
        return;
      }
      ++part_;
      page_ = 0;
      tail_.reset();
    }
  }

  const Context& context_;
  std::uint64_t catalog_;
  const IndexRun& run_;
  std::size_t part_ = 0;
  std::size_t page_ = 0;
  std::shared_ptr<const IndexTail> tail_;
  std::vector<IndexEntry> window_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<IndexEntry> find_in_index(const Context& context, const IndexView& index,
                                        const IdHash& id) {
  for (std::size_t i = index.runs.size(); i-- > 0;) {
    const IndexPart* part = part_of(index.runs[i], id);
    if (!part) continue;
    if (is_first_use(context, part_key(*part))) {
      if (auto answer = find_without_tail(context, index.catalog, *part, id)) {
        if (answer->entry) return answer->entry;
        continue;
      }
    }
    auto tail = load_index_tail(context, index.catalog, *part);
    if (!tail->may_hold(id)) continue;
    auto pages = tail->pages_of(id);
    if (!pages) continue;
    auto entries = read_pages(context, index.catalog, *part, *pages);
    if (const IndexEntry* entry = find_entry(entries, id)) return *entry;
  }
  return std::nullopt;
}

void find_many_in_index(const Context& context, const IndexView& index, std::span<const IdHash> ids,
                        const std::function<void(std::size_t, const IndexEntry&)>& found) {
  std::vector<bool> resolved(ids.size());
  for (std::size_t i = index.runs.size(); i-- > 0;) {
    for (const IndexPart& part : index.runs[i].parts) {
      auto begin = std::lower_bound(ids.begin(), ids.end(), part.first);
      auto end = std::upper_bound(begin, ids.end(), part.last);
      if (begin == end) continue;
      auto tail = load_index_tail(context, index.catalog, part);
      std::vector<Wanted> wanted;
      for (auto id = begin; id != end; ++id) {
        auto position = static_cast<std::size_t>(id - ids.begin());
        if (resolved[position] || !tail->may_hold(*id)) continue;
        if (auto span = tail->pages_of(*id)) wanted.push_back({position, span->first, span->last});
      }
      for (std::size_t first = 0; first < wanted.size();) {
        std::size_t last = first, page_begin = wanted[first].first_page;
        std::size_t page_end = wanted[first].last_page;
        while (last + 1 < wanted.size() &&
               wanted[last + 1].first_page <= page_end + gap_pages_max &&
               wanted[last + 1].last_page < page_begin + window_pages_max)
          page_end = std::max(page_end, wanted[++last].last_page);
        auto entries = read_pages(context, index.catalog, part, {page_begin, page_end});
        for (; first <= last; ++first) {
          std::size_t position = wanted[first].position;
          if (const IndexEntry* entry = find_entry(entries, ids[position])) {
            resolved[position] = true;
            found(position, *entry);
          }
        }
      }
    }
  }
}

void scan_index(const Context& context, const IndexView& index,
                const std::function<void(const IndexEntry&)>& entry) {
  std::vector<std::unique_ptr<RunScanner>> scanners;
  for (std::size_t i = 0; i < index.runs.size(); ++i)
    scanners.push_back(std::make_unique<RunScanner>(context, index.catalog, index.runs[i], i));
  auto later = [](const RunScanner* a, const RunScanner* b) {
    if (a->entry().id != b->entry().id) return a->entry().id > b->entry().id;
    return a->age < b->age;
  };
  std::priority_queue<RunScanner*, std::vector<RunScanner*>, decltype(later)> heap(later);
  for (auto& scanner : scanners)
    if (!scanner->done()) heap.push(scanner.get());
  std::optional<IdHash> last;
  while (!heap.empty()) {
    RunScanner* scanner = heap.top();
    heap.pop();
    if (!last || *last != scanner->entry().id) entry(scanner->entry());
    last = scanner->entry().id;
    scanner->advance();
    if (!scanner->done()) heap.push(scanner);
  }
}

void IndexRunWriter::add(const IndexEntry& entry) {
  if (builder_.entries() == part_entries_max) end_part();
  if (builder_.entries() == 0) first_ = entry.id;
  last_ = entry.id;
  builder_.add(entry);
}

void IndexRunWriter::end_part() {
  IndexPart part;
  part.name = {epoch_, context_.make_token()};
  part.first = first_;
  part.last = last_;
  part.entries = builder_.entries();
  Bytes object = builder_.finish();
  part.object_bytes = object.size();
  context_.store->put(part_key(part), object);
  run_.parts.push_back(part);
  builder_ = {};
}

IndexRun IndexRunWriter::finish() {
  if (builder_.entries() > 0) end_part();
  return std::move(run_);
}

}  // namespace flashflood::engine
