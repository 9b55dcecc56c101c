// ObjectStore: what FlashFlood needs of a bucket, and no more.
//
// A store maps keys to immutable byte strings. Reads and listings are strongly consistent: what was
// acknowledged before a request began is seen by it. Keys are non-empty, use only A-Z a-z 0-9 - _ .
// and / between non-empty parts, and have at most 900 bytes. A part has at most 255 bytes, is not
// "." or ".." and does not begin with ".tmp-" (unfinished uploads in folders). Other keys are
// InvalidArgument. No flood has both a key "a" and a key "a/b": folders cannot hold them.
//
// Errors, beside those stated at a function: StoreUnavailable (no answer, or try again; for a
// change this means that it may have happened, now or later), PermissionDenied, StoreFull,
// CorruptData.
//
// Threads: every function may be called from several threads at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace flashflood {

// A point on the store's own clock (not this machine's), as fine as the store gives it.
using StoreTimestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

// The store's clock now. A remote store answers with its date alone. A folder has no clock of its
// own but the machine's, which may be set: `boot_id` names this boot of the machine, and
// `boot_clock` counts since it began; within one boot durations are taken from boot_clock.
struct StoreTime {
  StoreTimestamp date{};
  std::string boot_id{};  // empty: the date can be relied on
  std::chrono::nanoseconds boot_clock{};
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  StoreTimestamp modified{};  // when it was created, by the store's clock
  std::string etag;           // differs whenever another object was stored under the same key
};

struct ListPage {
  std::vector<ObjectInfo> objects;  // ascending by key (bytes)
  bool more = false;                // there are keys beyond the last one
  // The store read them one after the other: of two objects that were created meanwhile it may show
  // the later one alone.
  bool in_steps = false;
};

// Which part of an object: all, `length` bytes from `offset` (fewer where the object ends), or the
// last `length` bytes (the whole object when it is shorter).
struct ByteRange {
  enum class Kind { all, from_offset, suffix };
  Kind kind = Kind::all;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  static ByteRange whole() { return {}; }
  static ByteRange at(std::uint64_t offset, std::uint64_t length) {
    return {Kind::from_offset, offset, length};
  }
  static ByteRange last(std::uint64_t length) { return {Kind::suffix, 0, length}; }
};

struct ObjectPart {
  Bytes bytes;
  std::uint64_t object_size = 0;  // of the whole object
};

enum class PutOutcome { created, exists };

struct StoreTraits {
  // Within one listing, each key is shown as of a time not before that of the keys that sort before
  // it. (Folders list in any order.)
  bool lists_in_order = true;
  // Whether the promises rest on a server that only a trial shows to keep them (probe.h).
  bool needs_probe = false;
};

// Requests that went to a server, as it bills them. A call of a function below may take several: a
// large object goes in pieces, a slow read is sent twice, an answer tells to ask elsewhere.
struct StoreTraffic {
  std::uint64_t gets = 0;
  std::uint64_t puts = 0;  // and all that uploads in parts take
  std::uint64_t lists = 0;
  std::uint64_t removes = 0;
  std::uint64_t heads = 0;
  // Among these:
  std::uint64_t pieces = 0;  // gets of what did not fit into the first one of a large read
  std::uint64_t parts = 0;   // puts of parts of a large object
  std::uint64_t hedges = 0;  // gets and lists that were sent again because the answer was slow
};

// A URL with which anybody can read one object, without credentials.
struct PresignedUrl {
  std::string url;
  StoreTimestamp expires{};  // by the store's clock, about
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Nothing when there is no such object. A range that begins at or past the end gives no bytes.
  virtual std::optional<ObjectPart> get(std::string_view key, ByteRange range) = 0;

  // Stores the object, whole or not at all; durable when it returns. Only for keys that are never
  // written with other bytes (their names are random): an object that exists is replaced.
  virtual void put(std::string_view key, BytesView bytes) = 0;

  // Creates the object unless the key is taken: of any number of concurrent calls exactly one gets
  // `created`. Whole and durable when it returns; after `exists`, too, is the other object durable.
  [[nodiscard]] virtual PutOutcome put_if_absent(std::string_view key, BytesView bytes) = 0;

  // The objects whose key begins with `prefix` and is greater than `start_after` (empty: from the
  // beginning), at most `limit` (0: as many as the store gives at once). What it shows is durable.
  virtual ListPage list(std::string_view prefix, std::string_view start_after,
                        std::size_t limit) = 0;

  // Removes objects; those that do not exist are passed over. When it throws, any number of them
  // may be gone.
  virtual void remove(std::span<const std::string> keys) = 0;

  virtual StoreTime now() = 0;

  // Removes leftovers of uploads that never finished, older than `age` by the store's clock;
  // returns how many. Most stores leave none.
  virtual std::size_t sweep(std::chrono::seconds /*age*/) { return 0; }

  virtual StoreTraits traits() const { return {}; }

  // What went to the server so far. Nothing where each call is one request.
  virtual std::optional<StoreTraffic> traffic() const { return std::nullopt; }

  // A URL that is good for `duration`, or for as long as the credentials are when that is less.
  // Nothing when the store has no URLs that others could read. InvalidArgument for a duration that
  // the store does not grant.
  virtual std::optional<PresignedUrl> presign(std::string_view /*key*/,
                                              std::chrono::seconds /*duration*/) {
    return std::nullopt;
  }

  // For messages: what serves this store ("MinIO at https://host"), as far as that is known.
  virtual std::string server() const { return describe(); }

  // For messages: the place, without secrets ("file:///data/flood").
  virtual std::string describe() const = 0;
};

// Whether `text` is a key as described above; check_key throws InvalidArgument unless it is.
bool is_key(std::string_view text) noexcept;
void check_key(std::string_view key);

// Throws InvalidArgument unless some key begins with `prefix`, which may be empty or end within a
// part. One that ends in a part "." or ".." is refused too, since some servers refuse to list it.
void check_prefix(std::string_view prefix);

// Where a range lies in an object of `object_size` bytes; never beyond its end.
struct ByteSpan {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
ByteSpan resolve_range(ByteRange range, std::uint64_t object_size) noexcept;

// Calls `object` for each object below `prefix`, in order, and holds one page of them at a time.
void for_each_object(ObjectStore& store, std::string_view prefix, std::string_view start_after,
                     const std::function<void(ObjectInfo&&)>& object);

// All objects below `prefix`, page after page.
std::vector<ObjectInfo> list_all(ObjectStore& store, std::string_view prefix,
                                 std::string_view start_after = {});

}  // namespace flashflood
