#include "engine/split/split_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/read/journal_access.h"
#include "engine/read/run.h"
#include "flashflood/error.h"
#include "store/http/presigned_store.h"

namespace flashflood::engine {

using format::BlockRange;
using format::EventRange;
using format::SealedJournal;
using format::Split;
using format::SplitJournal;

namespace {

BlockRange blocks_of(const SplitJournal& journal, const Split& split,
                     const format::JournalTail& tail) {
  if (tail.entries() != journal.entries)
    throw CorruptData(fmt::format("{}: holds {} entries, and the split says {}", journal.key,
                                  tail.entries(), journal.entries));
  const BlockRange by_date = blocks_in(tail, split.range);
  if (!journal.blocks) return by_date;
  if (journal.blocks->end > tail.blocks().size())
    throw CorruptData(fmt::format("{}: has {} blocks, and the split names block {}", journal.key,
                                  tail.blocks().size(), journal.blocks->end - 1));
  const std::uint64_t first = std::max(journal.blocks->first, by_date.first);
  return {first, std::max(first, std::min(journal.blocks->end, by_date.end))};
}

PendingBulk pending_of(const SplitJournal& journal) {
  PendingBulk bulk;
  bulk.key = journal.key;
  bulk.name = *format::parse_bulk_key(journal.key);
  bulk.size = journal.object_bytes;
  bulk.arrival = journal.arrival;
  return bulk;
}

SealedJournal sealed_of(const SplitJournal& journal) {
  auto key = *format::parse_sealed_key(journal.key);
  SealedJournal sealed;
  sealed.from = key.from;
  sealed.to = key.to;
  sealed.name = key.name;
  sealed.entries = journal.entries;
  sealed.object_bytes = journal.object_bytes;
  return sealed;
}

std::vector<OpenBulk> open_pending(const Context& context, const Split& split,
                                   const std::vector<PendingBulk>& bulks) {
  auto opened = open_bulks(context, split.fence, bulks, whole_bytes_max);
  if (opened && opened->size() == bulks.size()) return std::move(*opened);
  check_not_expired(context, split.catalog, bulks.front().key);
  if (opened) return std::move(*opened);
  throw CorruptData(context.store->describe() +
                    ": a pending journal that the split names is missing");
}

}  // namespace

void check_flood(const Context& context, const Split& split) {
  if (context.settings.flood_id != split.flood_id)
    throw InvalidArgument(fmt::format("the split is of another flood ({}) than {}", split.store,
                                      context.store->describe()));
}

Split narrowed(Split split, const ReadSplitOptions& options) {
  check_range(options.from, options.to);
  if (!options.from && !options.to) return split;
  const EventRange wanted = format::event_range(options.from, options.to);
  EventRange& range = split.range;
  if (wanted.after && (!range.after || *range.after < *wanted.after)) range.after = wanted.after;
  if (wanted.upto && (!range.upto || *wanted.upto < *range.upto)) range.upto = wanted.upto;
  const bool nothing = range.after && range.upto && !(*range.after < *range.upto);
  if (nothing) split.pending.clear();
  std::erase_if(split.journals, [&](const SplitJournal& journal) {
    if (nothing || journal.arrival != 0) return nothing;  // the dates of pending ones are not known
    const SealedJournal sealed = sealed_of(journal);
    return !range.overlaps(sealed.from, sealed.to);
  });
  return split;
}

std::shared_ptr<ObjectStore> presigned_store(const Split& split, std::shared_ptr<HttpClient> client,
                                             const Environment& environment) {
  std::vector<PresignedObject> objects;
  for (const SplitJournal& journal : split.journals)
    objects.push_back({journal.key, journal.url, journal.object_bytes});
  return make_presigned_store(std::move(client), environment.clock, std::move(objects),
                              split.expires);
}

ReplayOptions replay_options_of(const Split& split, const ReadSplitOptions& options) {
  ReplayOptions replay;
  replay.where = split.where;
  replay.query = split.query;
  replay.strict = split.strict;
  replay.limit = options.limit;
  replay.read_ahead_bytes = options.read_ahead_bytes;
  return replay;
}

Snapshot open_split(const Context& context, Split document, std::size_t read_ahead_bytes) {
  auto split = std::make_shared<const Split>(std::move(document));
  std::vector<PendingBulk> bulks;
  std::vector<SealedJournal> sealed;
  auto by_key = std::make_shared<std::map<std::string, const SplitJournal*>>();
  for (const SplitJournal& journal : split->journals) {
    by_key->emplace(journal.key, &journal);
    if (journal.arrival != 0) {
      bulks.push_back(pending_of(journal));
    } else {
      sealed.push_back(sealed_of(journal));
    }
  }
  Snapshot snapshot;
  snapshot.ahead = std::make_shared<ReadAhead>(read_ahead_bytes);
  snapshot.began = context.steady_now();
  snapshot.catalog = split->catalog;
  snapshot.entries = split->entries;
  const JournalRun::Reading reading{window_bytes_for(context, sealed, bulks.size()),
                                    snapshot.ahead};
  if (!split->pending.empty())
    snapshot.runs.push_back(
        std::make_unique<MemoryRun>(split->pending, "the split's pending events"));
  if (!bulks.empty()) {
    for (OpenBulk& bulk : open_pending(context, *split, bulks)) {
      const BlockRange blocks = blocks_of(*by_key->at(bulk.pending.key), *split, *bulk.tail);
      auto run = std::make_unique<JournalRun>(
          context,
          JournalRun::Source{bulk.pending.key, split->catalog, bulk.tail, bulk.may_be_missing,
                             bulk.whole},
          blocks, reading);
      run->arrival = bulk.pending.arrival;
      snapshot.runs.push_back(std::move(run));
    }
  }
  auto open = [&context, split, by_key, reading](const SealedJournal& journal) {
    const std::string key = journal.key();
    auto tail = load_sealed_tail(context, split->catalog, journal);
    const BlockRange blocks = blocks_of(*by_key->at(key), *split, *tail);
    auto run = std::make_unique<JournalRun>(context, JournalRun::Source{key, split->catalog, tail},
                                            blocks, reading);
    run->sealed = true;
    return run;
  };
  snapshot.later = std::make_unique<RunQueue>(context, std::move(sealed), open, snapshot.ahead);
  return snapshot;
}

}  // namespace flashflood::engine
