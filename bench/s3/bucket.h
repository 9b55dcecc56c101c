// The bucket that is measured in, looked at behind FlashFlood's back.
//
// Threads: one at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/s3/bare_client.h"
#include "flashflood/flood.h"
#include "store/object_store.h"

namespace flashflood::bench {

class Bucket {
 public:
  // `url`: "s3://name", a bucket that is there and empty.
  explicit Bucket(const std::string& url);

  // The URL of a flood or of other things below `name`.
  std::string url(const std::string& name) const { return url_ + '/' + name; }
  const BareClient& client() const { return client_; }

  // The objects whose keys begin with `prefix`, and the ranges of at most `piece_bytes` that they
  // are in.
  std::vector<BareObject> objects(const std::string& prefix) const;
  std::vector<BareRange> ranges(const std::string& prefix, std::uint64_t piece_bytes) const;
  // The sum of the CRC-32C of what the ranges hold.
  std::uint64_t checksum(const std::vector<BareRange>& ranges) const;
  // Removes all objects whose keys begin with `prefix`.
  void remove(const std::string& prefix) const;

 private:
  std::string url_;
  BareClient client_;
  std::shared_ptr<ObjectStore> store_;
};

// All requests that a handle has made so far.
std::uint64_t requests_of(const Flood& flood);

}  // namespace flashflood::bench
