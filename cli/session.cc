#include "session.h"

#include <cstdlib>
#include <string_view>

#include "failure.h"
#include "output.h"
#include "price.h"
#include "requests.h"
#include "values.h"

namespace flashflood::cli {

namespace {

OpenOptions options_of(const CreateArguments& arguments, const GlobalOptions& global) {
  OpenOptions options;
  options.retry_for = global.retry_for;
  if (arguments.grace) options.grace = parse_seconds("--grace", *arguments.grace);
  if (arguments.patience) options.patience = parse_seconds("--patience", *arguments.patience);
  if (arguments.compression) options.compression = *arguments.compression;
  return options;
}

}  // namespace

const std::string& Session::store() const {
  if (options_.store.empty()) {
    throw UsageError(
        "no store is named: give --store URL (a folder, such as --store events, or file:///path), "
        "or set FLASHFLOOD_STORE");
  }
  return options_.store;
}

Flood& Session::open() {
  OpenOptions options = options_of({}, options_);
  options.create = false;
  options.lazy = true;
  return flood_.emplace(Flood::open(store(), options));
}

Flood& Session::open_or_create(const CreateArguments& arguments) {
  OpenOptions options = options_of(arguments, options_);
  options.lazy = true;
  return flood_.emplace(Flood::open(store(), options));
}

Flood* Session::open_if_any(const CreateArguments& arguments) {
  OpenOptions options = options_of(arguments, options_);
  options.create = false;
  try {
    return &flood_.emplace(Flood::open(store(), options));
  } catch (const NotAFlood&) {
    return nullptr;
  }
}

void Session::remark(const std::string& text) const {
  if (!options_.quiet) print_message(text);
}

bool Session::shows_progress() const {
  if (options_.quiet || options_.no_progress || !stderr_is_terminal()) return false;
  const char* const terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) != "dumb";
}

void Session::count(const RequestReport& report) {
  if (!counted_) counted_.emplace();
  add_requests(*counted_, report);
}

void Session::count_source(const std::string& url, const RequestReport& report) {
  source_url_ = url;
  source_ = report;
}

void Session::explain() const {
  if (!options_.explain) return;
  if (source_)
    print_message("source requests: " + describe_requests(*source_, has_price(source_url_)));
  if (!flood_ && !counted_) return;
  const RequestReport report = counted_ ? *counted_ : flood_->requests();
  print_message("store requests: " + describe_requests(report, has_price(options_.store)));
}

}  // namespace flashflood::cli
