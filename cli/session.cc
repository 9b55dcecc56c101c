#include "session.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "failure.h"
#include "output.h"
#include "price.h"
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

void Session::count(const RequestReport& report) {
  if (!counted_) counted_.emplace();
  counted_->gets += report.gets;
  counted_->puts += report.puts;
  counted_->lists += report.lists;
  counted_->removes += report.removes;
  counted_->times += report.times;
  counted_->bytes_read += report.bytes_read;
  counted_->bytes_written += report.bytes_written;
}

void Session::explain() const {
  if (!options_.explain || (!flood_ && !counted_)) return;
  const RequestReport report = counted_ ? *counted_ : flood_->requests();
  std::string cost;
  if (has_price(options_.store)) {
    cost = fmt::format(
        ", {} HEAD: {} at the list price of S3 Standard in us-east-1, and {} when the bytes leave "
        "AWS",
        human_count(report.times), dollars(price_of_requests(report)),
        dollars(price_of_transfer(report)));
  }
  print_message(fmt::format("store requests: {} GET ({}), {} PUT ({}), {} LIST, {} DELETE",
                            human_count(report.gets), human_bytes(report.bytes_read),
                            human_count(report.puts), human_bytes(report.bytes_written),
                            human_count(report.lists), human_count(report.removes)) +
                cost);
}

}  // namespace flashflood::cli
