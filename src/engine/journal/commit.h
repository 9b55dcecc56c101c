// Commits: creating the next catalog, against other journalers who do the same.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/journal/survey.h"
#include "engine/state/catalog_pages.h"
#include "engine/state/context.h"
#include "format/catalog.h"

namespace flashflood::engine {

// What a commit changes, prepared against the catalog `base`.
struct CommitPlan {
  std::shared_ptr<const format::Catalog> base;
  bool tells_boot = false;  // the store's objects are dated within one boot of a machine: a folder
  JournalsEdit journals;
  format::IndexRun new_run;                // goes on top of the index
  std::vector<IdHash> new_run_ids;         // the ids in it, in order
  std::vector<format::IndexRun> replaced;  // neighbouring runs of the base...
  format::IndexRun replacement;            // ...and what takes their place
  std::vector<std::string> retired;        // keys of pending journals
  bool retires_singles = false;
  std::uint64_t fence = 0;  // wanted; never falls
  std::uint64_t swept = 0;
  std::vector<std::string> lingering;  // retired names below head/ that the base's listing showed
  std::vector<std::string> gone_outputs;  // other retired names that are known to be gone; in order

  // The plan that only moves the watermarks of what was surveyed.
  explicit CommitPlan(const Survey& surveyed);
  bool changes_anything() const;
};

enum class CommitOutcome {
  committed,
  conflict,  // somebody else's commit took something this one needs: begin anew
};

// Creates the next catalog. When another journaler was faster, rebases onto its catalog unless that
// breaks a rule (protocol, rule 9). What was written for a commit that fails stays for the
// collector. Throws OutcomeUnknown when the store does not say whether the catalog was created.
CommitOutcome commit(const Context& context, const CommitPlan& plan);

}  // namespace flashflood::engine
