#include "session.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "failure.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

const std::string& Session::store() const {
  if (options_.store.empty()) {
    throw UsageError(
        "no store is named: give --store URL (a folder, such as --store events, or file:///path), "
        "or set FLASHFLOOD_STORE");
  }
  return options_.store;
}

Flood& Session::open() {
  OpenOptions options;
  options.create = false;
  return flood_.emplace(Flood::open(store(), options));
}

Flood& Session::open_or_create(const CreateArguments& arguments) {
  OpenOptions options;
  if (arguments.grace) options.grace = parse_seconds("--grace", *arguments.grace);
  if (arguments.patience) options.patience = parse_seconds("--patience", *arguments.patience);
  if (arguments.compression) options.compression = *arguments.compression;
  return flood_.emplace(Flood::open(store(), options));
}

void Session::remark(const std::string& text) const {
  if (!options_.quiet) print_message(text);
}

bool Session::shows_progress() const {
  if (options_.quiet || options_.no_progress || !stderr_is_terminal()) return false;
  const char* const terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) != "dumb";
}

void Session::explain() const {
  if (!options_.explain || !flood_) return;
  const RequestReport report = flood_->requests();
  print_message(fmt::format("store requests: {} GET ({}), {} PUT ({}), {} LIST, {} DELETE",
                            human_count(report.gets), human_bytes(report.bytes_read),
                            human_count(report.puts), human_bytes(report.bytes_written),
                            human_count(report.lists), human_count(report.removes)));
}

}  // namespace flashflood::cli
