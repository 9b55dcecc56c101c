// FlashFlood against the original Python package, on one server in one run.
//
// Threads: one at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/s3/bucket.h"
#include "bench/s3/events.h"

namespace flashflood::bench {

class OriginalBench {
 public:
  // `command` runs original.py, `folder` is there for its files; `retail` outlives it.
  OriginalBench(const Bucket& bucket, const Events& retail, std::string folder,
                std::vector<std::string> command)
      : bucket_(bucket),
        retail_(retail),
        folder_(std::move(folder)),
        command_(std::move(command)) {}

  void run();

 private:
  // What the original did, as it tells.
  struct Told {
    double seconds = 0;
    double count = 0;
    double requests = 0;
    std::string sha256{};
  };
  void run_original(const Events& singles, const Events& replayed);
  void put_and_record(const Events& singles);
  void journal_and_get(const Events& singles);
  void replay(const Events& events);

  const Bucket& bucket_;
  const Events& retail_;
  const std::string folder_;
  const std::vector<std::string> command_;
  std::map<std::string, Told> told_;
  std::vector<std::string> ids_;  // of the single puts
};

}  // namespace flashflood::bench
