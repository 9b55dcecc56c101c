#include "simulation/bucket.h"

namespace flashflood::simulation {

StoreTimestamp Bucket::now() const {
  auto since = clock_().time_since_epoch();
  return StoreTimestamp(since - since % tick_);
}

const Bucket::Object* Bucket::find(std::string_view key) const {
  auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

std::optional<ObjectPart> Bucket::get(std::string_view key, ByteRange range) const {
  const Object* object = find(key);
  if (!object) return std::nullopt;
  ByteSpan span = resolve_range(range, object->bytes.size());
  return ObjectPart{object->bytes.substr(span.offset, span.length), object->bytes.size()};
}

void Bucket::put(std::string_view key, BytesView bytes, std::uint64_t operation) {
  auto [at, created] = objects_.try_emplace(std::string(key));
  at->second = {Bytes(bytes), now(), ++creations_};
  if (observer_) observer_->created(at->first, at->second, operation);
}

PutOutcome Bucket::put_if_absent(std::string_view key, BytesView bytes, std::uint64_t operation) {
  if (find(key)) return PutOutcome::exists;
  put(key, bytes, operation);
  return PutOutcome::created;
}

ListPage Bucket::list(std::string_view prefix, std::string_view start_after,
                      std::size_t count_max) const {
  ListPage page;
  auto at = start_after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(start_after);
  for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
    if (page.objects.size() == count_max) {
      page.more = true;
      break;
    }
    page.objects.push_back({at->first, at->second.bytes.size(), at->second.modified,
                            std::to_string(at->second.number)});
  }
  return page;
}

void Bucket::remove(std::span<const std::string> keys) {
  for (const std::string& key : keys) {
    auto found = objects_.find(key);
    if (found == objects_.end()) continue;
    Object object = std::move(found->second);
    objects_.erase(found);
    if (observer_) observer_->removed(key, object);
  }
}

}  // namespace flashflood::simulation
