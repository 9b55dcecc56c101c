#include "engine/split/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/journal/journaling.h"
#include "engine/read/snapshot.h"
#include "engine/split/presign_preparation.h"
#include "engine/split/split_cuts.h"
#include "engine/split/split_lease.h"
#include "engine/split/split_reader.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/cut_blocks.h"
#include "flashflood/error.h"
#include "query/expression.h"

namespace flashflood::engine {

using format::Entry;
using format::EntryView;
using format::EventPosition;
using format::EventRange;
using format::SealedJournal;
using format::Split;
using format::SplitJournal;

namespace {

constexpr std::uint64_t count_max = 100'000;
// Pending single operations travel in the splits. More than these are sealed first.
constexpr std::size_t singles_max = 10'000;
constexpr std::uint64_t singles_bytes_max = std::uint64_t{4} << 20;
// A journal that is smaller than this part of a split is not opened for cutting.
constexpr std::uint64_t small_part = 16;

// A snapshot, as the splits will name it.
struct Pinned {
  std::chrono::nanoseconds began{};
  std::uint64_t catalog = 0;
  std::uint64_t fence = 0;
  std::vector<SealedJournal> journals;
  std::vector<OpenBulk> bulks;
  std::vector<Entry> singles;  // in order of (date, id), one at each
  std::unique_ptr<SnapshotLease> lease;
};

void check(const SplitOptions& options) {
  check_range(options.from, options.to);
  if (options.count < 1 || options.count > count_max)
    throw InvalidArgument("the number of splits takes 1 to 100000");
  check_valid_for(options.presign ? *options.presign : options.valid_for);
  if (!options.where.empty()) query::Expression::compile(options.where);
  if (!options.query.empty()) query::Expression::compile(options.query);
}

bool has_many_singles(const Head& head) {
  std::uint64_t bytes = 0;
  for (const PendingSingle& single : head.singles) bytes += single.size;
  return head.singles.size() > singles_max || bytes > singles_bytes_max;
}

// The winners at their (date, id), in order.
std::vector<Entry> winners_of(std::vector<SingleEntry>&& read, const SplitOptions& options) {
  std::vector<const Entry*> inside;
  for (const SingleEntry& single : read)
    if (format::in_range(single.entry.date, options.from, options.to))
      inside.push_back(&single.entry);
  std::vector<Entry> winners;
  for (const EntryView& entry : winners_by_date(inside)) winners.emplace_back(entry);
  return winners;
}

bool try_pin(const Context& context, const SplitOptions& options, Pinned& pinned) {
  Head head = load_head(context);
  if (has_many_singles(head)) {
    JournalReport report;
    // When others are faster, they seal what was pending.
    static_cast<void>(seal_everything(context, SealLimits{}, report));
    head = load_head(context);
  }
  pinned.began = head.began;
  pinned.catalog = head.catalog->number;
  pinned.fence = head.catalog->fence;
  pinned.journals = journals_between(context, *head.catalog, options.from, options.to);
  auto singles = read_singles(context, head, head.singles, [](const PendingSingle&) {});
  auto bulks = open_bulks(context, pinned.fence, head.bulks, 0);
  if (!singles || !bulks) return false;
  pinned.singles = winners_of(std::move(*singles), options);
  pinned.bulks = std::move(*bulks);
  return elapsed_since(context, head.began) <= context.patience() / 2;
}

Pinned pin(const Context& context, const SplitOptions& options) {
  Pinned pinned;
  if (options.presign) {
    PresignPreparation prepared = prepare_presigning(context, options.from, options.to);
    pinned.began = prepared.head.began;
    pinned.catalog = prepared.head.catalog->number;
    pinned.fence = prepared.head.catalog->fence;
    pinned.journals = std::move(prepared.journals);
    pinned.lease = std::move(prepared.lease);
    return pinned;
  }
  retry_until_consistent(context, [&] {
    pinned = {};
    return try_pin(context, options, pinned);
  });
  pinned.lease = std::make_unique<SnapshotLease>(context, pinned.catalog, pinned.began);
  return pinned;
}

// One object, or what is pending in memory, on its way into the splits.
struct Source {
  std::optional<SplitJournal> journal;  // nothing: the pending single operations
  TailPtr tail;                         // nothing: not opened
  std::uint64_t first_block = 0;        // of the tail, in the range
};

class Cutter {
 public:
  Cutter(const Context& context, const SplitOptions& options, Pinned& pinned)
      : context_(context),
        options_(options),
        pinned_(pinned),
        whole_(format::event_range(options.from, options.to)) {
    for (const OpenBulk& bulk : pinned.bulks) {
      SplitJournal journal;
      journal.key = bulk.pending.key;
      journal.object_bytes = bulk.pending.size;
      journal.entries = bulk.tail->entries();
      journal.arrival = bulk.pending.arrival;
      // The blocks of what may vanish are not asked for ids.
      add_opened(std::move(journal), bulk.tail, !bulk.may_be_missing);
    }
    add_sealed();
    add_singles();
  }

  std::vector<Split> run() {
    auto cuts = choose_cuts(parts_, options_.count,
                            [&](std::span<const PartRef> parts) { return read_last_ids(parts); });
    std::vector<Split> splits;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
      EventRange range = whole_;
      if (i > 0) range.after = cuts[i - 1];
      if (i < cuts.size()) range.upto = cuts[i];
      Split split = make_split(std::move(range));
      if (!split.journals.empty() || !split.pending.empty()) splits.push_back(std::move(split));
    }
    return splits;
  }

 private:
  // No cut lies behind the end of the range.
  CutSource::Part part_of(Timestamp first, Timestamp last, std::uint64_t bytes) const {
    const bool goes_on = options_.to && last > *options_.to;
    return {first, goes_on ? *options_.to : last, bytes, goes_on};
  }

  void add_opened(SplitJournal journal, TailPtr tail, bool has_ids) {
    const auto blocks = blocks_in(*tail, whole_);
    CutSource parts;
    parts.has_ids = has_ids;
    for (std::uint64_t i = blocks.first; i < blocks.end; ++i) {
      const auto& block = tail->blocks()[i];
      parts.parts.push_back(part_of(block.first, block.last, block.stored_bytes));
    }
    sources_.push_back({std::move(journal), std::move(tail), blocks.first});
    parts_.push_back(std::move(parts));
  }

  void add_sealed() {
    std::uint64_t bytes = 0;
    for (const SealedJournal& journal : pinned_.journals) bytes += journal.object_bytes;
    for (const OpenBulk& bulk : pinned_.bulks) bytes += bulk.pending.size;
    auto matters = [&](const SealedJournal& journal) {
      const bool reaches_out = !format::in_range(journal.from, options_.from, options_.to) ||
                               !format::in_range(journal.to, options_.from, options_.to);
      return options_.count > 1 &&
             (reaches_out || journal.object_bytes > bytes / options_.count / small_part);
    };
    std::vector<TailPtr> tails(pinned_.journals.size());
    parallel_for(*context_.env.io, tails.size(), context_.env.io->width(), [&](std::size_t i) {
      if (matters(pinned_.journals[i]))
        tails[i] = load_sealed_tail(context_, pinned_.catalog, pinned_.journals[i]);
    });
    for (std::size_t i = 0; i < tails.size(); ++i) {
      const SealedJournal& sealed = pinned_.journals[i];
      SplitJournal journal;
      journal.key = sealed.key();
      journal.object_bytes = sealed.object_bytes;
      journal.entries = sealed.entries;
      if (tails[i]) {
        add_opened(std::move(journal), tails[i], true);
      } else {
        sources_.push_back({std::move(journal), nullptr, 0});
        parts_.push_back({{part_of(sealed.from, sealed.to, sealed.object_bytes)}});
      }
    }
  }

  void add_singles() {
    CutSource parts;
    parts.has_ids = true;
    for (const Entry& entry : pinned_.singles)
      parts.parts.push_back({entry.date, entry.date, entry.id.size() + entry.data.size(), false});
    sources_.push_back({});
    parts_.push_back(std::move(parts));
  }

  std::vector<std::string> read_last_ids(std::span<const PartRef> parts) {
    std::vector<std::string> ids(parts.size());
    parallel_for(*context_.env.io, parts.size(), context_.env.io->width(), [&](std::size_t i) {
      const Source& source = sources_[parts[i].source];
      if (!source.journal) {
        ids[i] = pinned_.singles[parts[i].part].id;
        return;
      }
      const std::size_t block = source.first_block + parts[i].part;
      const std::string& key = source.journal->key;
      auto rows = read_intact(context_, [&] {
        return format::decode_block(
            fetch_named(context_, pinned_.catalog, key, blocks_range(*source.tail, block, block)),
            source.tail->blocks()[block], key);
      });
      ids[i] = rows->id(rows->size() - 1);
    });
    pinned_.lease->keep();
    return ids;
  }

  Split make_split(EventRange range) {
    Split split;
    split.flood_id = context_.settings.flood_id;
    split.store = context_.store->describe();
    split.catalog = pinned_.catalog;
    split.fence = pinned_.fence;
    split.where = options_.where;
    split.query = options_.query;
    split.strict = options_.strict;
    split.range = std::move(range);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const auto parts = parts_in(parts_[i], split.range);
      if (parts.first == parts.end) continue;
      if (sources_[i].journal) {
        add_journal(sources_[i], parts, split);
      } else {
        add_pending(parts, split);
      }
    }
    return split;
  }

  static void add_journal(const Source& source, const format::BlockRange& range, Split& split) {
    SplitJournal journal = *source.journal;
    if (source.tail) {
      const auto& blocks = source.tail->blocks();
      const format::BlockRange needed{source.first_block + range.first,
                                      source.first_block + range.end};
      for (std::uint64_t i = needed.first; i < needed.end; ++i) {
        split.entries += blocks[i].count;
        split.stored_bytes += blocks[i].stored_bytes;
      }
      if (needed != blocks_in(*source.tail, split.range)) journal.blocks = needed;
    } else {
      split.entries += journal.entries;
      split.stored_bytes += journal.object_bytes;
    }
    split.journals.push_back(std::move(journal));
  }

  void add_pending(const format::BlockRange& range, Split& split) {
    std::vector<EntryView> entries;
    for (std::uint64_t i = range.first; i < range.end; ++i) {
      const Entry& entry = pinned_.singles[i];
      if (split.range.contains(entry.date, entry.id)) entries.push_back(entry.view());
    }
    split.entries += entries.size();
    for_each_block(context_, entries, [&](std::span<const EntryView> rows) {
      split.pending.push_back(format::encode_block(rows, {format::Codec::zstd, 1}).stored);
      split.stored_bytes += split.pending.back().size();
    });
  }

  const Context& context_;
  const SplitOptions& options_;
  Pinned& pinned_;
  EventRange whole_;
  std::vector<Source> sources_;  // pending, sealed, in memory: journals in order of key
  std::vector<CutSource> parts_;
};

}  // namespace

std::vector<std::string> make_splits(const Context& context, const SplitOptions& options) {
  check(options);
  if (options.presign) check_presigning(context, *options.presign);
  if (options.from && options.from == options.to) return {};  // the range holds nothing
  Pinned pinned = pin(context, options);
  std::vector<Split> splits = Cutter(context, options, pinned).run();
  if (splits.empty()) return {};
  NewLeases leases(context);
  const auto held = hold(context, pinned.catalog, pinned.began, *pinned.lease, options, leases);
  Presigner presigner(context);
  std::vector<std::string> documents;
  for (Split& split : splits) {
    split.number = documents.size() + 1;
    split.count = splits.size();
    held.describe(split);
    if (options.presign) presigner.sign(split, *options.presign);
    documents.push_back(format::encode_split(split));
  }
  leases.hand_out();
  return documents;
}

std::vector<std::string> refresh_splits(const Context& context, std::span<const std::string> splits,
                                        std::optional<std::chrono::seconds> valid_for) {
  if (valid_for) check_valid_for(*valid_for);
  // Splits that were made together share a lease, and do so again.
  std::map<std::pair<std::string, std::chrono::seconds>, Hold> renewed;
  NewLeases leases(context);
  Presigner presigner(context);
  std::vector<std::string> documents;
  for (const std::string& json : splits) {
    Split split = format::decode_split(json);
    check_flood(context, split);
    const auto was_valid_for = std::chrono::ceil<std::chrono::seconds>(split.expires - split.made);
    const auto duration = valid_for.value_or(std::max(was_valid_for, std::chrono::seconds{1}));
    const std::pair group{split.lease, duration};
    auto held = renewed.find(group);
    if (held == renewed.end())
      held = renewed.emplace(group, renew(context, split, duration, leases)).first;
    held->second.describe(split);
    if (split.is_presigned()) presigner.sign(split, duration);
    documents.push_back(format::encode_split(split));
  }
  leases.hand_out();
  return documents;
}

}  // namespace flashflood::engine
