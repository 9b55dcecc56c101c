// bench: what this store and machine do, in a flood of its own that is removed afterwards.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>

#include "bench_work.h"
#include "commands.h"
#include "failure.h"
#include "interrupt.h"
#include "output.h"
#include "price.h"
#include "requests.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

// A place beside the store, and its removal.
class Place {
 public:
  explicit Place(std::string store) {
    std::random_device random;
    const std::string name = fmt::format("bench-{:08x}{:08x}", random(), random());
    constexpr std::string_view file_scheme = "file://";
    if (store.starts_with(file_scheme)) {
      store = store.substr(file_scheme.size());
      if (store.find('%') != std::string::npos) {
        throw UsageError("bench: give the folder as a plain path");
      }
    }
    while (store.size() > 1 && store.ends_with('/')) store.pop_back();
    in_bucket_ = has_price(store);
    const bool whole_bucket = in_bucket_ && store.find('/', store.find("://") + 3) == store.npos;
    url_ = store + (whole_bucket ? '/' : '-') + name;
    if (store.find("://") == std::string::npos) {
      folder_ = url_;
    } else if (!in_bucket_ && !store.starts_with("memory://")) {
      throw UsageError("bench works on folders, s3:// and memory:// only");
    }
  }
  ~Place() {
    try {
      remove();
    } catch (const std::exception& error) {
      print_message(error.what());
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const std::string& url() const { return url_; }
  bool in_bucket() const { return in_bucket_; }

  // Takes away what is there; returns the requests for it. Throws Failure, which says what to do.
  RequestReport remove() {
    RequestReport requests;
    if (std::exchange(removed_, true)) return requests;
    if (in_bucket_) {
      try {
        // A handle of its own: also what a failed opening has left.
        Flood flood = Flood::open(url_, {.create = false});
        flood.destroy();
        requests = flood.requests();
      } catch (const NotAFlood&) {
        // Nothing was written.
      } catch (const Error& error) {
        throw Failure(
            fmt::format("cannot remove {}: {}. Please remove what is left, such as by: aws s3 rm "
                        "--recursive {}",
                        url_, error.what(), url_));
      }
    }
    std::error_code error;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
    if (error) throw Failure(fmt::format("cannot remove {}: {}", folder_, error.message()));
    return requests;
  }

 private:
  std::string url_;
  std::string folder_;
  bool in_bucket_ = false;
  bool removed_ = false;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

// One line of the result.
class Line {
 public:
  Line(Measurement measurement, bool priced) : it_(std::move(measurement)), priced_(priced) {
    std::sort(it_.latencies.begin(), it_.latencies.end());
    const double seconds = std::max(it_.seconds, 1e-9);
    rate_ = static_cast<double>(it_.count) / seconds;
    byte_rate_ = static_cast<double>(it_.bytes) / seconds;
  }

  static std::vector<std::string> heading(bool priced) {
    std::vector<std::string> row{"OPERATION", "COUNT",  "TIME", "RATE",
                                 "DATA",      "MEDIAN", "99%",  "REQUESTS"};
    if (priced) row.emplace_back("COST");
    return row;
  }

  std::vector<std::string> row() const {
    std::vector<std::string> row{it_.name,
                                 human_count(it_.count),
                                 human_seconds(it_.seconds),
                                 human_count(static_cast<std::uint64_t>(rate_)) + "/s",
                                 it_.bytes > 0 ? byte_rate() : "",
                                 latency(0.5),
                                 latency(0.99),
                                 human_count(count_requests(it_.requests))};
    if (priced_) row.push_back(dollars(price_of_requests(it_.requests)));
    return row;
  }

  std::string json() const {
    JsonObject object;
    object.add("operation", it_.name).add("count", it_.count);
    object.add_real("seconds", it_.seconds).add_real("per_second", rate_);
    if (it_.bytes > 0) object.add_real("bytes_per_second", byte_rate_);
    if (!it_.latencies.empty()) {
      object.add_real("median_seconds", percentile(it_.latencies, 0.5));
      object.add_real("p99_seconds", percentile(it_.latencies, 0.99));
    }
    object.add("requests", count_requests(it_.requests));
    if (priced_) object.add_real("dollars", price_of_requests(it_.requests));
    return object.text();
  }

 private:
  std::string byte_rate() const {
    return human_bytes(static_cast<std::uint64_t>(byte_rate_)) + "/s";
  }
  std::string latency(double share) const {
    return it_.latencies.empty() ? "" : human_seconds(percentile(it_.latencies, share));
  }

  Measurement it_;
  bool priced_;
  double rate_ = 0;
  double byte_rate_ = 0;
};

void print_results(const std::vector<Measurement>& measurements, const RequestReport& all,
                   bool priced, bool json) {
  std::vector<std::vector<std::string>> rows{Line::heading(priced)};
  for (const Measurement& measurement : measurements) {
    const Line line(measurement, priced);
    if (json) {
      print(line.json() + "\n");
    } else {
      rows.push_back(line.row());
    }
  }
  if (json) return;
  if (priced) {
    std::vector<std::string> total(rows.front().size());
    total.front() = "all, with making and removing";
    total[total.size() - 2] = human_count(count_requests(all));
    total.back() = dollars(price_of_requests(all));
    rows.push_back(std::move(total));
  }
  print(table(rows, {1, 2, 3, 4, 5, 6, 7, 8}));
}

BenchSize size_of(const BenchArguments& arguments, bool in_bucket) {
  // What costs money, and traffic, is bounded.
  const std::uint64_t events_max = in_bucket ? 10'000'000 : 100'000'000;
  const std::uint64_t threads_max = in_bucket ? 256 : 1024;
  BenchSize size;
  if (arguments.events) size.events = parse_count("--events", *arguments.events, 1, events_max);
  if (arguments.threads) {
    size.threads = parse_count("--threads", *arguments.threads, 1, threads_max);
  }
  return size;
}

// What will be done, before it is.
std::string announcement(const Place& place, const BenchSize& size) {
  std::string text = "measuring in " + place.url() + ", which is removed afterwards";
  if (!place.in_bucket()) return text;
  RequestReport expected;
  expected.puts = size.objects();
  expected.lists = size.list_requests();
  expected.gets = size.get_requests();
  return fmt::format(
      "{}; writes about {} events, {} before they are compressed, in about {} objects: about {} of "
      "requests at list price",
      text, human_count(size.events + size.single_puts()), human_bytes(size.data_bytes()),
      human_count(size.objects()), dollars(price_of_requests(expected)));
}

}  // namespace

int run_bench(Session& session, const BenchArguments& arguments) {
  Place place(session.store());
  const BenchSize size = size_of(arguments, place.in_bucket());
  handle_interrupts();
  session.remark(announcement(place, size));
  std::vector<Measurement> measurements;
  try {
    Flood flood = Flood::open(place.url(), {.retry_for = session.retry_for()});
    measurements = measure_flood(flood, size);
    session.count(flood.requests());
  } catch (const Interrupted&) {
    session.remark("interrupted: removing " + place.url());
    return 128 + interrupted();
  }
  std::optional<Failure> not_removed;
  try {
    session.count(place.remove());
  } catch (const Failure& failure) {
    not_removed = failure;  // what was measured is printed all the same
  }
  print_results(measurements, session.counted(), place.in_bucket(), arguments.json);
  if (not_removed) throw *not_removed;
  return done;
}

}  // namespace flashflood::cli
