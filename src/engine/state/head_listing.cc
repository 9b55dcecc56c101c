#include "engine/state/head_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "format/keys.h"

namespace flashflood::engine {

namespace {

bool is_bulk(const ObjectInfo& object) { return object.key.starts_with(format::bulk_prefix); }

void append(std::vector<ObjectInfo>& all, std::vector<ObjectInfo>&& some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

// Objects in order of key, and in how many steps those of recorders were read: two are as bad as
// many.
struct Listing {
  std::vector<ObjectInfo> objects;
  int bulk_steps = 0;

  void add(ListPage&& page) {
    if (!page.objects.empty() && is_bulk(page.objects.back())) bulk_steps += page.in_steps ? 2 : 1;
    append(objects, std::move(page.objects));
  }
  void add(Listing&& other) {
    bulk_steps += other.bulk_steps;
    append(objects, std::move(other.objects));
  }
};

// The keys below `prefix` after `after`, up to and with `last` (empty: to the end).
Listing list_between(ObjectStore& store, std::string_view prefix, std::string after,
                     const std::string& last = {}) {
  Listing listing;
  while (true) {
    ListPage page = store.list(prefix, after, 0);
    bool more = page.more && !page.objects.empty();
    if (more) after = page.objects.back().key;
    if (!last.empty() && !page.objects.empty() && page.objects.back().key > last) {
      std::erase_if(page.objects, [&](const ObjectInfo& object) { return object.key > last; });
      more = false;
    }
    listing.add(std::move(page));
    if (!more) return listing;
  }
}

// The listing, with recorders' journals as of one time: when the newest that it shows had arrived.
// A second listing, which begins after the first has ended, shows all that had arrived until then.
std::vector<ObjectInfo> as_of_one_time(ObjectStore& store, Listing&& listing) {
  if (listing.bulk_steps <= 1) return std::move(listing.objects);
  StoreTimestamp newest{};
  for (const ObjectInfo& object : listing.objects) {
    if (is_bulk(object)) newest = std::max(newest, object.modified);
  }
  std::vector<ObjectInfo> again = list_all(store, format::bulk_prefix);
  std::erase_if(again, [&](const ObjectInfo& object) { return object.modified > newest; });
  std::vector<ObjectInfo> objects = std::move(listing.objects);
  const auto bulks = std::partition_point(
      objects.begin(), objects.end(),
      [](const ObjectInfo& object) { return object.key < format::bulk_prefix; });
  const auto behind = std::find_if_not(bulks, objects.end(), is_bulk);
  objects.insert(objects.erase(bulks, behind), std::make_move_iterator(again.begin()),
                 std::make_move_iterator(again.end()));
  return objects;
}

// How many ranges side by side what follows a first page is worth, at two pages or more for each.
// The names of single operations are hashes, so that a page tells how many are to come.
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

// The first page of head/, where stores list in order. It has the catalogs. Remembers whether the
// head has more than one page.
ListPage list_first_page(const Context& context) {
  ListPage page = context.store->list(format::head_prefix, {}, 0);
  context.long_head->store(page.more ? newest_of(page.objects) + 1 : 0);
  return page;
}

// The listing of head/ where stores list in order: what follows the first page is listed in ranges
// side by side when there is much.
std::vector<ObjectInfo> list_in_ranges(const Context& context) {
  ListPage page = list_first_page(context);
  const bool more = page.more && !page.objects.empty();
  Listing listing;
  listing.add(std::move(page));
  if (!more) return as_of_one_time(*context.store, std::move(listing));
  const auto last = format::parse_single_key(listing.objects.back().key);
  const std::uint64_t reached = last ? last->id.prefix() : 0;
  const std::size_t count = last ? ranges_after(listing.objects, reached) : 1;
  std::vector<std::string> begins{listing.objects.back().key};
  for (std::size_t i = 1; i < count; ++i) {
    const std::uint64_t step = (UINT64_MAX - reached) / count;
    begins.push_back(fmt::format("{}e-{:016x}", format::head_prefix, reached + i * step));
  }
  begins.emplace_back();  // the end of the last range
  std::vector<Listing> ranges(count);
  parallel_for(*context.env.io, count, count, [&](std::size_t i) {
    ranges[i] = list_between(*context.store, format::head_prefix, begins[i], begins[i + 1]);
  });
  for (Listing& range : ranges) listing.add(std::move(range));
  return as_of_one_time(*context.store, std::move(listing));
}

// The listing of head/ where it comes in any order: catalogs in a scan of their own, so that they
// are first in time too.
std::vector<ObjectInfo> list_unordered(const Context& context) {
  ObjectStore& store = *context.store;
  Listing listing = list_between(store, format::catalog_prefix, {});
  listing.add(list_between(
      store, format::head_prefix,
      listing.objects.empty() ? std::string(format::catalog_prefix) : listing.objects.back().key));
  return as_of_one_time(store, std::move(listing));
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
    if (i == 0) bulks = as_of_one_time(store, list_between(store, format::bulk_prefix, {}));
    if (i == 1 && !catalogs) catalogs = store.list(format::catalog_prefix, {}, 1).objects;
  });
  append(*catalogs, list_all(store, format::single_key_prefix(id)));
  append(*catalogs, std::move(bulks));
  return std::move(*catalogs);
}

}  // namespace

std::vector<ObjectInfo> list_head(const Context& context) {
  return context.store->traits().lists_in_order ? list_in_ranges(context) : list_unordered(context);
}

std::vector<ObjectInfo> list_head_of(const Context& context, const IdHash& id) {
  if (!context.store->traits().lists_in_order) return list_unordered(context);
  const std::uint64_t long_since = context.long_head->load();
  if (long_since == 0) {
    ListPage page = list_first_page(context);
    if (!page.more) {
      Listing listing;
      listing.add(std::move(page));
      return as_of_one_time(*context.store, std::move(listing));
    }
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

}  // namespace flashflood::engine
