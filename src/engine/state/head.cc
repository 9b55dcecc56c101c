#include "engine/state/head.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/state/head_listing.h"
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
  return load_listed(context, [&] { return list_head_of(context, id); });
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
