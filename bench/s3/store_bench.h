// FlashFlood on a bucket against bare requests to the same server.
//
// Threads: one at a time.
#pragma once

#include <string>

#include "bench/s3/bucket.h"
#include "bench/s3/events.h"

namespace flashflood::bench {

class StoreBench {
 public:
  // `retail` outlives it.
  StoreBench(const Bucket& bucket, const Events& retail, int pairs)
      : bucket_(bucket), retail_(retail), pairs_(pairs) {}

  void run();

 private:
  // The data that is recorded and replayed, and how it is stored.
  struct Load {
    std::string name;
    const Events& events;
    std::string compression;
    bool has_goal;  // no: compressing and decompressing bind, which a bare loop does not do
  };

  void record(const Load& load);
  void single_puts();
  void replay(const Load& load);
  void get();

  const Bucket& bucket_;
  const Events& retail_;
  int pairs_;
};

}  // namespace flashflood::bench
