// The loops that FlashFlood on a bucket is measured against: libcurl, a signature for each request,
// and nothing around it. No retries, no checks, one connection for each thread.
//
// Threads: one at a time; put() and get() start their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/process.h"
#include "format/block.h"
#include "store/aws/credentials.h"
#include "store/http/http_client.h"

namespace flashflood::bench {

struct BareObject {
  std::string key;  // in the bucket
  std::string bytes;
};

struct BareRange {
  std::string key;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::vector<format::BlockInfo> blocks{};  // of a journal that lie in it, whole
};

// The sum of the CRC-32C of objects, to compare with.
std::uint64_t checksum_of(std::span<const BareObject> objects);

class BareClient {
 public:
  // The bucket `name` at AWS_ENDPOINT_URL, with AWS_REGION and the keys in the environment.
  explicit BareClient(const std::string& name);

  // PUTs all objects, `at_once` at once; with `if_absent` on the condition that FlashFlood makes,
  // which some servers take long to check. Throws std::runtime_error unless each answer is a 200.
  Run put(std::span<const BareObject> objects, std::size_t at_once, bool if_absent = false) const;
  // GETs all ranges, each into a buffer of its thread, and calls `use` there with what came; it may
  // be empty.
  using Use = std::function<void(const BareRange&, std::string_view)>;
  Run get(std::span<const BareRange> ranges, std::size_t at_once, const Use& use) const;

 private:
  void sign(HttpRequest& request) const;

  std::string bucket_url_;
  std::string region_;
  Credentials credentials_;
};

}  // namespace flashflood::bench
