#include "bench/s3/bucket.h"

#include <algorithm>
#include <stdexcept>

#include "api/store_url.h"
#include "base/environment.h"
#include "format/journal.h"
#include "store/aws/digest.h"

namespace flashflood::bench {

namespace {

std::string name_of(const std::string& url) {
  constexpr std::string_view scheme = "s3://";
  if (!url.starts_with(scheme) || url.find('/', scheme.size()) != std::string::npos)
    throw std::runtime_error("the bucket is s3://NAME, not " + url);
  return url.substr(scheme.size());
}

}  // namespace

Bucket::Bucket(const std::string& url) : url_(url), client_(name_of(url)) {
  const Environment environment = system_environment();
  store_ = open_store(url, false, environment, std::make_shared<Retrier>(environment));
}

std::vector<BareObject> Bucket::objects(const std::string& prefix) const {
  std::vector<BareObject> objects;
  for (const ObjectInfo& info : list_all(*store_, prefix)) {
    auto part = store_->get(info.key, ByteRange::whole());
    if (!part) throw std::runtime_error(info.key + ": is gone");
    objects.push_back({info.key, std::move(part->bytes)});
  }
  return objects;
}

std::vector<BareRange> Bucket::ranges(const std::string& prefix, std::uint64_t piece_bytes) const {
  std::vector<BareRange> ranges;
  for (const BareObject& journal : objects(prefix)) {
    bool begins = true;
    const auto tail = format::parse_journal_tail(journal.bytes, journal.bytes.size(), journal.key);
    for (const format::BlockInfo& block : tail->blocks()) {
      if (begins || ranges.back().length + block.stored_bytes > piece_bytes)
        ranges.push_back({journal.key, block.offset, 0, {}});
      begins = false;
      ranges.back().length += block.stored_bytes;
      ranges.back().blocks.push_back(block);
    }
  }
  return ranges;
}

std::uint64_t Bucket::checksum(const std::vector<BareRange>& ranges) const {
  std::uint64_t sum = 0;
  for (const BareRange& range : ranges) {
    auto part = store_->get(range.key, ByteRange::at(range.offset, range.length));
    if (!part) throw std::runtime_error(range.key + ": is gone");
    sum += crc32c(part->bytes);
  }
  return sum;
}

void Bucket::remove(const std::string& prefix) const {
  std::vector<std::string> keys;
  for (ObjectInfo& info : list_all(*store_, prefix)) keys.push_back(std::move(info.key));
  store_->remove(keys);
}

std::uint64_t requests_of(const Flood& flood) {
  const RequestReport report = flood.requests();
  return report.gets + report.puts + report.lists + report.removes + report.times;
}

}  // namespace flashflood::bench
