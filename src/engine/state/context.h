// What every part of the engine works with: the store, the machine, the flood's settings, caches.
//
// Threads: shared by all threads of a handle. The members never change once it is made; what they
// point to may: the store, the retrier and the caches lock for themselves, the counters are atomic.
// `first_head` alone is not shared: it belongs to the operation for which a copy of the context was
// made.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/environment.h"
#include "base/lru_cache.h"
#include "base/ordered_ids.h"
#include "flashflood/error.h"
#include "format/block.h"
#include "format/settings.h"
#include "store/object_store.h"
#include "store/retrier.h"

namespace flashflood::engine {

struct FirstHead;  // head.h

struct Context {
  std::shared_ptr<ObjectStore> store;
  Environment env;
  std::shared_ptr<Retrier> retrier;  // for what the store itself does not repeat
  format::FloodSettings settings;
  Bytes settings_object;  // flashflood.json, which every catalog repeats
  format::BlockOptions block_options;
  std::size_t block_bytes = std::size_t{256} << 10;
  std::shared_ptr<LruCache> cache;
  // Decoded blocks, apart from the rest: they are large, and would push out what saves requests.
  std::shared_ptr<LruCache> block_cache;
  // The newest catalog number that this handle has seen; the epoch of what it writes in bulk.
  std::shared_ptr<std::atomic<std::uint64_t>> newest_seen =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  // The number, plus 1, of the catalog that was the newest one when the head last exceeded one page
  // of a listing; 0 while it does not.
  std::shared_ptr<std::atomic<std::uint64_t>> long_head =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  // A head that was listed when the flood was opened for the operation of this context. The first
  // function that needs a head takes it, which saves the operation a listing; others list again.
  std::shared_ptr<FirstHead> first_head{};

  // The ids that this handle makes.
  std::shared_ptr<OrderedIds> ordered_ids = std::make_shared<OrderedIds>();

  // How often damaged bytes were read again.
  std::shared_ptr<std::atomic<std::uint64_t>> rereads =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  // The flood's time spans, fine enough to be divided.
  std::chrono::nanoseconds grace() const { return settings.grace; }
  std::chrono::nanoseconds patience() const { return settings.patience; }
  std::chrono::nanoseconds steady_now() const { return env.clock->steady_now(); }
  format::Token make_token() const;
};

// The outcome of an attempt to create an object under an arbitrated name.
enum class Creation {
  ours,     // it exists, and it is ours
  foreign,  // another writer's object has the name
  unknown,  // the store does not say
};

// Creates `key` with `bytes` (which hold a token of this attempt) if the name is free, and finds
// out what happened when the answer is lost or ambiguous: repeats the same bytes for as long as
// other requests are repeated, reads, compares. Throws StoreUnavailable when it is certain that
// nothing was created.
Creation create_object(const Context& context, const std::string& key, BytesView bytes);

// Whether this handle looks into the object for the first time, for a look-up that can do so with
// or without the object's tail: reading the tail pays for those who come again. Remembered in the
// cache.
bool is_first_use(const Context& context, const std::string& key);

// A range of an object; nothing when there is no such object.
std::optional<Bytes> fetch(const Context& context, std::string_view key,
                           ByteRange range = ByteRange::whole());

// What `read` makes of bytes that it fetches and checks. When they are CorruptData it is called
// once more: bytes may be damaged on their way, where no TLS protects them. What is damaged where
// it lies is damaged the second time too. Every read of an object goes through here; what is kept
// in memory was checked before.
template <typename Read>
auto read_intact(const Context& context, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const CorruptData&) {
  } catch (const UnsupportedFormat&) {  // so looks a damaged number of the format
  }
  ++*context.rereads;
  return read();
}

}  // namespace flashflood::engine
