#include "engine/read/replayer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/stop.h"
#include "base/text.h"
#include "flashflood/error.h"
#include "query/filter/prefilter.h"

namespace flashflood::engine {

// What is asked of each event. Immutable; used on many threads at once.
struct Replayer::Filter {
  format::EventRange range;
  query::Question question;
  std::shared_ptr<const query::StreamHead> head;
  query::Prefilter prefilter;  // empty when strict, since it hides what is not JSON

  bool asks() const { return question.where || question.query; }
};

// A piece on its way: decoded and filtered on a compute thread.
struct Replayer::Batch {
  Piece piece;
  std::size_t memory_bytes = 0;
  ReadAhead::Room room;  // until it is given out
  std::future<void> ready;
  std::vector<EventView> events;
  Bytes results;  // of the query; the events' data points into it
  query::StreamHead::Batch streams;
  std::exception_ptr problem;  // of the event behind the last one
  std::uint64_t entries = 0;
  std::uint64_t filtered = 0;
  std::uint64_t not_json = 0;
  std::uint64_t query_errors = 0;

  void run(const Filter& filter);
  void select_all(const Filter& filter);
  void select_candidates(const Filter& filter);
  void keep_matching(const query::Question& question);
  void run_head(const Filter& filter);
};

namespace {

// The calling thread works for a replay: what it starts belongs to that, and may outlast the call.
class Working {
 public:
  explicit Working(std::stop_source& replay)
      : end_(current_stop(), [&replay] { replay.request_stop(); }), scope_(replay.get_token()) {}

 private:
  std::stop_callback<std::function<void()>> end_;
  StopScope scope_;
};

[[noreturn]] void throw_not_json(const EventView& event, std::string_view problem) {
  throw QueryError(QueryError::Kind::invalid_type,
                   fmt::format("the data of event {} is not JSON: {}", quote(event.id), problem));
}

bool is_wanted(const format::EntryView& entry, const format::EventRange& range) {
  return entry.live() && range.contains(entry.date, entry.id);
}

EventView event_of(const format::EntryView& entry) {
  return {entry.id, entry.date, entry.data, entry.revision()};
}

// The numbers of the entries of which the data may match.
std::vector<std::uint32_t> find_candidates(const Piece& piece, const query::Prefilter& prefilter) {
  std::vector<std::uint32_t> candidates;
  const std::size_t count = piece.size();
  if (piece.is_contiguous()) {
    const char* const begin = piece.entry(0).data.data();
    std::vector<std::uint32_t> ends(count);
    std::uint32_t end = 0;
    for (std::size_t i = 0; i < count; ++i) {
      end += static_cast<std::uint32_t>(piece.entry(i).data.size());
      ends[i] = end;
    }
    prefilter.select({begin, end}, ends, candidates);
  } else {
    std::vector<std::string_view> documents(count);
    for (std::size_t i = 0; i < count; ++i) documents[i] = piece.entry(i).data;
    prefilter.select(documents, candidates);
  }
  return candidates;
}

}  // namespace

void Replayer::Batch::run(const Filter& filter) {
  piece.open();
  entries = piece.size();
  if (filter.prefilter.empty()) {
    select_all(filter);
  } else {
    select_candidates(filter);
  }
  if (filter.asks()) keep_matching(filter.question);
  if (filter.head) run_head(filter);
}

void Replayer::Batch::select_all(const Filter& filter) {
  events.reserve(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    auto entry = piece.entry(i);
    if (is_wanted(entry, filter.range)) events.push_back(event_of(entry));
  }
}

void Replayer::Batch::select_candidates(const Filter& filter) {
  const auto candidates = find_candidates(piece, filter.prefilter);
  events.reserve(candidates.size());
  auto candidate = candidates.begin();
  for (std::size_t i = 0; i < piece.size(); ++i) {
    auto entry = piece.entry(i);
    const bool may_match = candidate != candidates.end() && *candidate == i;
    if (may_match) ++candidate;
    if (!is_wanted(entry, filter.range)) continue;
    // What is not JSON is counted as such, as far as that is easily seen.
    if (may_match || !query::has_json_ends(entry.data)) {
      events.push_back(event_of(entry));
    } else {
      ++filtered;
    }
  }
}

void Replayer::Batch::run_head(const Filter& filter) {
  thread_local query::StreamHead::Scratch scratch;
  std::vector<std::string_view> documents;
  documents.reserve(events.size());
  for (const EventView& event : events) documents.push_back(event.data);
  streams = filter.head->make_batch();
  const auto outcome = filter.head->run(documents, filter.question.strict, scratch, streams);
  not_json = outcome.not_json;
  if (outcome.end == events.size()) return;
  try {
    throw_not_json(events[outcome.end], outcome.problem);
  } catch (const QueryError&) {
    problem = std::current_exception();
  }
  events.resize(outcome.end);
}

void Replayer::Batch::keep_matching(const query::Question& question) {
  // With the memory of each thread: it is costly to make.
  thread_local query::Matcher matcher;
  std::vector<std::string_view> documents;
  documents.reserve(events.size());
  for (const EventView& event : events) documents.push_back(event.data);
  matcher.begin(question, documents);
  // Where the result of each kept event begins: the bytes may move while they grow.
  std::vector<std::size_t> starts;
  std::size_t kept = 0;
  for (const EventView& event : events) {
    const std::size_t start = results.size();
    query::Matcher::Verdict verdict{};
    try {
      verdict = matcher.next(results);
    } catch (const QueryError& error) {
      if (question.strict)
        throw QueryError(error.kind(), fmt::format("event {}: {}", quote(event.id), error.what()),
                         error.column());
      ++query_errors;
      continue;
    }
    switch (verdict) {
      case query::Matcher::Verdict::kept:
        if (question.query) starts.push_back(start);
        events[kept++] = event;
        break;
      case query::Matcher::Verdict::filtered:
        ++filtered;
        break;
      case query::Matcher::Verdict::not_json:
        if (question.strict) throw_not_json(event, matcher.problem());
        ++not_json;
        break;
    }
  }
  events.resize(kept);
  if (!question.query) return;
  for (std::size_t i = 0; i < kept; ++i) {
    std::size_t end = i + 1 < kept ? starts[i + 1] : results.size();
    events[i].data = BytesView(results).substr(starts[i], end - starts[i]);
  }
}

Replayer::Replayer(std::shared_ptr<const Context> context, const ReplayOptions& options,
                   std::shared_ptr<const query::StreamHead> head)
    : context_(std::move(context)), options_(options) {
  check_range(options.from, options.to);
  const Working working(stop_);
  begin(format::event_range(options.from, options.to), std::move(head));
  Snapshot snapshot = take_snapshot(*context_, options.from, options.to, options.read_ahead_bytes);
  lease_ = std::make_unique<SnapshotLease>(*context_, snapshot.catalog, snapshot.began);
  if (options.follow) follower_ = std::make_unique<Follower>(*context_, snapshot.head);
  begin(std::move(snapshot));
}

Replayer::Replayer(std::shared_ptr<const Context> context, const ReplayOptions& options,
                   format::EventRange range, Snapshot snapshot)
    : context_(std::move(context)), options_(options) {
  const Working working(stop_);
  begin(std::move(range), nullptr);
  begin(std::move(snapshot));
}

void Replayer::begin(format::EventRange range, std::shared_ptr<const query::StreamHead> head) {
  auto filter = std::make_shared<Filter>();
  filter->range = std::move(range);
  filter->head = std::move(head);
  query::Question& question = filter->question;
  question.strict = options_.strict;
  if (!options_.where.empty()) question.where = query::Expression::compile(options_.where);
  if (!options_.query.empty()) question.query = query::Expression::compile(options_.query);
  if (!options_.strict)
    filter->prefilter = filter->head ? filter->head->prefilter()
                                     : query::Prefilter(query::conditions_to_keep(question));
  filter_ = std::move(filter);
}

void Replayer::begin(Snapshot snapshot) {
  progress_.entries_total = snapshot.entries;
  ahead_ = std::move(snapshot.ahead);
  merge_ = std::make_unique<Merge>(*context_, std::move(snapshot.runs), std::move(snapshot.later));
}

Replayer::~Replayer() {
  stop_.request_stop();
  stop();
}

void Replayer::stop() {
  filtering_.wait();
  under_way_.clear();
  under_way_bytes_ = 0;
  merge_.reset();
}

void Replayer::fill() {
  const std::size_t bytes_max = std::max(options_.read_ahead_bytes / 2, std::size_t{1} << 20);
  const std::size_t count_max = 4 * context_->env.compute->width();
  while (merge_ && under_way_.size() < count_max &&
         (under_way_.empty() || under_way_bytes_ < bytes_max)) {
    auto piece = merge_->next();
    if (!piece) {
      merge_.reset();
      return;
    }
    auto batch = std::make_shared<Batch>();
    batch->piece = std::move(*piece);
    batch->memory_bytes = batch->piece.memory_bytes();
    batch->room = ahead_->take(batch->memory_bytes);
    under_way_bytes_ += batch->memory_bytes;
    under_way_.push_back(batch);
    batch->ready = filtering_.start(
        *context_->env.compute, [batch = batch.get(), filter = filter_] { batch->run(*filter); });
  }
}

std::span<const EventView> Replayer::next_batch() {
  const Working working(stop_);
  if (options_.limit && progress_.events >= *options_.limit) {
    follower_.reset();
    stop();
  }
  try {
    for (;;) {
      if (current_ && current_->problem) std::rethrow_exception(current_->problem);
      if (merge_) {
        if (lease_) lease_->keep();
        fill();
      }
      if (under_way_.empty()) {
        current_.reset();
        lease_.reset();
        ended_ = !follower_;
        if (ended_ || !look_for_news()) return {};
        continue;
      }
      auto batch = std::move(under_way_.front());
      under_way_.pop_front();
      under_way_bytes_ -= batch->memory_bytes;
      batch->room = {};
      batch->ready.get();
      progress_.entries_read += batch->entries;
      progress_.filtered += batch->filtered;
      progress_.not_json += batch->not_json;
      progress_.query_errors += batch->query_errors;
      if (!batch->events.empty()) return give(std::move(batch));
      if (batch->problem) std::rethrow_exception(batch->problem);
    }
  } catch (...) {
    follower_.reset();
    stop();
    ended_ = true;
    throw;
  }
}

std::shared_ptr<const void> Replayer::memory() const { return current_; }

const query::StreamHead::Batch& Replayer::streams() const { return current_->streams; }

// Merges what came since the last look; waits when there is nothing.
bool Replayer::look_for_news() {
  auto runs = follower_->news(options_.from, options_.to);
  if (runs.empty()) {
    context_->env.clock->sleep_for(options_.poll);
    return false;
  }
  merge_ = std::make_unique<Merge>(*context_, std::move(runs));
  return true;
}

std::span<const EventView> Replayer::give(std::shared_ptr<Batch> batch) {
  current_ = std::move(batch);
  std::span<const EventView> events = current_->events;
  if (options_.limit) {
    std::uint64_t left = *options_.limit - progress_.events;
    if (events.size() > left) events = events.subspan(0, left);
  }
  progress_.events += events.size();
  for (const EventView& event : events) progress_.data_bytes += event.data.size();
  return events;
}

}  // namespace flashflood::engine
