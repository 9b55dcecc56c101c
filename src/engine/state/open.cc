#include "engine/state/open.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "engine/state/head.h"
#include "flashflood/error.h"
#include "format/keys.h"
#include "store/probe.h"

namespace flashflood::engine {

namespace {

format::BlockOptions parse_compression(std::string_view text) {
  if (text == "none") return {format::Codec::none, 1};
  if (text == "lz4") return {format::Codec::lz4, 1};
  if (text == "zstd") return {format::Codec::zstd, 1};
  if (text.starts_with("zstd:")) {
    auto level = parse_decimal(text.substr(5));
    if (level && *level >= 1 && *level <= 19)
      return {format::Codec::zstd, static_cast<int>(*level)};
  }
  throw InvalidArgument(
      fmt::format("compression {}: takes \"zstd\", \"zstd:1\" to \"zstd:19\", \"lz4\" or \"none\"",
                  quote(text)));
}

void check_ranges(const OpenOptions& options) {
  using namespace std::chrono_literals;
  constexpr std::chrono::seconds longest = 24h * 3650;
  if (options.patience < 1s || options.grace < options.patience || options.grace > longest)
    throw InvalidArgument("patience and grace take 1 s to 10 years, and grace at least patience");
  if (options.block_bytes < (std::size_t{4} << 10) || options.block_bytes > (std::size_t{16} << 20))
    throw InvalidArgument("block_bytes takes 4 KiB to 16 MiB");
}

format::FloodSettings make_settings(Random& random, const OpenOptions& options) {
  std::string id(16, '\0');
  random.fill(std::as_writable_bytes(std::span(id.data(), id.size())));
  return {to_hex(id), options.grace, options.patience};
}

struct FoundSettings {
  Bytes object;
  format::FloodSettings settings;
  bool tried_now = false;  // the store has just shown that it keeps its promises
};

// Nothing when there is no flood.
std::optional<FoundSettings> read_settings(const Context& context, ObjectStore& store) {
  const std::string name = fmt::format("{} in {}", format::settings_key, store.describe());
  bool again = false;
  return read_intact(context, [&]() -> std::optional<FoundSettings> {
    auto object = store.get(format::settings_key, ByteRange::whole());
    if (!object) return std::nullopt;
    try {
      auto settings = format::decode_settings(object->bytes, name);
      return FoundSettings{std::move(object->bytes), std::move(settings)};
    } catch (const NotAFlood& error) {  // damaged settings look like those of something else
      if (std::exchange(again, true)) throw;
      throw CorruptData(error.what());
    }
  });
}

// Something that is no trial of a store, which others may be making, or have left behind.
std::vector<ObjectInfo> list_one(ObjectStore& store) {
  auto listed = store.list({}, {}, 1).objects;
  if (!listed.empty() && listed[0].key.starts_with(format::trials_prefix)) {
    const std::string behind =
        std::string(format::trials_prefix.substr(0, format::trials_prefix.size() - 1)) +
        '0';  // '/' + 1
    listed = store.list({}, behind, 1).objects;
  }
  return listed;
}

// Whoever wins creates the settings; who loses does not hear of it. Other processes rely on the
// settings as soon as they are there: nothing removes them any more.
void create_settings(const Context& context, ObjectStore& store, BytesView object) {
  if (store.traits().needs_probe)
    try_store(store, context.env, *context.retrier, format::trials_prefix);
  static_cast<void>(
      context.retrier->repeat([&] { return store.put_if_absent(format::settings_key, object); }));
}

FoundSettings read_or_create(const Context& context, ObjectStore& store,
                             const OpenOptions& options) {
  if (auto found = read_settings(context, store)) return std::move(*found);
  if (const auto listed = list_one(store); !listed.empty()) {
    // Somebody else may have created it since the first look.
    if (auto found = read_settings(context, store)) return std::move(*found);
    if (listed[0].key.starts_with("blobs/") && !store.list("journals/", {}, 1).objects.empty())
      throw NotAFlood(fmt::format(
          "{} is not a flood: it looks like one of the original FlashFlood in Python; take that "
          "over into a new place with import-original",
          store.describe()));
    throw NotAFlood(fmt::format("{} is not a flood: it holds other things, and no {}",
                                store.describe(), format::settings_key));
  }
  if (!options.create)
    throw NotAFlood(
        fmt::format("there is no flood at {}; recording into it creates one", store.describe()));
  create_settings(context, store,
                  format::encode_settings(make_settings(*context.env.random, options)));
  // Whoever created it: what is there counts.
  if (auto found = read_settings(context, store)) {
    found->tried_now = true;
    return std::move(*found);
  }
  throw StoreUnsuitable(fmt::format("{} loses what it acknowledged: {} was stored and is not there",
                                    store.describe(), format::settings_key));
}

// The copy that a catalog has.
FoundSettings settings_of(const format::Catalog& catalog) {
  const std::string name =
      fmt::format("{} in {}", format::settings_key, format::catalog_key(catalog.number));
  try {
    return {catalog.settings, format::decode_settings(catalog.settings, name)};
  } catch (const NotAFlood& error) {
    throw CorruptData(error.what());
  }
}

std::shared_ptr<Context> unopened_context(std::shared_ptr<ObjectStore> store,
                                          const Environment& env, const OpenOptions& options,
                                          std::shared_ptr<Retrier> retrier) {
  check_options(options);
  auto context = std::make_shared<Context>();
  context->retrier = retrier ? std::move(retrier)
                             : std::make_shared<Retrier>(env, retry_options(options.retry_for));
  context->block_options = parse_compression(options.compression);
  context->block_bytes = options.block_bytes;
  context->env = env;
  context->cache = std::make_shared<LruCache>(options.cache_bytes);
  context->block_cache = std::make_shared<LruCache>(options.block_cache_bytes);
  context->store = std::move(store);
  return context;
}

// Makes it the context of a flood with these settings.
void settle(Context& context, FoundSettings found) {
  context.settings = std::move(found.settings);
  if (context.store->traits().needs_probe && !found.tried_now)
    context.store =
        make_probing_store(context.store, context.retrier, format::settings_key, found.object);
  context.settings_object = std::move(found.object);
}

}  // namespace

void check_options(const OpenOptions& options) {
  check_ranges(options);
  parse_compression(options.compression);
}

std::shared_ptr<Context> open_context(std::shared_ptr<ObjectStore> store, const Environment& env,
                                      const OpenOptions& options,
                                      std::shared_ptr<Retrier> retrier) {
  auto context = unopened_context(std::move(store), env, options, std::move(retrier));
  settle(*context, read_or_create(*context, *context->store, options));
  return context;
}

std::shared_ptr<Context> presigned_context(std::shared_ptr<ObjectStore> store,
                                           const Environment& env) {
  return unopened_context(std::move(store), env, {}, nullptr);
}

Opening::Opening(std::shared_ptr<ObjectStore> store, const Environment& env,
                 const OpenOptions& options, std::shared_ptr<Retrier> retrier)
    : options_(options),
      unopened_(unopened_context(std::move(store), env, options, std::move(retrier))) {}

std::shared_ptr<const Context> Opening::context() {
  std::lock_guard lock(mutex_);
  if (opened_) return opened_;
  auto context = std::make_shared<Context>(*unopened_);
  settle(*context, read_or_create(*context, *context->store, options_));
  return opened_ = context;
}

std::shared_ptr<const Context> Opening::context_to_look(std::optional<std::string_view> id) {
  std::lock_guard lock(mutex_);
  if (opened_) return opened_;
  Head head = id ? load_head_of(*unopened_, IdHash::of(*id)) : load_head(*unopened_);
  auto context = std::make_shared<Context>(*unopened_);
  settle(*context, !head.catalog->settings.empty()
                       ? settings_of(*head.catalog)
                       : read_or_create(*context, *context->store, options_));
  opened_ = context;
  // The listing was judged without the flood's patience.
  if (elapsed_since(*context, head.began) > context->patience() / 2) return opened_;
  auto to_look = std::make_shared<Context>(*context);
  to_look->first_head = std::make_shared<FirstHead>(FirstHead{std::move(head)});
  return to_look;
}

}  // namespace flashflood::engine
