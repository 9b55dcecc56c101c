#include "original/bucket.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood::original {
namespace {

std::string key_of(std::string_view prefix, std::string_view name) {
  return std::string(prefix).append(name);
}

std::string_view blob_of(std::string_view journal) {
  return journal.substr(journal.rfind(delimiter) + delimiter.size());
}

// Calls `live` for what has no tombstone beside it, `dead` for what has one, `lone` for tombstones
// whose object is gone. A tombstone sorts directly behind its object.
template <typename Live, typename Dead, typename Lone>
void for_each_object_or_tombstone(ObjectStore& store, std::string_view prefix, const Live& live,
                                  const Dead& dead, const Lone& lone) {
  std::optional<ObjectInfo> last;
  for_each_object(store, prefix, {}, [&](ObjectInfo&& object) {
    const std::string_view key = object.key;
    if (!key.ends_with(tombstone_suffix)) {
      if (last) live(std::move(*last));
      last = std::move(object);
    } else if (last && last->key == key.substr(0, key.size() - tombstone_suffix.size())) {
      dead(*last);
      last.reset();
    } else {
      lone(object);
    }
  });
  if (last) live(std::move(*last));
}

// Problems of one listing, which runs beside the others.
using Found = std::vector<std::pair<const char*, std::string>>;

class Lister {
 public:
  explicit Lister(ObjectStore& store) : store_(store) {}

  void list_journals() {
    for_each_object_or_tombstone(
        store_, journals_prefix,
        [&](ObjectInfo&& object) {
          std::string name = object.key.substr(journals_prefix.size());
          const auto parsed = parse_journal_name(name);
          if (!parsed) {
            problems_.emplace_back("not the name of a journal", std::move(object.key));
            return;
          }
          bucket_.journals.push_back({std::move(name), parsed->version, object.size, 0});
        },
        [&](const ObjectInfo& object) {
          ++bucket_.tombstones;
          dead_blobs_.push_back(xxh3(blob_of(object.key)));
        },
        [&](const ObjectInfo&) { ++bucket_.tombstones; });
    std::sort(dead_blobs_.begin(), dead_blobs_.end());
  }

  void list_markers() {
    for_each_object_or_tombstone(
        store_, markers_prefix,
        [&](ObjectInfo&& object) {
          auto name = parse_marker_name(std::string_view(object.key).substr(markers_prefix.size()));
          if (!name) {
            marker_problems_.emplace_back("not the name of an update or delete",
                                          std::move(object.key));
            return;
          }
          bucket_.markers.push_back({std::move(*name), object.size, std::move(object.key)});
        },
        [&](const ObjectInfo&) { ++bucket_.applied_markers; },
        [&](const ObjectInfo&) { ++bucket_.applied_markers; });
  }

  // After the journals: a blob is written before its manifest.
  void list_blobs(std::size_t names_max) {
    std::unordered_map<std::string_view, std::size_t> named;
    for (std::size_t i = 0; i < bucket_.journals.size(); ++i) {
      named.emplace(blob_of(bucket_.journals[i].name), i);
    }
    std::vector<bool> has_blob(bucket_.journals.size());
    for_each_object(store_, blobs_prefix, {}, [&](ObjectInfo&& object) {
      const std::string_view blob = std::string_view(object.key).substr(blobs_prefix.size());
      if (const auto found = named.find(blob); found != named.end()) {
        bucket_.journals[found->second].blob_bytes = object.size;
        has_blob[found->second] = true;
      } else if (!std::binary_search(dead_blobs_.begin(), dead_blobs_.end(), xxh3(blob))) {
        ++bucket_.unnamed_blobs;
        if (bucket_.unnamed_blob_names.size() < names_max) {
          bucket_.unnamed_blob_names.push_back(shown(std::move(object.key)));
        }
      }
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < bucket_.journals.size(); ++i) {
      Journal& journal = bucket_.journals[i];
      if (!has_blob[i]) {
        problems_.emplace_back("a manifest without its blob", journal.manifest_key());
        continue;
      }
      if (kept != i) bucket_.journals[kept] = std::move(journal);
      ++kept;
    }
    bucket_.journals.resize(kept);
  }

  Bucket finish(Problems& problems) {
    for (const Found* found : {&problems_, &marker_problems_}) {
      for (const auto& [reason, key] : *found) problems.add(reason, key);
    }
    return std::move(bucket_);
  }

 private:
  ObjectStore& store_;
  Bucket bucket_;
  std::vector<std::uint64_t> dead_blobs_;  // hashes
  Found problems_;
  Found marker_problems_;
};

}  // namespace

std::string shown(std::string key) {
  const bool is_plain = is_valid_utf8(key) && std::none_of(key.begin(), key.end(), [](char c) {
                          return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
                        });
  return is_plain ? key : quote(key, 4 * key.size());
}

std::string Journal::manifest_key() const { return key_of(journals_prefix, name); }
std::string Journal::blob_key() const { return key_of(blobs_prefix, blob_of(name)); }

Bucket list_bucket(ObjectStore& store, Executor& io, std::size_t names_max, Problems& problems) {
  Lister lister(store);
  parallel_for(io, 2, 2, [&](std::size_t i) {
    if (i == 0) lister.list_journals();
    if (i == 1) lister.list_markers();
  });
  lister.list_blobs(names_max);
  Bucket bucket = lister.finish(problems);
  if (bucket.journals.empty() && bucket.tombstones == 0 && bucket.unnamed_blobs == 0 &&
      problems.empty()) {
    throw NotAFlood("there is nothing of the original FlashFlood in " + store.describe() + ": no " +
                    key_of(journals_prefix, "...") + ", no " + key_of(blobs_prefix, "..."));
  }
  return bucket;
}

Manifest read_manifest(ObjectStore& store, const Journal& journal) {
  std::optional<ObjectPart> object;
  try {
    object = store.get(journal.manifest_key(), ByteRange::at(0, manifest_bytes_max + 1));
  } catch (const CorruptData&) {
    throw CorruptData("the manifest does not fit the checksum that the store keeps of it");
  }
  if (!object) throw CorruptData("the manifest is gone");
  return parse_manifest(object->bytes, journal.blob_bytes);
}

bool is_indexed(ObjectStore& store, std::string_view event) {
  const std::string prefix = key_of(index_prefix, event).append(delimiter);
  bool found = false;
  for_each_object(store, prefix, {}, [&](ObjectInfo&& object) {
    // The id "a" begins the key of the id "a--b", too.
    const std::string_view revision = std::string_view(object.key).substr(prefix.size());
    found = found || (!revision.empty() &&
                      revision.find_first_not_of("0123456789") == std::string_view::npos);
  });
  return found;
}

}  // namespace flashflood::original
