#include "engine/state/context.h"

#include "flashflood/error.h"
#include "store/request_failed.h"

namespace flashflood::engine {

format::Token Context::make_token() const {
  format::Token token;
  env.random->fill(std::as_writable_bytes(std::span(token.bytes.data(), token.bytes.size())));
  return token;
}

Creation create_object(const Context& context, const std::string& key, BytesView bytes) {
  bool may_be_there = false;  // an attempt has succeeded, or may yet
  const auto try_once = [&] {
    try {
      if (context.store->put_if_absent(key, bytes) == PutOutcome::created) return Creation::ours;
    } catch (const RequestFailed& failure) {
      // It may have happened, or may happen yet: the same bytes again settle it.
      if (failure.effect() != RequestFailed::Effect::none) may_be_there = true;
      throw;
    } catch (const StoreUnavailable&) {
      may_be_there = true;
      throw;
    }
    // Taken, or taken by ourselves: an earlier attempt whose answer was lost, or a request that
    // the network delivered twice.
    may_be_there = true;
    const auto there = context.store->get(key, ByteRange::whole());
    if (there && there->bytes == bytes) return Creation::ours;
    // Read twice, lest a damaged answer make our own object another's. When nothing is there, it
    // was removed in between: the name is free again.
    const auto again = there ? context.store->get(key, ByteRange::whole()) : std::nullopt;
    if (again && again->bytes == there->bytes) return Creation::foreign;
    throw StoreUnavailable(key + ": exists, and reads of it do not agree");
  };
  try {
    return context.retrier->repeat(try_once);
  } catch (const Error&) {
    if (!may_be_there) throw;
    return Creation::unknown;
  }
}

bool is_first_use(const Context& context, const std::string& key) {
  const std::string name = "used " + key;
  if (context.cache->get<bool>(name)) return false;
  context.cache->put<bool>(name, std::make_shared<const bool>(true), sizeof(bool));
  return true;
}

std::optional<Bytes> fetch(const Context& context, std::string_view key, ByteRange range) {
  auto part = context.store->get(key, range);
  if (!part) return std::nullopt;
  return std::move(part->bytes);
}

}  // namespace flashflood::engine
