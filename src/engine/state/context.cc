#include "engine/state/context.h"

#include <algorithm>

#include "flashflood/error.h"
#include "store/request_failed.h"

namespace flashflood::engine {

namespace {
constexpr int attempts_min = 6;
constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds pause_max{5000};
}  // namespace

format::Token Context::make_token() const {
  format::Token token;
  env.random->fill(std::as_writable_bytes(std::span(token.bytes.data(), token.bytes.size())));
  return token;
}

Creation create_object(const Context& context, const std::string& key, BytesView bytes) {
  bool may_be_there = false;  // an attempt has succeeded, or may yet
  const auto begin = context.steady_now();
  auto pause = first_pause;
  for (int attempt = 1;; ++attempt) {
    try {
      if (context.store->put_if_absent(key, bytes) == PutOutcome::created) return Creation::ours;
      // Taken, or taken by ourselves: an earlier attempt whose answer was lost, or a request that
      // the network delivered twice.
      may_be_there = true;
      auto there = context.store->get(key, ByteRange::whole());
      if (there && there->bytes == bytes) return Creation::ours;
      // Read twice, lest a damaged answer make our own object another's. When nothing is there, it
      // was removed in between: the name is free again.
      auto again = there ? context.store->get(key, ByteRange::whole()) : std::nullopt;
      if (again && again->bytes == there->bytes) return Creation::foreign;
    } catch (const RequestFailed& failure) {
      // It may have happened, or may happen yet: the same bytes again settle it. What certainly was
      // not done has been repeated below, for as long as that makes sense.
      if (failure.effect() == RequestFailed::Effect::none) {
        if (!may_be_there) throw;
        return Creation::unknown;
      }
      may_be_there = true;
    } catch (const StoreUnavailable&) {
      may_be_there = true;
    } catch (const Error&) {
      if (!may_be_there) throw;
      return Creation::unknown;
    }
    // As other requests are repeated; and a few times in any case, since the object may be there.
    const bool in_time = context.steady_now() - begin + pause <= context.retrier->time_max();
    if (attempt >= attempts_min && !in_time) return Creation::unknown;
    context.env.clock->sleep_for(pause);
    pause = std::min(2 * pause, pause_max);
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
