// Taking over a bucket of the original FlashFlood.
//
// First everything is listed and planned (import_plan.h); then the flood is opened, and the data is
// read, and recorded in bulk. Now and then, when the recorder is flushed, marks below imports/ say
// which journals are done. They only save work: an import that finds none records everything again,
// which changes nothing.
//
// Threads: one call for each thread.
#pragma once

#include <functional>
#include <memory>

#include "engine/state/context.h"
#include "flashflood/reports.h"
#include "store/object_store.h"

namespace flashflood::engine {

// Opens the flood that is recorded into.
using OpenTarget = std::function<std::shared_ptr<const Context>()>;

// See flashflood::import_original. `source` repeats requests itself; source_requests is the
// caller's.
ImportReport import_original(const Environment& env, std::shared_ptr<ObjectStore> source,
                             const OpenTarget& into, const ImportOptions& options);

}  // namespace flashflood::engine
