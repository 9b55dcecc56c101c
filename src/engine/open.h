// Opening a flood: its settings, created if absent, and the context to work with it.
//
// Threads: pure functions, but for the store requests.
#pragma once

#include <memory>

#include "engine/context.h"
#include "flashflood/flood.h"

namespace flashflood::engine {

// Throws InvalidArgument for options out of range.
void check_options(const OpenOptions& options);

// Throws NotAFlood where there is none (and it is not to be created), or where something else lies;
// InvalidArgument for options out of range; UnsupportedFormat for a flood of a newer version.
std::shared_ptr<Context> open_context(std::shared_ptr<ObjectStore> store, const Environment& env,
                                      const OpenOptions& options);

// A context in which a presigned split can be read, and nothing else: without settings.
std::shared_ptr<Context> presigned_context(std::shared_ptr<ObjectStore> store,
                                           const Environment& env);

}  // namespace flashflood::engine
