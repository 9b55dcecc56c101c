#include "engine/upkeep/verifier.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/read/snapshot.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/head.h"
#include "engine/state/id_index.h"
#include "engine/state/lease.h"
#include "engine/state/rank.h"
#include "flashflood/error.h"

namespace flashflood::engine {

using format::Block;
using format::BlockInfo;
using format::EntryKind;
using format::EntryView;
using format::IndexEntry;
using format::SealedJournal;

namespace {

constexpr std::size_t ids_at_once = 1 << 19;
constexpr std::size_t window_bytes = std::size_t{8} << 20;

// The first problem past the bound ends the search.
struct Enough {};

class Verifier {
 public:
  Verifier(const Context& context, const VerifyOptions& options)
      : context_(context), options_(options) {}

  VerifyReport run() {
    Head head;
    try {
      head = load_head(context_);
    } catch (const CorruptData& error) {
      return without_catalog(error);
    } catch (const UnsupportedFormat& error) {
      return without_catalog(error);
    }
    catalog_ = head.catalog;
    lease_.emplace(context_, catalog_->number, head.began);
    try {
      check_pending(head);
      check_journals();
      check_index();
    } catch (const Enough&) {
    }
    return std::move(report_);
  }

 private:
  void problem(std::string key, std::string what) {
    report_.problems.push_back({std::move(key), std::move(what)});
    if (report_.problems.size() >= options_.problems_max) throw Enough{};
  }

  // Runs a check; damage that it finds by an exception is a problem of `key`.
  template <typename Check>
  void checked(const std::string& key, const Check& check) {
    lease_->keep();
    try {
      check();
    } catch (const CorruptData& error) {
      problem(key, error.what());
    } catch (const UnsupportedFormat& error) {
      problem(key, error.what());
    }
    if (options_.progress) options_.progress({report_.entries, total_entries_, report_.bytes});
  }

  // Nothing can be said about a flood whose newest catalog cannot be read. The error names it.
  VerifyReport without_catalog(const Error& error) {
    report_.problems.push_back({std::string(format::head_prefix), error.what()});
    return std::move(report_);
  }

  void count_object(std::uint64_t bytes) {
    ++report_.objects;
    report_.bytes += bytes;
  }

  // Pending journals. One that is gone was journaled and collected meanwhile; what it held is in a
  // later catalog than the one that is verified.
  void check_pending(const Head& head) {
    for (const PendingSingle& single : head.singles) {
      checked(single.key, [&] {
        auto journal = read_intact(context_, [&]() -> std::optional<format::SingleJournal> {
          auto bytes = fetch(context_, single.key);
          if (!bytes) return std::nullopt;
          return format::decode_single(*bytes, single.key);
        });
        if (!journal) return;
        count_object(single.size);
        ++report_.entries;
        if (IdHash::of(journal->entry.id) != single.name.id ||
            journal->entry.order != single.name.revision)
          problem(single.key, "holds an entry that belongs under another name");
      });
    }
    for (const PendingBulk& bulk : head.bulks) {
      checked(bulk.key, [&] {
        TailPtr tail = load_pending_tail(context_, bulk);
        if (!tail) return;
        check_blocks(bulk.key, *tail, [&](const EntryView& entry, std::uint64_t row) {
          auto rows = tail->rows_of(entry.id);
          if (std::find(rows.begin(), rows.end(), row) == rows.end())
            problem(bulk.key, fmt::format("its id table lacks {}", quote(entry.id)));
        });
        count_object(bulk.size);
      });
    }
  }

  // Reads all blocks of a journal, checks their order, and calls `entry` for each entry.
  void check_blocks(const std::string& key, const format::JournalTail& tail,
                    const std::function<void(const EntryView&, std::uint64_t row)>& entry) {
    read_intact(context_, [&] {
      format::check_journal_header(fetch_named(context_, catalog_->number, key,
                                               ByteRange::at(0, format::journal_header_bytes)),
                                   key);
    });
    std::uint64_t row = 0;
    std::pair<Timestamp, std::string> last;
    for (std::size_t first = 0; first < tail.blocks().size();) {
      std::size_t end = first + 1;
      while (end < tail.blocks().size() && blocks_range(tail, first, end).length <= window_bytes)
        ++end;
      for (const BlockPtr& block : read_blocks(key, tail, first, end)) {
        for (std::size_t position = 0; position < block->size(); ++position, ++row) {
          EntryView view = block->entry(position);
          std::pair<Timestamp, std::string_view> place(view.date, view.id);
          if (row > 0 && place <= std::pair<Timestamp, std::string_view>(last.first, last.second))
            problem(key, fmt::format("entry {} is out of order", row));
          last = {view.date, std::string(view.id)};
          entry(view, row);
        }
        report_.entries += block->size();
      }
      first = end;
    }
  }

  std::vector<BlockPtr> read_blocks(const std::string& key, const format::JournalTail& tail,
                                    std::size_t first, std::size_t end) {
    return read_intact(context_, [&] {
      const Bytes bytes =
          fetch_named(context_, catalog_->number, key, blocks_range(tail, first, end - 1));
      std::vector<BlockPtr> blocks;
      for (std::size_t i = first; i < end; ++i)
        blocks.push_back(
            format::decode_block(stored_block(bytes, tail, first, i), tail.blocks()[i], key));
      return blocks;
    });
  }

  void check_journals() {
    auto journals = catalog_->journals;
    for (const auto& page : catalog_->pages) {
      const std::string key = format::output_key(format::pages_prefix, page.name);
      checked(key, [&] {
        format::Catalog one;
        one.number = catalog_->number;
        one.pages = {page};
        auto some = journals_between(context_, one, std::nullopt, std::nullopt);
        journals.insert(journals.end(), some.begin(), some.end());
        count_object(0);
      });
    }
    for (const SealedJournal& journal : journals) total_entries_ += journal.entries;
    for (const SealedJournal& journal : journals) {
      checked(journal.key(), [&] { check_journal(journal); });
    }
    compare_with_index();
  }

  void check_journal(const SealedJournal& journal) {
    const std::string key = journal.key();
    TailPtr tail = load_sealed_tail(context_, catalog_->number, journal);
    if (tail->blocks().front().first != journal.from || tail->blocks().back().last != journal.to)
      problem(key, "its dates differ from its name");
    std::uint64_t dead = 0, raw = 0;
    check_blocks(key, *tail, [&](const EntryView& entry, std::uint64_t) {
      dead += entry.live() ? 0 : 1;
      raw += entry.id.size() + entry.data.size();
      if (entry.kind == EntryKind::hidden) return;
      sealed_.push_back(
          {IdHash::of(entry.id), entry.date, entry.kind, entry.entry_class, entry.order});
      if (sealed_.size() == ids_at_once) compare_with_index();
    });
    if (dead != journal.dead_entries || raw != journal.raw_bytes)
      problem(key, "its counts differ from what the catalog says");
    count_object(journal.object_bytes);
  }

  // Every sealed entry is the one that the index names, or loses against it.
  void compare_with_index() {
    std::sort(sealed_.begin(), sealed_.end(),
              [](const IndexEntry& a, const IndexEntry& b) { return a.id < b.id; });
    std::vector<IdHash> ids;
    for (const IndexEntry& entry : sealed_)
      if (ids.empty() || ids.back() != entry.id) ids.push_back(entry.id);
    std::vector<std::optional<IndexEntry>> known(ids.size());
    checked("index/", [&] {
      find_many_in_index(context_, IndexView(*catalog_), ids,
                         [&](std::size_t i, const IndexEntry& entry) { known[i] = entry; });
      std::vector<bool> named(ids.size());
      std::size_t i = 0;
      for (const IndexEntry& entry : sealed_) {
        while (ids[i] != entry.id) ++i;
        if (!known[i]) {
          problem("index/", fmt::format("lacks the id with hash {}", entry.id.hex()));
        } else if (*known[i] == entry) {
          // Two bulk entries that arrived at one instant look the same to the index.
          if (!named[i]) ++named_entries_;
          named[i] = true;
        } else if (compare_ranks({entry.kind, entry.entry_class, entry.order},
                                 {known[i]->kind, known[i]->entry_class, known[i]->order}) > 0) {
          problem("index/", fmt::format("names a loser for the id with hash {}", entry.id.hex()));
        }
      }
    });
    sealed_.clear();
  }

  // Every index entry names a sealed entry: there are no more than sealed entries that it names.
  void check_index() {
    std::uint64_t entries = 0;
    checked("index/", [&] {
      scan_index(context_, IndexView(*catalog_), [&](const IndexEntry& entry) {
        ++entries;
        report_.live_events += entry.live() ? 1 : 0;
      });
      for (const auto& run : catalog_->index)
        for (const auto& part : run.parts) check_part_header(part);
      if (entries > named_entries_ && report_.problems.empty())
        problem("index/", fmt::format("has {} entries, of which the journals hold {}", entries,
                                      named_entries_));
    });
  }

  void check_part_header(const format::IndexPart& part) {
    std::string key = format::output_key(format::index_prefix, part.name);
    read_intact(context_, [&] {
      format::check_index_header(fetch_named(context_, catalog_->number, key,
                                             ByteRange::at(0, format::index_header_bytes)),
                                 key);
    });
    count_object(part.object_bytes);
  }

  const Context& context_;
  const VerifyOptions& options_;
  std::shared_ptr<const format::Catalog> catalog_;
  std::optional<SnapshotLease> lease_;
  VerifyReport report_;
  std::uint64_t total_entries_ = 0;
  std::uint64_t named_entries_ = 0;
  std::vector<IndexEntry> sealed_;  // read and not yet compared
};

}  // namespace

VerifyReport verify(const Context& context, const VerifyOptions& options) {
  return Verifier(context, options).run();
}

}  // namespace flashflood::engine
