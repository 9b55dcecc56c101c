// What every command needs: the global options, and the flood that they name.
//
// Threads: one thread at a time (the flood itself: see flood.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "flashflood/flood.h"

namespace flashflood::cli {

struct GlobalOptions {
  std::string store;  // from --store or FLASHFLOOD_STORE; empty when neither is given
  bool explain = false;
  bool quiet = false;
  bool no_progress = false;
  std::optional<std::chrono::milliseconds> retry_for{};
};

// Settings of a flood that may have to be created.
struct CreateArguments {
  std::optional<std::string> grace;
  std::optional<std::string> patience;
  std::optional<std::string> compression;
};

class Session {
 public:
  explicit Session(GlobalOptions options) : options_(std::move(options)) {}

  // Throws UsageError when no store was named.
  const std::string& store() const;

  // Empty when none was named.
  const std::string& store_if_named() const { return options_.store; }

  // The flood, which must exist.
  Flood& open();
  // The flood, created when there is none.
  Flood& open_or_create(const CreateArguments& arguments);
  // The flood; nothing where there is none: open_or_create creates one then, or refuses.
  Flood* open_if_any(const CreateArguments& arguments);

  // A remark on standard error, unless --quiet.
  void remark(const std::string& text) const;
  bool shows_progress() const;
  bool explains() const { return options_.explain; }
  std::optional<std::chrono::milliseconds> retry_for() const { return options_.retry_for; }

  // Adds requests that were not made through the flood.
  void count(const RequestReport& report);
  // What was added so far.
  RequestReport counted() const { return counted_.value_or(RequestReport{}); }
  // The same for requests to a store that is only read from, which are told apart.
  void count_source(const std::string& url, const RequestReport& report);

  // With --explain: says what was asked of the store, and what that costs in a bucket.
  void explain() const;

 private:
  GlobalOptions options_;
  std::optional<Flood> flood_{};
  std::optional<RequestReport> counted_{};
  std::string source_url_{};
  std::optional<RequestReport> source_{};
};

}  // namespace flashflood::cli
