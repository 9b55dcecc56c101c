#include "store/counting_store.h"

namespace flashflood {

RequestCounts RequestCounts::operator-(const RequestCounts& before) const {
  return {get - before.get,
          put - before.put,
          put_if_absent - before.put_if_absent,
          list - before.list,
          remove - before.remove,
          now - before.now,
          keys_removed - before.keys_removed,
          bytes_read - before.bytes_read,
          bytes_written - before.bytes_written};
}

RequestCounts CountingStore::counts() const {
  return {get_, put_,          put_if_absent_, list_,         remove_,
          now_, keys_removed_, bytes_read_,    bytes_written_};
}

std::optional<ObjectPart> CountingStore::get(std::string_view key, ByteRange range) {
  ++get_;
  std::optional<ObjectPart> part = inner().get(key, range);
  if (part) bytes_read_ += part->bytes.size();
  return part;
}

void CountingStore::put(std::string_view key, BytesView bytes) {
  ++put_;
  bytes_written_ += bytes.size();
  inner().put(key, bytes);
}

PutOutcome CountingStore::put_if_absent(std::string_view key, BytesView bytes) {
  ++put_if_absent_;
  bytes_written_ += bytes.size();
  return inner().put_if_absent(key, bytes);
}

ListPage CountingStore::list(std::string_view prefix, std::string_view start_after,
                             std::size_t limit) {
  ++list_;
  return inner().list(prefix, start_after, limit);
}

void CountingStore::remove(std::span<const std::string> keys) {
  ++remove_;
  keys_removed_ += keys.size();
  inner().remove(keys);
}

StoreTime CountingStore::now() {
  ++now_;
  return inner().now();
}

}  // namespace flashflood
