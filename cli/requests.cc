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
  sum.pieces += more.pieces;
  sum.parts += more.parts;
  sum.hedges += more.hedges;
  sum.rereads += more.rereads;
}

RequestReport requests_since(const RequestReport& now, const RequestReport& before) {
  return {now.gets - before.gets,
          now.puts - before.puts,
          now.lists - before.lists,
          now.removes - before.removes,
          now.times - before.times,
          now.bytes_read - before.bytes_read,
          now.bytes_written - before.bytes_written,
          now.pieces - before.pieces,
          now.parts - before.parts,
          now.hedges - before.hedges,
          now.rereads - before.rereads};
}

std::uint64_t count_requests(const RequestReport& report) {
  return report.gets + report.puts + report.lists + report.removes + report.times;
}

namespace {

// ", with 3 GET for pieces of large reads, 1 sent twice because it was slow"; often nothing.
std::string details_of(const RequestReport& report) {
  std::string text;
  const auto add = [&text](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    text +=
        fmt::format("{}{} {}", text.empty() ? "; among these " : ", ", human_count(count), what);
  };
  add(report.pieces, "GET for further pieces of large objects");
  add(report.parts, "PUT for parts of large objects");
  add(report.hedges, "sent again because the answer was slow");
  add(report.rereads, "GET because the bytes were damaged");
  return text;
}

}  // namespace

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
  return text + details_of(report);
}

}  // namespace flashflood::cli
