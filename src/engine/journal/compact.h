// Merging what is sealed: journals that overlap or are small, and runs of the index.
//
// Threads: pure functions, but for the store requests and the threads of the context.
#pragma once

#include <vector>

#include "engine/journal/commit.h"
#include "engine/state/context.h"
#include "flashflood/reports.h"

namespace flashflood::engine {

// Chooses sealed journals that should become one (or a few that do not overlap); empty when all is
// well. `journals`: all of them, in order.
//
// Small ones: at least four neighbours in the order of dates, none of which makes up most of the
// result, so that each byte is rewritten about log4(flood / journal) times. Overlapping ones: more
// than a handful over one date.
std::vector<format::SealedJournal> choose_merge(const std::vector<format::SealedJournal>& journals,
                                                std::size_t journal_bytes);

// How many of the newest runs of the index should become one; 0 when all is well. Keeps each run at
// least three times as long as the next newer one, so that there are few, and each entry is
// rewritten a logarithmic number of times.
std::size_t choose_index_merge(const std::vector<format::IndexRun>& runs);

enum class MergeOutcome { merged, nothing_to_do, conflict };

// Merges just these journals of the surveyed catalog (in order), with one commit.
MergeOutcome merge_journals(const Context& context, const Survey& surveyed,
                            std::vector<format::SealedJournal> journals, std::size_t journal_bytes,
                            JournalReport& report);

// One merge of sealed journals, or of index runs, with one commit.
MergeOutcome merge_sealed(const Context& context, const Survey& surveyed, std::size_t journal_bytes,
                          JournalReport& report);
MergeOutcome merge_index(const Context& context, const Survey& surveyed, JournalReport& report);

}  // namespace flashflood::engine
