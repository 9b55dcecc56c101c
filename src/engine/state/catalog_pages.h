// The journals of a catalog, which stand in its root while they are few and in pages when they are
// many; and the edit that a commit makes to them.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/state/context.h"
#include "format/catalog.h"

namespace flashflood::engine {

// Journals that stand in the root at the most, and in one page at the most.
inline constexpr std::size_t root_journals_max = 256;
inline constexpr std::size_t page_journals_max = 1024;

// The sealed journals that hold entries with from < date <= to, in order, without their posts:
// there may be very many. Reads only the pages that cover the range.
std::vector<format::SealedJournal> journals_between(const Context& context,
                                                    const format::Catalog& catalog,
                                                    std::optional<Timestamp> from,
                                                    std::optional<Timestamp> to);

// The journals that hold entries of exactly this date, with their posts.
std::vector<format::SealedJournal> journals_at(const Context& context,
                                               const format::Catalog& catalog, Timestamp date);

struct JournalsEdit {
  std::vector<format::SealedJournal> removed;
  std::vector<format::SealedJournal> added;
};

struct EditedJournals {
  std::vector<format::SealedJournal> journals;
  std::vector<format::PageRef> pages;
  // Pages to write before the catalog that names them, and the keys of pages it no longer names.
  std::vector<std::pair<std::string, Bytes>> new_pages;
  std::vector<std::string> retired_pages;
};

// Applies the edit, rewriting only the pages that it touches; nothing when a journal to be removed
// is not there (somebody else has merged it). `epoch` goes into the names of new pages.
std::optional<EditedJournals> edit_journals(const Context& context, const format::Catalog& catalog,
                                            const JournalsEdit& edit, std::uint64_t epoch);

}  // namespace flashflood::engine
