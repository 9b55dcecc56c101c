#include "bench/s3/events.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "bench/jmespath/corpus.h"
#include "store/aws/digest.h"

namespace flashflood::bench {

Events retail_events(const std::string& path, std::size_t count) {
  Events events;
  const std::string lines = read_events(path, count);
  simdjson::ondemand::parser parser;
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const simdjson::padded_string padded(line);
    auto document = parser.iterate(padded);
    const std::string_view invoice = document["invoice"];
    std::string id = fmt::format("{}-{}", invoice, std::uint64_t(document["line"]));
    const std::string_view date = document["date"];
    events.push_back({std::move(id), parse_timestamp(date), std::string(line)});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::pair(a.date, std::string_view(a.id)) < std::pair(b.date, std::string_view(b.id));
  });
  return events;
}

Events random_events(std::size_t count, std::size_t bytes) {
  std::mt19937_64 random(1);
  Events events;
  for (std::size_t i = 0; i < count; ++i) {
    std::string data(bytes, '\0');
    for (char& c : data) c = static_cast<char>(random() >> 56);
    events.push_back({fmt::format("event-{:09}", i),
                      Timestamp{std::chrono::seconds{1'300'000'000 + i}}, std::move(data)});
  }
  return events;
}

std::size_t data_bytes(const Events& events) {
  std::size_t bytes = 0;
  for (const Event& event : events) bytes += event.data.size();
  return bytes;
}

void append_line(std::string& text, Timestamp date, std::string_view data) {
  text += std::to_string(date.time_since_epoch().count());
  text += '\t';
  text += data;
  text += '\n';
}

std::string joined_sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

std::string digest_of(const std::string& text) { return to_hex(sha256(text)); }

void check_same(const std::string& what, const std::string& ours, const std::string& theirs) {
  if (ours != theirs) throw std::runtime_error(what + ": the contenders do not have the same data");
}

}  // namespace flashflood::bench
