// Opening a flood: its settings, created if absent, and the context to work with it.
//
// Threads: pure functions, but for the store requests.
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

// Throws NotAFlood where there is none (and it is not to be created), or where something else lies;
// InvalidArgument for options out of range; UnsupportedFormat for a flood of a newer version.
std::shared_ptr<Context> open_context(std::shared_ptr<ObjectStore> store, const Environment& env,
                                      const OpenOptions& options,
                                      std::shared_ptr<Retrier> retrier = nullptr);

// A flood that is opened with the first operation on it, or before.
//
// Threads: every function may be called from several at once; the first one opens.
class Opening {
 public:
  // Throws InvalidArgument for options out of range, and asks nothing of the store. `retrier`: that
  // of the store; without it one is made as the options say.
  Opening(std::shared_ptr<ObjectStore> store, const Environment& env, const OpenOptions& options,
          std::shared_ptr<Retrier> retrier = nullptr);

  // Opens the flood if need be, with the errors of open_context. After an error the next call tries
  // again.
  std::shared_ptr<const Context> context();

  // The same for one operation that begins with a look at the head. Where it opens the flood, that
  // look comes first: the catalog repeats the settings, which saves a request. The head is handed
  // to the operation with the context, which is for this operation alone.
  // `id`: what is looked up; nothing: all.
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
