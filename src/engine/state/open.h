// Opening a flood: its settings, created if absent, and the context to work with it.
//
// Threads: every function may be called from several threads at once; no state but the context's.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "engine/state/context.h"
#include "flashflood/flood.h"

namespace flashflood::engine {

// Throws InvalidArgument for options out of range.
void check_options(const OpenOptions& options);

// Throws NotAFlood if there is none (and none is to be created), or if something else is there;
// InvalidArgument for options out of range; UnsupportedFormat for a flood of a newer version.
std::shared_ptr<Context> open_context(std::shared_ptr<ObjectStore> store, const Environment& env,
                                      const OpenOptions& options,
                                      std::shared_ptr<Retrier> retrier = nullptr);

// A flood that is opened by the first operation on it, or earlier.
//
// Threads: every function may be called from several threads at once; the first one opens.
class Opening {
 public:
  // Throws InvalidArgument for options out of range, and sends no request. `retrier`: that of the
  // store; by default one is made from the options.
  Opening(std::shared_ptr<ObjectStore> store, const Environment& env, const OpenOptions& options,
          std::shared_ptr<Retrier> retrier = nullptr);

  // Opens the flood if it is not open, with the errors of open_context. After an error the next
  // call tries again.
  std::shared_ptr<const Context> context();

  // The same for one operation that begins by listing the head. If this call opens the flood, the
  // listing comes first: the catalog repeats the settings, which saves a request. The context,
  // which is for this operation alone, passes the head on to it. `id`: the id to look up; none: the
  // whole head.
  std::shared_ptr<const Context> context_to_look(std::optional<std::string_view> id);

  // How often damaged bytes were read again.
  std::uint64_t rereads() const { return *unopened_->rereads; }

 private:
  const OpenOptions options_;
  const std::shared_ptr<const Context> unopened_;  // without settings
  std::mutex mutex_;                               // held while opening; guards what follows
  std::shared_ptr<const Context> opened_;
};

// A context in which a presigned split can be read, and nothing else: without settings.
std::shared_ptr<Context> presigned_context(std::shared_ptr<ObjectStore> store,
                                           const Environment& env);

}  // namespace flashflood::engine
