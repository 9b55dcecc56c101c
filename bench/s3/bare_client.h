// The loops that FlashFlood on a bucket is measured against: libcurl, and nothing around it. No
// retries, no checks, one connection for each thread; requests are signed before the clock starts.
//
// Threads: one at a time; put() and get() start their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace flashflood::bench {

struct BareObject {
  std::string key;  // in the bucket
  std::string bytes;
};

struct BareRange {
  std::string key;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct BareRun {
  double seconds = 0;
  std::uint64_t bytes = 0;     // of bodies
  std::uint64_t checksum = 0;  // sum of the CRC-32C of the bodies; only when it was asked for
};

// The sum of the CRC-32C of objects, to compare with.
std::uint64_t checksum_of(std::span<const BareObject> objects);

class BareClient {
 public:
  // The bucket `name` at AWS_ENDPOINT_URL, with the keys in the environment.
  explicit BareClient(std::string name);

  // PUTs all objects, `at_once` at once. Throws std::runtime_error unless each answer is a 200.
  BareRun put(std::span<const BareObject> objects, std::size_t at_once) const;
  // GETs all ranges, each into a buffer of its thread.
  BareRun get(std::span<const BareRange> ranges, std::size_t at_once, bool with_checksum) const;

 private:
  std::string bucket_url_;
};

}  // namespace flashflood::bench
