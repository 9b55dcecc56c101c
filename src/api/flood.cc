// The public face of the engine: Flood, Recorder and Replay are thin handles on it.
#include "flashflood/flood.h"

#include <fmt/format.h>

#include "api/store_url.h"
#include "base/text.h"
#include "engine/import/original_import.h"
#include "engine/journal/journaling.h"
#include "engine/read/lookup.h"
#include "engine/read/querier.h"
#include "engine/read/replayer.h"
#include "engine/split/split_reader.h"
#include "engine/split/splits.h"
#include "engine/state/event_checks.h"
#include "engine/state/open.h"
#include "engine/upkeep/collector.h"
#include "engine/upkeep/destroy.h"
#include "engine/upkeep/inventory.h"
#include "engine/upkeep/verifier.h"
#include "engine/write/recorder.h"
#include "engine/write/single.h"
#include "store/counting_store.h"
#include "store/http/http_client.h"
#include "store/retry_store.h"

namespace flashflood {

class Flood::Impl {
 public:
  Impl(std::shared_ptr<CountingStore> counting_store, std::shared_ptr<ObjectStore> store,
       const Environment& env, const OpenOptions& options, std::shared_ptr<Retrier> retrier)
      : counting(std::move(counting_store)),
        opening(std::move(store), env, options, std::move(retrier)) {}
  const std::shared_ptr<CountingStore> counting;
  engine::Opening opening;
};

Flood::Flood(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

namespace {

Environment environment_of(std::size_t threads, const LogCallback& log) {
  Environment env = system_environment();
  env.log = Log(log);
  if (threads > 0) env.compute = make_thread_pool(threads);
  return env;
}

struct Opened {
  std::shared_ptr<CountingStore> counting;
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<Retrier> retrier;
};

// Repetitions are counted, and the shares of large requests are repeated from the same budget.
Opened counted(std::shared_ptr<ObjectStore> store, std::shared_ptr<Retrier> retrier) {
  auto counting = std::make_shared<CountingStore>(std::move(store));
  return {counting, make_retry_store(counting, retrier), retrier};
}

Opened open_counted(std::string_view url, bool create, const Environment& env, const S3Options& s3,
                    std::optional<std::chrono::milliseconds> retry_for) {
  auto retrier = std::make_shared<Retrier>(env, retry_options(retry_for));
  return counted(open_store(url, create, env, retrier, s3), retrier);
}

RequestReport report_of(const CountingStore& store, std::uint64_t rereads) {
  const RequestCounts counts = store.counts();
  RequestReport report;
  report.bytes_read = counts.bytes_read;
  report.bytes_written = counts.bytes_written;
  const StoreTraffic traffic = store.traffic().value_or(StoreTraffic{
      counts.get, counts.put + counts.put_if_absent, counts.list, counts.remove, counts.now});
  report.gets = traffic.gets;
  report.puts = traffic.puts;
  report.lists = traffic.lists;
  report.removes = traffic.removes;
  report.times = traffic.heads;
  report.pieces = traffic.pieces;
  report.parts = traffic.parts;
  report.hedges = traffic.hedges;
  report.rereads = rereads;
  return report;
}

}  // namespace

Flood Flood::open(std::string_view url, const OpenOptions& options) {
  engine::check_options(options);  // before a folder is made
  Environment env = environment_of(options.threads, options.log);
  Opened opened = open_counted(url, options.create, env, options.s3, options.retry_for);
  auto impl = std::make_shared<Impl>(std::move(opened.counting), std::move(opened.store), env,
                                     options, std::move(opened.retrier));
  if (!options.lazy) impl->opening.context();
  return Flood(std::move(impl));
}

std::string Flood::put(const NewEvent& event) {
  // An id that is made here needs no look-up.
  const auto context =
      event.id ? impl_->opening.context_to_look(*event.id) : impl_->opening.context();
  return engine::put_event(*context, event);
}

std::optional<Event> Flood::find(std::string_view id) {
  engine::check_id(id);
  auto state = engine::look_up(*impl_->opening.context_to_look(id), id, IdHash::of(id), true);
  if (!state.live()) return std::nullopt;
  return Event{std::string(id), state.date, std::move(state.data), state.revision};
}

std::vector<FoundEvent> Flood::find_many(std::span<const std::string_view> ids) {
  for (const std::string_view id : ids) engine::check_id(id);
  std::vector<FoundEvent> all;
  auto states = engine::look_up_many(*impl_->opening.context(), ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    engine::IdState& state = states[i];
    FoundEvent& found = all.emplace_back();
    if (!state.known) continue;
    found.state = state.live() ? FoundEvent::State::there : FoundEvent::State::deleted;
    found.event = {std::string(ids[i]), state.date, std::move(state.data), state.revision};
  }
  return all;
}

Event Flood::get(std::string_view id) {
  if (auto event = find(id)) return std::move(*event);
  throw EventNotFound(fmt::format("there is no event {}", quote(id)));
}

std::uint64_t Flood::update(std::string_view id, std::string_view data,
                            std::optional<std::uint64_t> expected_revision) {
  return engine::update_event(*impl_->opening.context_to_look(id), id, data, expected_revision);
}

void Flood::erase(std::string_view id, std::optional<std::uint64_t> expected_revision) {
  engine::erase_event(*impl_->opening.context_to_look(id), id, expected_revision);
}

class Recorder::Impl {
 public:
  Impl(std::shared_ptr<const engine::Context> with, const RecorderOptions& options)
      : context(std::move(with)), recorder(context, options) {}
  const std::shared_ptr<const engine::Context> context;
  engine::BulkRecorder recorder;
};

Recorder Flood::recorder(const RecorderOptions& options) {
  return Recorder(std::make_unique<Recorder::Impl>(impl_->opening.context(), options));
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::Recorder(Recorder&&) noexcept = default;
Recorder& Recorder::operator=(Recorder&&) noexcept = default;
Recorder::~Recorder() = default;

void Recorder::put(NewEvent event) {
  const engine::Context& context = *impl_->context;
  put(event.id ? *event.id : engine::make_id(context),
      event.date ? *event.date : impl_->recorder.next_date(), event.data);
}

void Recorder::put(std::string_view id, Timestamp date, std::string_view data) {
  impl_->recorder.put(id, date, data);
}

bool Recorder::try_put(std::optional<std::string_view> id, std::optional<Timestamp> date,
                       std::string_view data) {
  const engine::Context& context = *impl_->context;
  const std::string made = id ? std::string() : engine::make_id(context);
  return impl_->recorder.try_put(id ? *id : made, date ? *date : impl_->recorder.next_date(), data);
}

void Recorder::flush() { impl_->recorder.flush(); }
Recorder::Progress Recorder::progress() const { return impl_->recorder.progress(); }

class Replay::Impl {
 public:
  Impl(std::shared_ptr<const engine::Context> context,
       std::shared_ptr<CountingStore> counting_store, const ReplayOptions& options)
      : counting(std::move(counting_store)),
        rereads(context->rereads),
        replayer(std::move(context), options) {}
  Impl(std::shared_ptr<const engine::Context> context,
       std::shared_ptr<CountingStore> counting_store, const format::Split& split,
       const ReadSplitOptions& options)
      : counting(std::move(counting_store)),
        rereads(context->rereads),
        replayer(context, engine::replay_options_of(split, options), split.range,
                 engine::open_split(*context, split, options.read_ahead_bytes)) {}
  const std::shared_ptr<CountingStore> counting;
  const std::shared_ptr<const std::atomic<std::uint64_t>> rereads;
  engine::Replayer replayer;
};

Replay Flood::replay(const ReplayOptions& options) {
  return Replay(
      std::make_unique<Replay::Impl>(impl_->opening.context_to_look({}), impl_->counting, options));
}

Replay::Replay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replay::Replay(Replay&&) noexcept = default;
Replay& Replay::operator=(Replay&&) noexcept = default;
Replay::~Replay() = default;

std::span<const EventView> Replay::next_batch() { return impl_->replayer.next_batch(); }

EventBatch Replay::next_owned_batch() {
  const auto events = impl_->replayer.next_batch();
  return {events, events.empty() ? nullptr : impl_->replayer.memory()};
}

bool Replay::ended() const { return impl_->replayer.ended(); }
const ReplayProgress& Replay::progress() const { return impl_->replayer.progress(); }
RequestReport Replay::requests() const { return report_of(*impl_->counting, *impl_->rereads); }

std::vector<std::string> Flood::splits(const SplitOptions& options) {
  return engine::make_splits(*impl_->opening.context(), options);
}

std::vector<std::string> Flood::refresh_splits(std::span<const std::string> splits,
                                               std::optional<std::chrono::seconds> valid_for) {
  return engine::refresh_splits(*impl_->opening.context(), splits, valid_for);
}

SplitTimes split_times(std::string_view json) {
  const format::Split split = format::decode_split(json);
  return {split.made, split.expires};
}

Replay read_split(std::string_view json, const ReadSplitOptions& options) {
  format::Split whole = format::decode_split(json);
  const bool presigned = whole.is_presigned();
  const format::Split split = engine::narrowed(std::move(whole), options);
  const Environment env = environment_of(options.threads, options.log);
  Opened opened;
  std::shared_ptr<engine::Context> context;
  if (presigned) {
    opened.counting =
        std::make_shared<CountingStore>(engine::presigned_store(split, make_http_client(), env));
    opened.store = make_retry_store(opened.counting, env, retry_options(options.retry_for));
    context = engine::presigned_context(std::move(opened.store), env);
  } else {
    OpenOptions open_options;
    open_options.create = false;
    opened = open_counted(options.store.empty() ? split.store : options.store, false, env,
                          options.s3, options.retry_for);
    context =
        engine::open_context(std::move(opened.store), env, open_options, std::move(opened.retrier));
    engine::check_flood(*context, split);
  }
  return Replay(std::make_unique<Replay::Impl>(std::move(context), std::move(opened.counting),
                                               split, options));
}

class QueryResult::Impl {
 public:
  Impl(std::shared_ptr<const engine::Context> context, std::string_view expression,
       const QueryOptions& options)
      : querier(std::move(context), expression, options) {}
  engine::Querier querier;
};

QueryResult Flood::query(std::string_view expression, const QueryOptions& options) {
  return QueryResult(
      std::make_unique<QueryResult::Impl>(impl_->opening.context_to_look({}), expression, options));
}

QueryResult::QueryResult(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
QueryResult::QueryResult(QueryResult&&) noexcept = default;
QueryResult& QueryResult::operator=(QueryResult&&) noexcept = default;
QueryResult::~QueryResult() = default;

std::string_view QueryResult::next_piece() { return impl_->querier.next_piece(); }
const ReplayProgress& QueryResult::progress() const { return impl_->querier.progress(); }

std::string QueryResult::text() {
  std::string text;
  for (auto piece = next_piece(); !piece.empty(); piece = next_piece()) text += piece;
  return text;
}

std::string explain_query(std::string_view expression, const QueryOptions& options) {
  return query::StreamQuery(expression, options.memory_bytes).explain();
}

JournalReport Flood::journal(const JournalOptions& options) {
  return engine::journal(*impl_->opening.context(), options);
}

CollectReport Flood::collect_garbage(const CollectOptions& options) {
  return engine::collect_garbage(*impl_->opening.context(), options);
}

VerifyReport Flood::verify(const VerifyOptions& options) {
  return engine::verify(*impl_->opening.context(), options);
}

ImportReport import_original(std::string_view url, const std::function<Flood()>& into,
                             const ImportOptions& options) {
  const Environment env = environment_of(0, options.log);
  auto retrier = std::make_shared<Retrier>(env, retry_options(options.retry_for));
  Opened source = counted(open_foreign_store(url, env, retrier, options.source), retrier);
  ImportReport report = engine::import_original(
      env, std::move(source.store), [&] { return into().impl_->opening.context(); }, options);
  report.source_requests = report_of(*source.counting, 0);
  return report;
}

ImportReport Flood::import_original(std::string_view url, const ImportOptions& options) {
  return flashflood::import_original(
      url, [this] { return *this; }, options);
}

std::uint64_t Flood::destroy() { return engine::destroy(*impl_->opening.context()); }

std::vector<JournalInfo> Flood::journals(std::optional<Timestamp> from, std::optional<Timestamp> to,
                                         bool read_pending) {
  return engine::list_journals(*impl_->opening.context(), from, to, read_pending);
}

FloodStats Flood::stats() { return engine::stats(*impl_->opening.context()); }

RequestReport Flood::requests() const {
  return report_of(*impl_->counting, impl_->opening.rereads());
}

}  // namespace flashflood
