#include "requests.h"

#include <fmt/format.h>

#include "price.h"
#include "text.h"

namespace flashflood::cli {

void add_requests(RequestReport& sum, const RequestReport& more) {
  sum.gets += more.gets;
  sum.puts += more.puts;
  sum.lists += more.lists;
  sum.removes += more.removes;
  sum.times += more.times;
  sum.bytes_read += more.bytes_read;
  sum.bytes_written += more.bytes_written;
}

RequestReport requests_since(const RequestReport& now, const RequestReport& before) {
  return {now.gets - before.gets,
          now.puts - before.puts,
          now.lists - before.lists,
          now.removes - before.removes,
          now.times - before.times,
          now.bytes_read - before.bytes_read,
          now.bytes_written - before.bytes_written};
}

std::uint64_t count_requests(const RequestReport& report) {
  return report.gets + report.puts + report.lists + report.removes + report.times;
}

std::string describe_requests(const RequestReport& report, bool priced) {
  std::string text = fmt::format("{} GET ({}), {} PUT ({}), {} LIST, {} DELETE",
                                 human_count(report.gets), human_bytes(report.bytes_read),
                                 human_count(report.puts), human_bytes(report.bytes_written),
                                 human_count(report.lists), human_count(report.removes));
  if (priced) {
    text += fmt::format(
        ", {} HEAD: {} at the list price of S3 Standard in us-east-1, and {} when the bytes leave "
        "AWS",
        human_count(report.times), dollars(price_of_requests(report)),
        dollars(price_of_transfer(report)));
  }
  return text;
}

}  // namespace flashflood::cli
