#include "engine/state/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Catalog;

namespace {

constexpr int attempts_max = 20;

std::uint64_t nanoseconds(StoreTimestamp date) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(date.time_since_epoch().count(), 0));
}

CatalogStamp stamp_of(std::uint64_t number, const ObjectInfo& info) {
  return {number, info.modified, info.etag};
}

std::shared_ptr<const Catalog> empty_catalog() {
  static const auto empty = std::make_shared<const Catalog>();
  return empty;
}

// The keys of the head after `after`, up to and with `last` (empty: to the end).
std::vector<ObjectInfo> list_between(ObjectStore& store, std::string after,
                                     const std::string& last) {
  std::vector<ObjectInfo> listed;
  while (true) {
    ListPage page = store.list(format::head_prefix, after, 0);
    for (ObjectInfo& object : page.objects) {
      if (!last.empty() && object.key > last) return listed;
      listed.push_back(std::move(object));
    }
    if (!page.more || page.objects.empty()) return listed;
    after = listed.back().key;
  }
}

// How many ranges beside each other what follows a first page is worth, at two pages or more for
// each. The names of single operations are hashes, so that a page tells how many are to come.
std::size_t ranges_after(const std::vector<ObjectInfo>& page, std::uint64_t reached) {
  constexpr double ranges_max = 16;
  const auto singles = std::count_if(page.begin(), page.end(), [](const ObjectInfo& object) {
    return format::parse_single_key(object.key).has_value();
  });
  const double done = (static_cast<double>(reached) + 1) / std::pow(2.0, 64);
  const double to_come = static_cast<double>(singles) * (1 - done) / done;
  const double ranges = to_come / (2 * static_cast<double>(page.size()));
  return static_cast<std::size_t>(std::clamp(ranges, 1.0, ranges_max));
}

// The number of the newest catalog, with which the head begins; 0 when there is none.
std::uint64_t newest_of(const std::vector<ObjectInfo>& head) {
  return head.empty() ? 0 : format::parse_catalog_key(head[0].key).value_or(0);
}

// Remembers whether the head, from whose beginning this was listed, has more than one page.
void remember_length(const Context& context, const std::vector<ObjectInfo>& listed, bool more) {
  context.long_head->store(more ? newest_of(listed) + 1 : 0);
}

// The first page of head/, where stores list in order. It has the catalogs.
ListPage list_first_page(const Context& context) {
  ListPage page = context.store->list(format::head_prefix, {}, 0);
  remember_length(context, page.objects, page.more);
  return page;
}

void append(std::vector<ObjectInfo>& all, std::vector<ObjectInfo>&& some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

// The listing of head/ where stores list in order: what follows the first page is listed in ranges
// beside each other when there is much.
std::vector<ObjectInfo> list_in_ranges(const Context& context) {
  ListPage page = list_first_page(context);
  std::vector<ObjectInfo> listed = std::move(page.objects);
  if (!page.more || listed.empty()) return listed;
  const auto last = format::parse_single_key(listed.back().key);
  const std::uint64_t reached = last ? last->id.prefix() : 0;
  const std::size_t count = last ? ranges_after(listed, reached) : 1;
  std::vector<std::string> begins{listed.back().key};
  for (std::size_t i = 1; i < count; ++i) {
    const std::uint64_t step = (UINT64_MAX - reached) / count;
    begins.push_back(fmt::format("{}e-{:016x}", format::head_prefix, reached + i * step));
  }
  begins.emplace_back();  // the end of the last range
  std::vector<std::vector<ObjectInfo>> ranges(count);
  parallel_for(*context.env.io, count, count, [&](std::size_t i) {
    ranges[i] = list_between(*context.store, begins[i], begins[i + 1]);
  });
  for (auto& range : ranges) append(listed, std::move(range));
  return listed;
}

// What a look-up of the id needs of a head of more than one page: the newest catalog, the
// recorders' journals and the single operations of the id, each with a listing of its own.
// `catalogs`: those of the first page, where that was read before.
//
// The single operations come last: they win over all else, so what they showed later cannot have
// been overlooked, while a recorder's entry that was listed after them might have lost against one.
// What none of the listings shows was retired by a newer catalog and collected, which takes longer
// than a look-up may last.
std::vector<ObjectInfo> list_narrowly(const Context& context, const IdHash& id,
                                      std::optional<std::vector<ObjectInfo>> catalogs) {
  ObjectStore& store = *context.store;
  std::vector<ObjectInfo> bulks;
  parallel_for(*context.env.io, 2, 2, [&](std::size_t i) {
    if (i == 0) bulks = list_all(store, format::bulk_prefix);
    if (i == 1 && !catalogs) catalogs = store.list(format::catalog_prefix, {}, 1).objects;
  });
  append(*catalogs, list_all(store, format::single_key_prefix(id)));
  append(*catalogs, std::move(bulks));
  return std::move(*catalogs);
}

std::vector<ObjectInfo> list_for_id(const Context& context, const IdHash& id) {
  const std::uint64_t long_since = context.long_head->load();
  if (long_since == 0) {
    ListPage page = list_first_page(context);
    if (!page.more) return std::move(page.objects);
    std::erase_if(page.objects, [](const ObjectInfo& object) {
      return !object.key.starts_with(format::catalog_prefix);
    });
    return list_narrowly(context, id, std::move(page.objects));
  }
  auto listed = list_narrowly(context, id, {});
  // A commit may have made it shorter.
  if (newest_of(listed) + 1 != long_since) context.long_head->store(0);
  return listed;
}

// The listing of head/, catalogs first in time as in order.
std::vector<ObjectInfo> list_head(const Context& context) {
  ObjectStore& store = *context.store;
  if (store.traits().lists_in_order) return list_in_ranges(context);
  auto objects = list_all(store, format::catalog_prefix);
  auto pending =
      list_all(store, format::head_prefix,
               objects.empty() ? std::string(format::catalog_prefix) : objects.back().key);
  objects.insert(objects.end(), std::make_move_iterator(pending.begin()),
                 std::make_move_iterator(pending.end()));
  return objects;
}

// Sorts what was listed into the head, leaving out what the catalog has retired.
void sort_pending(Head& head, std::vector<ObjectInfo>&& objects) {
  const auto& retired = head.catalog->retired;
  auto next_retired = retired.begin();
  for (ObjectInfo& object : objects) {
    next_retired =
        std::lower_bound(next_retired, retired.end(), object.key,
                         [](const auto& r, const std::string& key) { return r.key < key; });
    if (next_retired != retired.end() && next_retired->key == object.key) {
      head.lingering.push_back(std::move(object.key));
    } else if (auto single = format::parse_single_key(object.key)) {
      head.singles.push_back({std::move(object.key), *single, object.size, std::move(object.etag)});
    } else if (auto bulk = format::parse_bulk_key(object.key)) {
      head.bulks.push_back({std::move(object.key), *bulk, object.size, std::move(object.etag),
                            nanoseconds(object.modified)});
    }
  }
}

// Throws CorruptData for a name that is none of the head's: it was damaged on its way, and may hide
// an event. A newer version that had other names would have another format of the settings. What
// lies in a folder did not travel: other programs leave files there, which are passed over.
void check_names(const Context& context, const std::vector<ObjectInfo>& objects) {
  if (!context.store->traits().needs_probe) return;
  for (const ObjectInfo& object : objects) {
    const std::string_view key = object.key;
    if (format::parse_catalog_key(key) || format::parse_single_key(key) ||
        format::parse_bulk_key(key))
      continue;
    throw CorruptData(fmt::format(
        "{}: the listing of {} names {}, which is no name of a flood's object: it was damaged on "
        "its way (use https), or somebody else put something there (remove it)",
        context.store->describe(), format::head_prefix, quote(key, 200)));
  }
}

// What `list` gives, and once more when that is damaged.
template <typename List>
std::vector<ObjectInfo> list_intact(const Context& context, const List& list) {
  return read_intact(context, [&] {
    std::vector<ObjectInfo> objects = list();
    check_names(context, objects);
    return objects;
  });
}

// Lists with `list` until that and the reading of the newest catalog were fast enough.
template <typename List>
Head load_listed(const Context& context, const List& list) {
  if (context.first_head && context.first_head->head)
    return *std::exchange(context.first_head->head, std::nullopt);
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    Head head;
    head.began = context.steady_now();
    auto objects = list_intact(context, list);
    auto is_catalog = [&](const ObjectInfo& object) {
      auto number = format::parse_catalog_key(object.key);
      if (number) head.catalogs.push_back(stamp_of(*number, object));
      return number.has_value();
    };
    objects.erase(std::remove_if(objects.begin(), objects.end(), is_catalog), objects.end());
    head.catalog = load_catalog(context, head.catalogs.empty() ? CatalogStamp{} : head.catalogs[0]);
    if (!head.catalog) continue;  // superseded and collected since the listing
    if (elapsed_since(context, head.began) > context.patience() / 2) continue;
    sort_pending(head, std::move(objects));
    std::uint64_t seen = context.newest_seen->load();
    while (seen < head.catalog->number &&
           !context.newest_seen->compare_exchange_weak(seen, head.catalog->number)) {
    }
    return head;
  }
  throw StoreUnavailable(
      fmt::format("{}: listing the head takes longer than half the flood's patience ({} s)",
                  context.store->describe(), context.settings.patience.count()));
}

}  // namespace

std::span<const PendingSingle> Head::singles_of(const IdHash& id) const {
  auto range =
      std::equal_range(singles.begin(), singles.end(), id, [](const auto& a, const auto& b) {
        if constexpr (std::is_same_v<std::decay_t<decltype(a)>, IdHash>) {
          return a < b.name.id;
        } else {
          return a.name.id < b;
        }
      });
  return {range.first, range.second};
}

std::shared_ptr<const Catalog> load_catalog(const Context& context, const CatalogStamp& stamp) {
  if (stamp.number == 0) return empty_catalog();
  std::string key = format::catalog_key(stamp.number);
  std::string name = key + " " + stamp.etag;
  if (auto known = context.cache->get<Catalog>(name)) return known;
  auto catalog = read_intact(context, [&]() -> std::shared_ptr<Catalog> {
    auto bytes = fetch(context, key);
    if (!bytes) return nullptr;
    return std::make_shared<Catalog>(format::decode_catalog(*bytes, key));
  });
  if (!catalog) return nullptr;
  if (catalog->number != stamp.number)
    throw CorruptData(fmt::format("{}: holds catalog {} instead", key, catalog->number));
  std::size_t memory = sizeof(Catalog) + memory_bytes(catalog->journals) +
                       catalog->pages.size() * sizeof(format::PageRef) +
                       catalog->retired.size() * (sizeof(format::Retired) + 64);
  for (const auto& run : catalog->index) memory += run.parts.size() * sizeof(format::IndexPart);
  context.cache->put<Catalog>(name, catalog, memory);
  return catalog;
}

Head load_head(const Context& context) {
  return load_listed(context, [&] { return list_head(context); });
}

Head load_head_of(const Context& context, const IdHash& id) {
  return load_listed(context, [&] {
    return context.store->traits().lists_in_order ? list_for_id(context, id) : list_head(context);
  });
}

const format::Retired* find_retired(const Catalog& catalog, const std::string& key) {
  const auto& retired = catalog.retired;
  auto found = std::lower_bound(retired.begin(), retired.end(), key,
                                [](const auto& r, const std::string& k) { return r.key < k; });
  return found != retired.end() && found->key == key ? &*found : nullptr;
}

NewestCatalog load_newest_catalog(const Context& context) {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const auto objects = list_intact(
        context, [&] { return context.store->list(format::catalog_prefix, {}, 1).objects; });
    if (objects.empty()) return {0, empty_catalog()};
    const std::uint64_t number = format::parse_catalog_key(objects[0].key).value_or(0);
    if (auto catalog = load_catalog(context, stamp_of(number, objects[0])))
      return {number, catalog};
  }
  throw StoreUnavailable(context.store->describe() + ": the newest catalog cannot be read");
}

void check_not_expired(const Context& context, std::uint64_t number, std::string_view key) {
  if (load_newest_catalog(context).catalog->fence > number)
    throw SnapshotExpired(fmt::format(
        "{}: collected, since the snapshot of catalog {} was read for too long", key, number));
}

Bytes fetch_named(const Context& context, std::uint64_t number, std::string_view key,
                  ByteRange range) {
  if (auto bytes = fetch(context, key, range)) return std::move(*bytes);
  check_not_expired(context, number, key);
  throw CorruptData(fmt::format("{}: the object is missing in {}; catalog {} names it", key,
                                context.store->describe(), number));
}

}  // namespace flashflood::engine
