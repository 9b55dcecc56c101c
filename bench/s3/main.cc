// s3_bench: FlashFlood on a bucket, against bare requests and against the original Python package.
//
//   s3_bench store EVENTS [PAIRS]
//   s3_bench original EVENTS FOLDER COMMAND...
//
// The bucket is FLASHFLOOD_TEST_S3_URL, empty, with the variables of the AWS tools; tools/bench
// starts a server for it. EVENTS is a file of retail events. COMMAND runs the original's contender
// (original.py); files for it are written to FOLDER.
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/s3/bucket.h"
#include "bench/s3/events.h"
#include "bench/s3/original_bench.h"
#include "bench/s3/store_bench.h"

namespace flashflood::bench {
namespace {

int run(const std::vector<std::string>& words) {
  const bool store = words.size() >= 2 && words[0] == "store" && words.size() <= 3;
  const bool original = words.size() >= 4 && words[0] == "original";
  const char* const url = std::getenv("FLASHFLOOD_TEST_S3_URL");
  if (url == nullptr || (!store && !original)) {
    fmt::print(
        stderr,
        "usage: s3_bench store EVENTS [PAIRS]\n"
        "       s3_bench original EVENTS FOLDER COMMAND...\n"
        "FLASHFLOOD_TEST_S3_URL names an empty bucket: tools/s3-server run -- s3_bench ...\n");
    return 2;
  }
  const Bucket bucket(url);
  const Events retail = retail_events(words[1], std::numeric_limits<std::size_t>::max());
  if (store) {
    StoreBench(bucket, retail, words.size() > 2 ? std::stoi(words[2]) : 5).run();
  } else {
    OriginalBench(bucket, retail, words[2], {words.begin() + 3, words.end()}).run();
  }
  return 0;
}

}  // namespace
}  // namespace flashflood::bench

int main(int count, char** arguments) {
  try {
    return flashflood::bench::run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "s3_bench: {}\n", error.what());
    return 1;
  }
}
